"""What survives a kill: no half-written file bears a final name, and the next run finishes the work."""

import os
import random
import re
import shutil
import signal
import time

import pytest
from marks import long_but
from recovery import BASS, LOCKED, check_whole, finish, killed
from workdirs import Workdir, copy_code

BASS_LOG = "logs/tune/stems/bass.wav.log"
EDITS = [
    (("stems", "bass", "source", "tone", "note"), ("B2", "C3")),
    (("stems", "drums", "effects"), ([{"lowpass": {"cutoff_hz": 900}}], [])),
    (("stems", "loop", "pan"), (0.1, -0.3)),
    (("master", "target", "integrated_lufs"), (-17, -18)),
]


@pytest.mark.parametrize("seed", long_but((1,), range(20)))
def test_killed_at_a_random_moment(seed, workdir, built):
    """In a first build, or in one that edits have asked for; these are then undone."""
    rng = random.Random(seed)
    while True:
        if seed % 2:
            shutil.rmtree(workdir / "build")
            shutil.rmtree(workdir / ".snakemake")
        for keys, values in rng.sample(EDITS, 2) if not seed % 2 else ():
            workdir.edit(*keys, value=rng.choice(values))
        if killed(workdir, rng):
            break
    check_whole(workdir)
    if rng.random() < 0.3:  # and again in the run that is to mend it
        workdir.snakemake("--unlock")
        killed(workdir, rng)
        check_whole(workdir)
    shutil.copyfile(built / "songs/tune.yaml", workdir / "songs/tune.yaml")
    finish(workdir)
    assert workdir.tree("build") == built.tree("build")


def test_an_edit_between_a_kill_and_the_next_run(workdir, built, tmp_path):
    clean = Workdir(shutil.copytree(workdir.path, tmp_path / "clean"), built.code)
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    build = workdir.start()
    assert build.until(lambda: build.runs("build/tune/processed/bass.wav"))
    build.send(signal.SIGKILL)
    build.wait()
    for folder in (workdir, clean):
        folder.edit("stems", "bass", "source", "tone", "note", value="C3")
    finish(workdir)
    clean.snakemake()
    assert workdir.tree("build") == clean.tree("build")


@pytest.mark.long
def test_killed_where_no_mark_could_be_made(workdir, built):
    """Snakemake marks what it begins; if that fails (a full disk), it goes on, and the old record would speak for the new file."""
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    (workdir / BASS).unlink()
    build = workdir.start(BASS)
    build.until((workdir / BASS).exists)
    build.send(signal.SIGKILL)
    build.wait()
    for mark in (workdir / ".snakemake/incomplete").iterdir():
        mark.unlink()
    shutil.copyfile(built / "songs/tune.yaml", workdir / "songs/tune.yaml")
    finish(workdir, BASS)
    assert (workdir / BASS).read_bytes() == (built / BASS).read_bytes()


@pytest.mark.parametrize(
    ("number", "alone"),
    [
        (signal.SIGINT, False),
        pytest.param(signal.SIGINT, True, marks=pytest.mark.long),
        (signal.SIGTERM, False),
        (signal.SIGTERM, True),
        pytest.param(signal.SIGHUP, False, marks=pytest.mark.long),
    ],
)
def test_interrupted_or_terminated(number, alone, workdir, built):
    """Ctrl-C and its like, also where all jobs get it: Snakemake ends by itself, says so and no more, and leaves no lock."""
    shutil.rmtree(workdir / "build/tune/processed")
    build = workdir.start()
    assert build.until(lambda: len(build.run.jobs) >= 3)
    build.send(number, alone)
    run = build.wait()
    # A signal that comes as a task of asyncio ends is lost on it: then the build goes on to its end.
    assert run.code not in (0, -number) or "\nDone in " in run.text, run.text
    assert not re.search("Traceback|Error|FAILED", run.text), run.text
    assert len(re.findall("^(Terminating|Will exit)", run.text, re.MULTILINE)) <= 1, run.text
    check_whole(workdir)
    workdir.snakemake()
    assert workdir.tree("build") == built.tree("build")
    assert workdir.snakemake().jobs == []


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_ctrl_c_twice(seconds, workdir, built):
    """Who is in a hurry gets the same end, in words."""
    shutil.rmtree(workdir / "build/tune/processed")
    build = workdir.start()
    assert build.until(lambda: len(build.run.jobs) >= 3)
    for _ in range(3):
        build.send(signal.SIGINT)
        time.sleep(seconds)
    run = build.wait()
    assert run.code != 0 and run.text.count("\nStopped in ") == 1, run.text
    assert not re.search("Traceback|Exception|event loop|awaited|destroyed", run.text), run.text
    assert not list((workdir / ".snakemake/locks").glob("*.lock"))
    check_whole(workdir)
    workdir.snakemake()
    assert workdir.tree("build") == built.tree("build")


