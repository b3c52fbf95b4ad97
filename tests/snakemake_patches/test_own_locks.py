"""A run that ends leaves the locks of another one that is at work."""

import time

import pytest
from small_workflow import SmallWorkflow

TEXT = """
rule slow:
    output: "slow"
    shell: "touch begun-$$; while [ ! -e on ]; do sleep 0.02; done; touch {output}"

rule quick:
    output: "quick"
    shell: "touch {output}"
"""


def until_begun(work, times, *builds):
    """Wait until the slow job has begun so often, or one of the builds has ended."""
    end = time.monotonic() + 60
    while len(list(work.path.glob("begun-*"))) < times and all(build.poll() is None for build in builds):
        assert time.monotonic() < end
        time.sleep(0.01)


def refused_after_another_run(work, *args):
    """Whether the folder is locked for a file that a run is making, when a run of another file has ended."""
    first = work.start("slow", *args)
    until_begun(work, 1, first)
    work.run("quick", *args)
    third = work.start("slow", "--rerun-incomplete", *args)
    until_begun(work, 2, first, third)
    (work / "on").touch()
    said, _ = third.communicate(timeout=60)
    first.communicate(timeout=60)
    return "Directory cannot be locked" in said


def test_snakemake_takes_away_the_locks_of_another_run(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert not refused_after_another_run(SmallWorkflow(tmp_path, TEXT))


@pytest.mark.long
def test_snakemake_s_other_backend_does_so_too(tmp_path):
    """Why the profile does not use it."""
    assert not refused_after_another_run(SmallWorkflow(tmp_path, TEXT), "--persistence-backend", "db")


def test_with_the_patch_the_folder_stays_locked(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["own_locks"])
    assert refused_after_another_run(work)
    assert not list((work / ".snakemake/locks").iterdir())


def test_unlock_takes_away_all(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["own_locks"])
    build = work.start("slow")
    until_begun(work, 1, build)
    build.kill()
    (work / "on").touch()
    build.communicate(timeout=60)
    work.run("quick")
    assert "Directory cannot be locked" in work.fails("slow", "--rerun-incomplete").text
    work.run("slow", "--unlock")
    work.run("slow", "--rerun-incomplete")
