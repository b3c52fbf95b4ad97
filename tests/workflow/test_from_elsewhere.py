"""Used from a git host, where the rules come without the library: the installed one is used, if it is theirs.

Snakemake's `github(...)` is led to a repository on this machine by git's own `url.….insteadOf`, so nothing is asked of
the network.
"""

import shutil
import subprocess
import sys
import zipfile

import pytest
from workdirs import ROOT, Workdir, copy_code, once

TINY = {
    "bpm": 120,
    "sections": [{"all": "1 bar"}],  # 2 s
    "stems": {"bass": {"source": {"tone": {"note": "A2"}}, "gain_db": -3}},
}
CONFIG = {"songs": ["tiny"], "session": {"sample_rate": 8000, "channels": 1}}
HOST = """
configfile: "mine.yaml"

module stemwright:
    snakefile: {snakefile}
    config: config["stemwright"]

use rule * from stemwright as music_*

rule report:
    input: "build/tiny/tiny.zip", "build/tiny/tiny.zip.ok"
    output: "sizes.txt"
    shell: "wc -c < {{input[0]}} > {{output}}"
"""
DEPLOYED = """
from snakemake.utils import min_version


min_version("6.10.0")


configfile: "config/config.yaml"


# declare https://github.com/someone/stemwright as a module
module stemwright:
    snakefile:
        github("someone/stemwright", path="workflow/Snakefile", branch="main")
    config:
        config


# use all rules from https://github.com/someone/stemwright
use rule * from stemwright
"""
REMOTE = 'github("someone/stemwright", path="Snakefile", branch="main")'
REMEDY = 'pip install "git+https://github.com/someone/stemwright@main"'


def git(repository, *arguments):
    who = ("-c", "user.name=Someone", "-c", "user.email=someone@localhost")
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)


def snapshot(folder):
    """A git repository of the working tree."""
    folder.mkdir()
    copy_code(folder)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)


def commit(repository):
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=Snapshot")