def long_bass(workdir):
    """Start to render a bass of half an hour. The answer is the build when the job is at work, and its process."""
    workdir.edit("sections", value=[{"one": "1000 bars"}])
    build, jobs = workdir.start(BASS), []
    assert build.until(lambda: jobs.extend(build.processes(workdir / BASS_LOG)) or jobs)
    return build, jobs[0]


@pytest.mark.parametrize("place", ["scripts/stemwright/plan/anew.py", "Snakefile"], ids=["songs", "rules"])
def test_ctrl_c_while_songs_or_rules_are_read(place, workdir, tmp_path):
    workdir.code = copy_code(tmp_path / "code")
    with open(workdir.code / place, "a") as file:
        file.write("\nimport os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    before = workdir.tree("build")
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    run = workdir.fails()
    assert "Interrupted. Nothing was built." in run.text and "Traceback" not in run.text
    assert workdir.tree("build") == before


def test_a_job_killed_for_memory(workdir):
    build, job = long_bass(workdir)
    os.kill(job, signal.SIGKILL)
    run = build.wait()
    assert run.code == 1 and "Traceback" not in run.text
    assert "tune: render bass: FAILED (" in run.text and BASS in run.text
    assert "This job did not finish: it crashed, or it was killed, for example by the system" in run.text
    assert not (workdir / BASS).exists()
    workdir.snakemake(BASS)
    assert (workdir / BASS_LOG).read_text() == ""
    assert workdir.snakemake(BASS).jobs == []


def test_when_snakemake_is_killed_its_jobs_do_not_live_on(workdir):
    build, _ = long_bass(workdir)
    build.send(signal.SIGKILL, alone=True)
    build.wait()
    assert not (workdir / BASS).exists()
    run = workdir.fails(BASS)
    assert LOCKED in run.text
    workdir.snakemake("--unlock")
    workdir.snakemake(BASS)
    assert not list(workdir.path.rglob("*.part"))


def test_two_builds_at_once(unbuilt, built):
    first = unbuilt.start()
    assert first.until(lambda: first.run.jobs)
    first.send(signal.SIGSTOP)
    for meanwhile in ("-n", "audit"):
        said = unbuilt.snakemake(meanwhile).text
        assert ("Note: a build runs here" in said) == (meanwhile == "-n") and "Error" not in said
        second = unbuilt.fails()
        assert "Directory cannot be locked" in second.text and LOCKED in second.text and second.jobs == []
    first.send(signal.SIGCONT)
    assert first.wait().code == 0, first.run.text
    assert unbuilt.tree("build") == built.tree("build")
    assert unbuilt.snakemake().jobs == []


def test_what_nothing_is_known_of_is_made_again(workdir, built):
    """Without Snakemake's records, deleted perhaps to be rid of a lock, nobody can tell what a file was made from."""
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    workdir.snakemake(BASS)
    shutil.copyfile(built / "songs/tune.yaml", workdir / "songs/tune.yaml")
    shutil.rmtree(workdir / ".snakemake")
    run = workdir.snakemake(BASS)
    assert "none is on record" in run.text
    assert (workdir / BASS).read_bytes() == (built / BASS).read_bytes()
    assert workdir.snakemake(BASS).jobs == []
    assert "pack tune.zip" in workdir.snakemake("-n").jobs
