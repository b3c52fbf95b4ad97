"""The set-up is written down in four places (pyproject, lock, conda environment, Makefile). They agree."""

import os
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SETUP_FILES = ["pyproject.toml", "requirements.lock", "environment.yml", "Makefile", ".ci/run"]
CONDA_NAMES = {
    "python-isal": "isal",
    "pysoundfile": "soundfile",
    "snakemake-minimal": "snakemake",
    "soxr-python": "soxr",
}

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIRES_PYTHON = SpecifierSet(PYPROJECT["project"]["requires-python"])
DIRECT = {
    canonicalize_name(requirement.name): requirement
    for requirement in map(
        Requirement, [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]
    )
}
LOCK_TEXT = (ROOT / "requirements.lock").read_text()
LOCK = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK_TEXT, re.MULTILINE))
CONDA_ENTRIES = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def conda_requirements():
    """Name as on PyPI → specifier, from environment.yml, its `pip:` part included."""
    pip_part = next(entry["pip"] for entry in CONDA_ENTRIES if isinstance(entry, dict))
    conda_part = [entry for entry in CONDA_ENTRIES if isinstance(entry, str)]
    requirements = map(Requirement, conda_part + pip_part)
    return {CONDA_NAMES.get(r.name, canonicalize_name(r.name)): r.specifier for r in requirements}


def python_minors(specifier):
    return [minor for minor in range(30) if f"3.{minor}.1" in specifier]


@pytest.mark.parametrize("name", sorted(DIRECT))
def test_lock_is_in_the_declared_range(name):
    assert LOCK[name] in DIRECT[name].specifier


def test_every_declared_range_has_both_ends():
    for requirement in DIRECT.values():
        assert {s.operator for s in requirement.specifier} == {">=", "<"}, requirement


def test_lock_pins_one_version_with_hashes():
    entries = re.findall(r"^([\w.-]+)(==\S+)?(.*(?:\n .*)*)", LOCK_TEXT, re.MULTILINE)
    assert len(entries) == len(LOCK) > len(DIRECT)
    for name, pin, rest in entries:
        assert pin, f"{name} is not pinned"
        assert "--hash=sha256:" in rest, f"{name} has no hash"


def test_conda_environment_equals_the_lock():
    conda = conda_requirements()
    assert conda.keys() == DIRECT.keys() | {"python", "pip"}
    assert {name: str(conda[name]) for name in DIRECT} == {name: f"=={LOCK[name]}" for name in DIRECT}


def test_python_versions_agree():
    minors = python_minors(REQUIRES_PYTHON)
    prefix = "Programming Language :: Python :: 3."
    classifiers = PYPROJECT["project"]["classifiers"]
    assert [int(c.removeprefix(prefix)) for c in classifiers if c.startswith(prefix)] == minors

    assert python_minors(conda_requirements()["python"]) == minors

    low, high = re.search(r"\((3, \d+)\) <= sys.version_info < \((3, \d+)\)", makefile()).groups()
    assert python_minors(SpecifierSet(f">={low},<{high}".replace(", ", "."))) == minors

    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py3{minors[0]}"


@pytest.mark.parametrize("name", SETUP_FILES)
def test_nothing_of_the_machine_it_was_made_on(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted-host", drop_emit_flags(text))
    assert not re.search(r"(?<![\w.)}/])/(?!dev/null|usr/bin/env)\w+/\w", text), "absolute path"


def drop_emit_flags(text):
    return re.sub(r"--no-emit-\S+", "", text)


# --- the Makefile -----------------------------------------------------------------------------


def makefile():
    return (ROOT / "Makefile").read_text()


@pytest.fixture
def checkout(tmp_path):
    """A folder, with a space in its path, holding what `make` needs to set itself up."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ["Makefile", "requirements.lock"]:
        (folder / name).write_text((ROOT / name).read_text())
    return folder


@pytest.fixture
def make(needs, checkout):
    program = needs("make")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}

    def run(*arguments):
        return subprocess.run(
            [program, *arguments], cwd=checkout, env=env, capture_output=True, text=True, timeout=60
        )

    return run


def executable(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def stamp(checkout, seconds_after_lock):
    """Make `.venv` look as if it had been finished so long after the lock was written."""
    ready = checkout / ".venv/ready"
    ready.parent.mkdir()
    ready.touch()
    finished = (checkout / "requirements.lock").stat().st_mtime + seconds_after_lock
    os.utime(ready, (finished, finished))


@pytest.mark.parametrize("target", ["all", "test", "lint", "docs"])
@pytest.mark.parametrize(
    "seconds_after_lock, installs", [(None, True), (-10, True), (10, False)], ids=["new", "stale", "ready"]
)
def test_make_installs_only_when_the_lock_is_newer(checkout, make, target, seconds_after_lock, installs):
    if seconds_after_lock is not None:
        stamp(checkout, seconds_after_lock)
    plan = make("-n", target)
    assert plan.returncode == 0, plan.stderr
    assert ("-m pip install" in plan.stdout) is installs


def test_make_alone_builds_the_songs(checkout, make):
    stamp(checkout, 10)
    assert make("-n").stdout == ".venv/bin/snakemake --cores all\n"


@pytest.mark.parametrize("version, accepted", [("3, 10, 9", False), ("3, 11, 0", True), ("3, 13, 0", False)])
def test_make_refuses_other_pythons(checkout, make, tmp_path, version, accepted):
    """A Python that claims to be `version`, and gives up half-way through making a venv."""
    claim = f"import sys; sys.version_info = ({version})"
    fake = executable(
        tmp_path / "fake-python",
        f'[ "$1" = -c ] || {{ mkdir .venv; exit 7; }}\nexec python3 -c "{claim}; $2"',
    )
    result = make("test", f"PYTHON='{fake}'")
    assert result.returncode == 2
    assert ("Stemwright needs Python 3.11 or 3.12" in result.stderr) is not accepted
    assert (checkout / ".venv").exists() is accepted


def test_make_says_so_when_there_is_no_python(make):
    result = make("test", "PYTHON=no-such-python")
    assert result.returncode == 2
    assert "'no-such-python' is not that" in result.stderr


def test_a_failed_install_is_done_again(checkout, make, tmp_path):
    """The fake Python makes a venv whose pip succeeds only once the file `online` is there."""
    online = tmp_path / "online"
    installed_python = f'[ "$2" != pip ] || [ -e "{online}" ]'
    template = executable(tmp_path / "template", installed_python)
    fake = executable(
        tmp_path / "fake-python",
        f'[ "$1" = -m ] || exit 0\nmkdir -p .venv/bin\ncp "{template}" .venv/bin/python',
    )
    for _ in range(2):
        assert make("test", f"PYTHON='{fake}'").returncode == 2
        assert not (checkout / ".venv/ready").exists()
    online.touch()
    assert make("test", f"PYTHON='{fake}'").returncode == 0
    assert (checkout / ".venv/ready").exists()
    assert "pip install" not in make("-n", "test").stdout


def test_a_path_with_a_space_is_refused_in_words(tmp_path):
    folder = tmp_path / "a checkout"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    run = subprocess.run(["make", "-n"], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 2 and f"from a path with a space in it: move '{folder}'" in run.stderr