def install(repository, folder):
    """What `pip install .` does, into a folder: with the build backend that is here, and nothing downloaded."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-build-isolation",
        "--no-deps",
    ]
    done = subprocess.run([*pip, "--target", folder, repository], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def published(tmp_path_factory, needs):
    """A folder with a repository of ours, `repository`, and the library installed from it, `site`. Not to be changed."""
    needs("git")

    def make(folder):
        folder.mkdir()
        snapshot(folder / "repository")
        install(folder / "repository", folder / "site")

    return once(tmp_path_factory, "published", make)


class Host(Workdir):
    """A folder with a workflow that uses ours as a module."""

    def __init__(self, path, repository, site=None, snakefile=REMOTE):
        path.mkdir()
        super().__init__(path, path)
        self.write("Snakefile", HOST.format(snakefile=snakefile))
        self.write("mine.yaml", {"stemwright": CONFIG})
        self.write("songs/tiny.yaml", TINY)
        self.repository = repository
        self.env = {
            "XDG_CACHE_HOME": str(path / "cache"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/someone/stemwright",
            "PYTHONPATH": str(site or ""),
        }

    def try_snakemake(self, *args, env=None, under=()):
        profile = ("--workflow-profile", ROOT / "profiles/default")
        return super().try_snakemake(*args, *profile, env={**self.env, **(env or {})}, under=under)


def test_the_library_is_installed_whole(published):
    """All that is in its folders, and nothing besides."""

    def content(folder):
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    installed = published / "site"
    packages = {"stemwright", "snakemake_logger_plugin_stemwright"}
    for package in packages:
        assert content(installed / package) == content(ROOT / "scripts" / package)
    assert {path.name.partition("-")[0] for path in installed.iterdir()} == packages


@pytest.mark.long
def test_a_module_from_a_git_host(published, tmp_path):
    shutil.copytree(published / "repository", tmp_path / "repository")
    host = Host(tmp_path / "host", tmp_path / "repository", published / "site")
    assert "render bass" in host.snakemake("report").jobs
    assert host.snakemake("report").jobs == []

    clone = Host(tmp_path / "clone", None, snakefile=f'"{tmp_path}/repository/Snakefile"')
    clone.snakemake("report")
    # Records say which code was asked: a digest of its files, where they are.
    theirs, ours = (
        {path: data for path, data in work.tree("build").items() if not path.endswith((".made", ".ok"))}
        for work in (host, clone)
    )
    assert theirs == ours and "build/tiny/tiny.zip" in ours
    with zipfile.ZipFile(host / "build/tiny/tiny.zip") as archive:
        assert "tiny_master.wav" in archive.namelist() and archive.testzip() is None

    # An edit of a script, there, is seen here.
    script = tmp_path / "repository/scripts/mix_stems.py"
    script.write_text(script.read_text() + "\nprint('of the next commit')\n")
    commit(tmp_path / "repository")
    jobs = host.snakemake("report").jobs
    assert "mix" in jobs and "render bass" not in jobs
    assert "of the next commit" in (host / "logs/tiny/mix/mix.wav.log").read_text()


@pytest.mark.long
def test_a_copy_that_snakedeploy_made(published, tmp_path):
    """The workflow that snakedeploy 0.17 writes there; it copies config/ and profiles/. Asked for nothing, all is built."""
    host = Host(tmp_path / "host", published / "repository", published / "site")
    host.code = host / "workflow"
    host.write("workflow/Snakefile", DEPLOYED)
    host.write("config/config.yaml", CONFIG)
    assert {"render bass", "master", "pack tiny.zip"} <= set(host.snakemake("-n").jobs)


def test_without_the_library_the_remedy_is_told(published, tmp_path):
    (tmp_path / "elsewhere/stemwright").mkdir(parents=True)  # a folder of that name is no library
    host = Host(tmp_path / "host", published / "repository", tmp_path / "elsewhere")
    run = host.fails("report")
    assert "Stemwright's library is not installed" in run.text and f"Install it: {REMEDY}\n" in run.text
    assert "Nothing was built." in run.text and not (host / "build").exists()


def test_a_clone_without_the_libraries_that_ours_needs(empty, tmp_path):
    (tmp_path / "soundfile.py").write_text("raise ModuleNotFoundError('No module', name='soundfile')")
    empty.write("config.yaml", CONFIG)
    run = empty.fails("-n", env={"PYTHONPATH": str(tmp_path)})
    assert f"not installed for {sys.executable}: soundfile\nInstall all of them: make, then" in run.text


def test_a_library_of_another_version_is_refused(published, tmp_path):
    shutil.copytree(published / "site", tmp_path / "site")
    edit_version(tmp_path / "site/stemwright", "0.0.7")
    host = Host(tmp_path / "host", published / "repository", tmp_path / "site")
    run = host.fails("report")
    assert "is 0.0.7: " in run.text and f"Install the one that belongs to them: {REMEDY}\n" in run.text
    assert "Nothing was built." in run.text and not (host / "build").exists()


def edit_version(library, version):
    module = library / "__init__.py"
    text, edited = module.read_text(), module.read_text().splitlines()
    edited = [f'__version__ = "{version}"' if line.startswith("__version__") else line for line in edited]
    assert edited != text.splitlines()
    module.write_text("\n".join(edited))


@pytest.mark.parametrize("start", ["warm", "cold"])
def test_a_clone_runs_on_its_own_library(empty, tmp_path, start):
    """Another one is installed, and would be found first."""
    empty.write("config.yaml", CONFIG)
    empty.write("songs/tiny.yaml", TINY)
    other = tmp_path / "site/stemwright/__init__.py"
    other.parent.mkdir(parents=True)
    other.write_text("raise RuntimeError('the installed one')")
    cold = ("--set-threads", "build_timeline=2", "verify_timeline=2", "render_stem=2")
    run = empty.snakemake(
        "build/tiny/stems/bass.wav",
        *(cold if start == "cold" else ()),
        env={"PYTHONPATH": str(other.parents[1])},
    )
    assert "render bass" in run.jobs and (empty / "build/tiny/stems/bass.wav").exists()


def test_two_libraries_in_one_workflow_are_refused(published, tmp_path):
    host = Host(tmp_path / "host", None, published / "site", f'"{published}/repository/Snakefile"')
    host.write("Snakefile", "import stemwright\n" + (host / "Snakefile").read_text())
    run = host.fails("report")
    assert (
        f"another copy of Stemwright is loaded already: {published}/site/stemwright/__init__.py" in run.text
    )


def test_every_script_looks_beside_itself_first():
    """As what `script:` runs has its own folder last on its path."""
    rules = "".join(file.read_text() for file in (ROOT / "rules").glob("*.smk"))
    for script in (ROOT / "scripts").glob("*.py"):
        text = script.read_text()
        if f"../scripts/{script.name}" in rules:
            before, insert, _ = text.partition("\nsys.path.insert(0, snakemake.scriptdir)")
            assert insert and "stemwright" not in before, script
