"""Where the songs of a commit are built, and what is put there."""

import os
import subprocess
from pathlib import Path

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.workflow import revision


def git(*args):
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def commit(tmp_path, monkeypatch):
    """A commit of a song in a folder of a repository; beside it, a recording whose name is not UTF-8."""
    here = tmp_path / "repository/top"
    (here / "songs").mkdir(parents=True)
    (here / ".snakemake").mkdir()
    monkeypatch.chdir(here)
    git("init", "-q", "..")
    Path("songs/tune.yaml").write_text("title: then")
    git("add", "songs")
    git("commit", "-qm", "one")
    Path("songs/tune.yaml").write_text("title: now")
    Path(os.fsdecode(b"take\xff.wav")).write_bytes(b"RIFF")
    return git("rev-parse", "HEAD")


@pytest.mark.parametrize("results", ["build", "out/all", "../out", "/absolute/out"])
def test_all_of_it_is_written_into_its_folder(commit, monkeypatch, results):
    commands = []

    def build(folder, archives, inside, snakefile, cores):
        commands.append((Path(folder), archives, inside))
        assert Path(folder, "songs/tune.yaml").read_text() == "title: then"
        assert (Path(folder) / os.fsdecode(b"take\xff.wav")).read_bytes() == b"RIFF"

    monkeypatch.setattr(revision, "_build", build)
    archives = {"tune": f"{results}/tune/tune.zip", "newer": f"{results}/newer/newer.zip"}
    with revision.built_at(commit, archives, results, "Snakefile", 1) as earlier:
        ((folder, asked, inside),) = commands
        assert not os.path.isabs(inside) and ".." not in inside
        assert asked == {"tune": f"{inside}/tune/tune.zip"}
        assert earlier == {"tune": f"{folder}/{inside}/tune/tune.zip"}
    assert not folder.exists() and not list(Path(".snakemake").iterdir())


def test_what_git_cannot_say_is_told(commit):
    git("config", "core.bare", "true")
    with (
        pytest.raises(StemwrightError, match="cannot be listed: fatal: this operation must be run in a work"),
        revision.built_at(commit, {"tune": "build/tune/tune.zip"}, "build", "Snakefile", 1),
    ):
        pass


def test_what_killed_comparisons_have_left_is_removed(commit, monkeypatch):
    seen = []

    def build(folder, archives, inside, snakefile, cores):
        if not seen:
            seen.append(Path(folder))
            Path(".snakemake/diff-of-a-killed-one/songs").mkdir(parents=True)
            with revision.built_at(commit, {"tune": "build/tune/tune.zip"}, "build", "Snakefile", 1):
                seen.extend(Path(".snakemake").iterdir())

    monkeypatch.setattr(revision, "_build", build)
    with revision.built_at(commit, {"tune": "build/tune/tune.zip"}, "build", "Snakefile", 1):
        pass
    assert (
        len(set(seen)) == 2 and seen[0] in seen[1:]
    )  # the other one that runs stays; that of the killed one is gone
    assert not list(Path(".snakemake").iterdir())
