"""docs/upstream/: each patch for Snakemake applies to the one installed, and mends the fault that ours is there for."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import snakemake
import test_ancient_search
import test_checksum_once
import test_end_timers
import test_failed_job_records
import test_inputs_as_read
import test_missing_records
import test_own_locks
import test_sigterm
from small_workflow import ROOT, SmallWorkflow

FOLDER = ROOT / "docs/upstream"
PATCHES = sorted(FOLDER.glob("*.patch"))
FAILING = """
rule make:
    output: "made"
    shell: "echo writing > {output}; exit 1"
"""


@pytest.fixture
def mended(tmp_path, needs):
    """The installed Snakemake with a patch, as a function of the patch's name."""

    def applied(name):
        place = tmp_path / "mended"
        package = Path(snakemake.__file__).parent
        shutil.copytree(package, place / "snakemake")
        apply = [needs("git"), "apply", "-p2", FOLDER / f"{name}.patch"]
        outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}  # of any checkout
        done = subprocess.run(apply, cwd=place, env=outside, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return place

    return applied


@pytest.mark.long
def test_ancient_search_is_mended(mended, tmp_path):
    work = SmallWorkflow(tmp_path / "work", test_ancient_search.TEXT, mended=mended("ancient-search"))
    assert test_ancient_search.after_two_edits(work) == {"check", "make"}
    assert test_ancient_search.rules_run(work, check=3, make=2) == {"check"}
    assert test_ancient_search.rules_run(work, check=3, make=2) == set()


@pytest.mark.long
def test_failed_job_records_are_mended(mended, tmp_path):
    snakemake = mended("failed-job-records")
    work = SmallWorkflow(tmp_path / "work", test_failed_job_records.TEXT, mended=snakemake)
    assert test_failed_job_records.last_after_a_failure(work) == "2"
    assert work.run("last", "--config", "param=2").rules == set()


@pytest.mark.long
@pytest.mark.parametrize("backend", ["file", "db"])
def test_what_is_kept_of_a_failed_job_is_marked(backend, mended, tmp_path):
    """As issue 3808 has it."""
    work = SmallWorkflow(tmp_path / "work", FAILING, mended=mended("failed-job-records"))
    options = ("made", "--persistence-backend", backend)
    work.fails(*options)
    work.fails(*options, "--keep-incomplete")
    assert work.read("made") == "writing"
    assert "Incomplete files:\nmade" in work.fails(*options).text


@pytest.mark.long
def test_missing_records_are_mended(mended, tmp_path):
    work = SmallWorkflow(tmp_path / "work", test_missing_records.TEXT, mended=mended("missing-records"))
    triggers = ("--rerun-triggers", "mtime", "params", "metadata")
    assert test_missing_records.made_without_records(work, *triggers) == "2"
    assert work.run("made", "--config", "param=2", *triggers).rules == set()
    shutil.rmtree(work / ".snakemake/metadata")
    assert work.run("made", "--config", "param=3").rules == set()  # by default, as before


@pytest.mark.long
@pytest.mark.parametrize("backend", ["file", "db"])
def test_own_locks_are_mended(backend, mended, tmp_path):
    work = SmallWorkflow(tmp_path / "work", test_own_locks.TEXT, mended=mended("own-locks"))
    assert test_own_locks.refused_after_another_run(work, "--persistence-backend", backend)
    assert work.run("slow", "--persistence-backend", backend, "--forceall").rules == {"slow"}


def test_sigterm_is_mended(mended):
    assert test_sigterm.ends(python_path=mended("sigterm"), seconds=30)


def test_checksum_once_is_mended(mended, tmp_path):
    """Once for the two outputs of each of two jobs."""
    work = SmallWorkflow(tmp_path / "work", test_checksum_once.TEXT, mended=mended("checksum-once"))
    assert test_checksum_once.reads(work) == 2
    assert work.run("all").rules == set()


@pytest.mark.long
def test_inputs_as_read_are_mended(mended, tmp_path):
    work = SmallWorkflow(tmp_path / "work", test_inputs_as_read.TEXT, mended=mended("inputs-as-read"))
    code, said = test_inputs_as_read.replaced_while_read(work)
    assert code == 1 and "modified while the job was running: sample" in said
    assert work.read("made") == "new"


def test_end_timers_are_mended(mended, tmp_path):
    work = SmallWorkflow(tmp_path / "work", test_end_timers.TEXT, mended=mended("end-timers"))
    assert test_end_timers.timers(work) == 0


@pytest.mark.parametrize("patch", PATCHES, ids=lambda path: path.stem)
def test_each_has_a_text_and_a_test(patch):
    text = patch.with_suffix(".md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Problem", "Reproduction", "Fix", "Tests"]
    assert f'mended("{patch.stem}")' in Path(__file__).read_text(encoding="utf-8")
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"({patch.stem}.md)" in index and f"({patch.name})" in index
