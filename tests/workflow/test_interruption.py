"""What survives a kill: no half-written file bears a final name, and the next run finishes the work."""

import hashlib
import json
import os
import random
import shutil
import signal
import time
import zipfile

import pytest
import soundfile as sf
from conftest import Workdir

FULL = os.environ.get("CI", "") not in ("", "0", "false") or "STEMWRIGHT_FULL" in os.environ
SEEDS = range(5 if FULL else 1)
KILLS, KILLS_AMONG_EDITS = 6, 4  # for each seed
FRAMES = 32_000
BASS = "build/tune/stems/bass.wav"
EDITS = [
    (("stems", "bass", "source", "tone", "note"), ("A2", "B2")),
    (("stems", "drums", "effects"), ([{"compressor": {"threshold_db": -20}}], [])),
    (("stems", "loop", "pan"), (0.3, -0.3)),
    (("master", "target", "integrated_lufs"), (-16, -18)),
]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_whole(workdir):
    """Every file with a final name can be read to its end, and is what its sentinel, if newer, speaks of."""
    for name, data in workdir.tree("build").items():
        path = workdir / name
        if path.name.startswith(".") and path.suffix == ".part":
            continue
        if path.suffix == ".wav":
            assert len(data) == 8 + int.from_bytes(data[4:8], "little"), name
            assert len(sf.read(path)[0]) == FRAMES, name
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None, name
        else:
            assert path.suffix in (".json", ".ok"), name
            record, artifact = json.loads(data), path.with_suffix("")
            if path.suffix == ".ok" and artifact.exists() and artifact.stat().st_mtime < path.stat().st_mtime:
                assert record["sha256"] == sha256(artifact), name


def started(workdir, *args):
    """A build that has begun: after `--unlock` if Snakemake asks for it, as a user would."""
    build = workdir.start(*args)
    build.until(lambda: "Select jobs" in build.run.text)
    if build.process.poll() and "can be removed with the --unlock argument" in build.wait().text:
        workdir.snakemake("--unlock")
        return workdir.start(*args)
    return build


def kill(workdir, rng):
    """Kill a build and all its jobs, before the first job or until the ninth. Whether it was not over before."""
    build = workdir.start() if rng.random() < 0.2 else started(workdir)
    moment = rng.randint(0, 8)
    build.until(lambda: len(build.run.jobs) >= moment)
    time.sleep(rng.uniform(0, 0.4 if moment else 1.5))
    build.send(signal.SIGKILL)
    run = build.wait()
    check_whole(workdir)
    return run.code == -signal.SIGKILL


def finish(workdir, *args):
    """The next run finishes, and leaves nothing to be done."""
    build = started(workdir, *args)
    assert build.wait().code == 0, build.run.text
    assert workdir.snakemake(*args).jobs == []
    check_whole(workdir)
    assert not list(workdir.path.rglob("*.part"))


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_moments(seed, unbuilt, built):
    rng = random.Random(seed)
    for _ in range(KILLS):
        assert kill(unbuilt, rng)
    finish(unbuilt)
    assert unbuilt.tree("build") == built.tree("build")


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_among_edits_which_are_then_undone(seed, workdir, built):
    rng = random.Random(seed)
    values, kills = dict(EDITS), 0
    while kills < KILLS_AMONG_EDITS:
        keys, _ = rng.choice(EDITS)
        values[keys] = values[keys][::-1]
        workdir.edit(*keys, value=values[keys][0])
        kills += kill(workdir, rng)
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


def test_interrupted_and_terminated(unbuilt, built):
    """Ctrl-C and its like: Snakemake ends by itself, says so, and leaves no lock."""
    for number in (signal.SIGINT, signal.SIGTERM):
        for alone in (True, False):
            build = unbuilt.start()
            assert build.until(lambda build=build: len(build.run.jobs) >= 4)
            build.send(number, alone)
            run = build.wait()
            assert run.code not in (0, -number), run.text
            assert "Traceback" not in run.text or not alone, run.text
            check_whole(unbuilt)
    unbuilt.snakemake()
    assert unbuilt.tree("build") == built.tree("build")


def long_bass(workdir):
    """Start to render a bass of ten minutes. The answer is the build when the job is at work, and its process."""
    workdir.edit("sections", value=[{"one": "300 bars"}])
    build = workdir.start(BASS)
    log = workdir / "logs/tune/stems/bass.wav.log"
    assert build.until(lambda: build.runs(BASS) and log.exists() and log.stat().st_size)
    (job,) = [n for n, text in build.processes().items() if "render_stem.py" in text and "pipefail" not in text]
    return build, job


def test_a_job_killed_for_memory(workdir):
    build, job = long_bass(workdir)
    os.kill(job, signal.SIGKILL)
    run = build.wait()
    assert run.code == 1 and "Traceback" not in run.text
    assert "Error in rule render_stem" in run.text and BASS in run.text
    assert "This job did not come to its end: it crashed or was killed, as the system does" in run.text
    assert not (workdir / BASS).exists()
    workdir.snakemake(BASS)
    assert (workdir / "logs/tune/stems/bass.wav.log").read_text() == ""
    assert workdir.snakemake(BASS).jobs == []


def test_when_snakemake_is_killed_its_jobs_do_not_live_on(workdir):
    build, _ = long_bass(workdir)
    build.send(signal.SIGKILL, alone=True)
    build.wait()
    assert not (workdir / BASS).exists()
    run = workdir.fails(BASS)
    assert "can be removed with the --unlock argument" in run.text
    workdir.snakemake("--unlock")
    workdir.snakemake(BASS)
    assert not list(workdir.path.rglob("*.part"))


def test_two_builds_at_once(unbuilt, built):
    first = unbuilt.start()
    assert first.until(lambda: first.run.jobs)
    for _ in range(2):
        assert len(unbuilt.snakemake("-n").jobs) > 3
        second = unbuilt.fails()
        assert "Directory cannot be locked" in second.text and second.jobs == []
    assert first.process.poll() is None, "too fast for this test"
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
    assert "no record of how it was made" in run.text
    assert (workdir / BASS).read_bytes() == (built / BASS).read_bytes()
    assert workdir.snakemake(BASS).jobs == []
    assert "pack the archive" in workdir.snakemake("-n").jobs
