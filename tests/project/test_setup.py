"""The set-up is written down in five places (pyproject, lock, conda environment, Makefile, README). They agree."""

import importlib.metadata
import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SETUP_FILES = ["pyproject.toml", "requirements.lock", "environment.yml", "Makefile", ".ci/run"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIRES_PYTHON = SpecifierSet(PYPROJECT["project"]["requires-python"])
RUNTIME, DEVELOPMENT = (
    {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, texts)}
    for texts in (PYPROJECT["project"]["dependencies"], PYPROJECT["dependency-groups"]["dev"])
)
DIRECT = RUNTIME | DEVELOPMENT
LOCK_TEXT = (ROOT / "requirements.lock").read_text()
LOCK = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK_TEXT, re.MULTILINE))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


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
    python, pip, wheels = CONDA
    assert python_minors(SpecifierSet(python.removeprefix("python "))) == python_minors(REQUIRES_PYTHON)
    assert pip == "pip" and wheels.keys() == {"pip"}
    pins = dict(pin.split("==") for pin in wheels["pip"])
    assert {canonicalize_name(name): pin for name, pin in pins.items()} == {
        name: LOCK[name] for name in RUNTIME
    }


def test_the_packages_that_are_checked_to_load_are_the_declared_ones():
    checked = runpy.run_path(str(ROOT / "scripts/check_libraries.py"))["LIBRARIES"]
    packages = importlib.metadata.packages_distributions()
    names = {canonicalize_name(packages[library.partition(".")[0]][0]) for library in checked}
    assert names == RUNTIME.keys()


def test_python_versions_agree():
    minors = python_minors(REQUIRES_PYTHON)
    prefix = "Programming Language :: Python :: 3."
    classifiers = PYPROJECT["project"]["classifiers"]
    assert [int(c.removeprefix(prefix)) for c in classifiers if c.startswith(prefix)] == minors

    low, high = re.search(r"\((3, \d+)\) <= sys.version_info < \((3, \d+)\)", makefile()).groups()
    assert python_minors(SpecifierSet(f">={low},<{high}".replace(", ", "."))) == minors
    told = [f"3.{minor}" for minor in minors]
    for text in (makefile(), (ROOT / "README.md").read_text()):
        assert f"Python {', '.join(told[:-1])} or {told[-1]}" in " ".join(text.split())
    assert f"make PYTHON=python{told[-1]}" in makefile()

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


SITE = ".venv/lib/python3.11/site-packages"


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
    (checkout / ".venv").mkdir()
    finished = (checkout / "requirements.lock").stat().st_mtime + seconds_after_lock
    for name in ("pyvenv.cfg", "installed", "ready"):
        (checkout / ".venv" / name).touch()
        os.utime(checkout / ".venv" / name, (finished, finished))


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


@pytest.mark.parametrize(
    "version, accepted", [("3, 10, 9", False), ("3, 11, 0", True), ("3, 13, 9", True), ("3, 14, 0", False)]
)
def test_make_refuses_other_pythons(checkout, make, tmp_path, version, accepted):
    """A Python that claims to be `version`, and gives up half-way through making a venv."""
    claim = f"import sys; sys.version_info = ({version})"
    fake = executable(
        tmp_path / "fake-python",
        f'[ "$1" = -c ] || {{ mkdir .venv; exit 7; }}\nexec python3 -c "{claim}; $2"',
    )
    result = make("test", f"PYTHON='{fake}'")
    assert result.returncode == 2
    assert ("Stemwright needs Python 3.11, 3.12 or 3.13 with venv" in result.stderr) is not accepted
    assert (checkout / ".venv").exists() is accepted


def test_make_says_so_when_there_is_no_python(make):
    result = make("test", "PYTHON=no-such-python")
    assert result.returncode == 2
    assert "'no-such-python' is not that" in result.stderr


@pytest.fixture
def fake_python(checkout, make, tmp_path):
    """`run(**works)`: make test, where Python makes a venv in which pip and the check of the libraries work, or not.

    The answer is whether it succeeded, and what was run in that venv.
    """

    def run(pip, check):
        done, works = tmp_path / "done", tmp_path / "works"
        done.unlink(missing_ok=True)
        works.write_text(f"pytest {'pip' if pip else ''} {'check_libraries.py' if check else ''}")
        template = executable(
            tmp_path / "template",
            f"""echo "$*" >> "{done}"
case "$1" in -m) what=$2;; *) what=${{1##*/}};; esac
grep -qw "$what" "{works}\"""",
        )
        python = executable(
            tmp_path / "fake-python",
            '[ "$1" = -m ] || exit 0\n'
            f'mkdir -p .venv/bin {SITE}\ntouch .venv/pyvenv.cfg\ncp "{template}" .venv/bin/python',
        )
        result = make("test", f"PYTHON='{python}'")
        commands = {"pip": "-m pip ", "check": "scripts/check_libraries.py", "pytest": "-m pytest"}
        told = done.read_text()
        return result.returncode == 0, [name for name, start in commands.items() if start in told]

    return run


def test_a_failed_install_is_done_again(fake_python):
    for _ in range(2):
        assert fake_python(pip=False, check=True) == (False, ["pip"])
    assert fake_python(pip=True, check=True) == (True, ["pip", "check", "pytest"])
    assert fake_python(pip=True, check=True) == (True, ["pytest"])


def test_python_seldom_looks_for_objects_to_free(checkout, fake_python):
    assert fake_python(pip=True, check=True)[0]
    code = f"import gc, site; site.addsitedir({str(checkout / SITE)!r}); print(gc.get_threshold())"
    told = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told == "(100000, 20, 20)\n"


def test_libraries_that_do_not_load_are_checked_again_and_not_installed_again(fake_python):
    assert fake_python(pip=True, check=False) == (False, ["pip", "check"])
    for _ in range(2):
        assert fake_python(pip=True, check=False) == (False, ["check"])
    assert fake_python(pip=True, check=True) == (True, ["check", "pytest"])
    assert fake_python(pip=True, check=True) == (True, ["pytest"])


def test_a_library_that_does_not_load_is_told_with_its_package(tmp_path):
    lacking = "libatomic.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "pedalboard.py").write_text(f"raise ImportError({lacking!r})")
    (tmp_path / "soxr.py").write_text("raise ImportError('of another kind')")
    run = subprocess.run(
        [sys.executable, ROOT / "scripts/check_libraries.py"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1 and run.stderr.splitlines()[1:] == [
        f"pedalboard: {lacking}",
        "soxr: of another kind",
        "Install what they need (Debian, Ubuntu): apt install libatomic1",
    ]


def test_libraries_that_load(tmp_path):
    subprocess.run([sys.executable, ROOT / "scripts/check_libraries.py"], check=True)


def others_folder(path):
    """A folder of the user's, with a file, an empty folder and a link in it."""
    (path / "kept/empty").mkdir(parents=True)
    (path / "kept/file").write_text("precious")
    (path / "link").symlink_to("kept")


def in_the_way(checkout, what):
    """Put it where `.venv` is to be. The answer is how make names it."""
    venv, elsewhere = checkout / ".venv", checkout.parent / "elsewhere"
    if what == "a folder":
        others_folder(venv)
        return "a folder with something else in it"
    if what == "a file":
        venv.write_text("precious")
        return "no folder"
    if what == "a link to a folder":
        others_folder(elsewhere)
    elif what == "a link to a file":
        elsewhere.write_text("precious")
    elif what == "a link to a venv":
        others_folder(elsewhere)
        (elsewhere / "pyvenv.cfg").write_text("precious")
    elif what == "a link to an empty folder":
        elsewhere.mkdir()
    venv.symlink_to("../elsewhere")
    return "a link to '../elsewhere'"


def seen(folder):
    """Everything in a folder: kind, date of change, and content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_ctime_ns,
            os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None,
        )
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    "what",
    [
        "a folder",
        "a file",
        "a link to a folder",
        "a link to a file",
        "a link to a venv",
        "a link to an empty folder",
        "a link to nothing",
    ],
)
@pytest.mark.parametrize("target", ["all", "test", "lint", "docs"])
def test_what_is_in_the_way_of_the_venv_is_told_and_stays(checkout, make, what, target):
    named = in_the_way(checkout, what)
    before = seen(checkout.parent)
    result = make(target)
    assert result.returncode == 2
    assert f"'.venv' is in the way: it is {named}." in result.stderr
    assert "Nothing was changed: move it away, and run make again." in result.stderr
    assert seen(checkout.parent) == before


def test_a_link_to_a_venv_that_is_ready_is_used_as_it_is(checkout, make):
    stamp(checkout, 10)
    (checkout / ".venv").rename(checkout.parent / "elsewhere")
    (checkout / ".venv").symlink_to("../elsewhere")
    assert make("-n", "test").stdout.startswith(".venv/bin/python -m pytest")


def test_an_empty_folder_is_not_in_the_way(checkout, fake_python):
    (checkout / ".venv").mkdir()
    assert fake_python(pip=True, check=True) == (True, ["pip", "check", "pytest"])


def test_a_path_with_a_space_is_refused_in_words(tmp_path):
    folder = tmp_path / "a checkout"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    run = subprocess.run(["make", "-n"], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 2 and f"from a path with a space in it: move '{folder}'" in run.stderr
