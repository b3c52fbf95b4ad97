"""Jobs that run elsewhere, as on a cluster: they plan for themselves, and outlive the run that started them."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import soundfile as sf
from recovery import BASS
from workdirs import Workdir

LOOP = "build/tune/stems/loop.wav"
EXECUTOR = ("--executor", "elsewhere", "--jobs", "2", "--latency-wait", "2")


class Cluster(Workdir):
    """A folder whose jobs run elsewhere."""

    def start(self, *args):
        return super().start(*args, *EXECUTOR)

    def run_elsewhere(self, *args):
        return self.try_snakemake(*args, *EXECUTOR)

    @property
    def jobs(self):
        """The processes of all jobs that were started, ended or not."""
        pids = self / "elsewhere.pids"
        return [int(pid) for pid in pids.read_text().split()] if pids.exists() else []

    def ended(self, job):
        """Whether a job has ended, perhaps unseen by its Snakemake."""
        try:
            return "State:\tZ" in Path(f"/proc/{job}/status").read_text()
        except OSError:
            return True


def wait_for(condition, *args):
    end = time.monotonic() + 60
    while not condition(*args):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def cluster(workdir, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "helpers/elsewhere"))
    cluster = Cluster(workdir.path, workdir.code)
    yield cluster
    (cluster / "queue").unlink(missing_ok=True)
    for job in cluster.jobs:
        wait_for(cluster.ended, job)


def another(sample, to):
    """Another sample, as long."""
    samples, rate = sf.read(sample)
    sf.write(to, samples[::-1] / 2, rate, subtype="PCM_16")


def test_a_sample_replaced_before_its_stem_is_looked_at(cluster, tmp_path):
    """The job has ended, and the run that started it has not noticed yet."""
    (cluster / LOOP).unlink()
    before = (cluster / "audio/loop.wav").read_bytes()
    (cluster / "blind").touch()
    build = cluster.start(LOOP)
    assert build.until(lambda: any(map(cluster.ended, cluster.jobs))), build.run.text
    another(cluster / "audio/loop.wav", tmp_path / "other.wav")
    os.replace(tmp_path / "other.wav", cluster / "audio/loop.wav")
    old = (cluster / LOOP).read_bytes()
    (cluster / "blind").unlink()
    run = build.wait()
    assert run.code == 1 and "Traceback" not in run.text
    assert f"audio/loop.wav: changed or went away while {LOOP} was made from it" in run.text
    assert not (cluster / LOOP).exists()
    assert cluster.snakemake(LOOP).jobs == ["render loop"]
    assert (cluster / LOOP).read_bytes() != old
    assert cluster.snakemake(LOOP).jobs == []
    (cluster / "audio/loop.wav").write_bytes(before)
    assert cluster.snakemake(LOOP).jobs == ["render loop"]
    assert (cluster / LOOP).read_bytes() == old


@pytest.mark.parametrize("edit", [("note", "B2"), ("level_db", -12)])
def test_a_song_edited_while_its_job_waits_and_restored(cluster, built, edit):
    (cluster / BASS).unlink()
    (cluster / "queue").touch()
    (cluster / "blind").touch()
    build = cluster.start(BASS)
    assert build.until(lambda: cluster.jobs), build.run.text
    cluster.edit("stems", "bass", "source", "tone", edit[0], value=edit[1])
    (cluster / "queue").unlink()
    wait_for(cluster.ended, cluster.jobs[0])
    shutil.copyfile(built / "songs/tune.yaml", cluster / "songs/tune.yaml")
    assert (cluster / BASS).read_bytes() != (built / BASS).read_bytes()
    (cluster / "blind").unlink()
    run = build.wait()
    assert run.code == 1 and "Traceback" not in run.text
    assert f"{BASS}: was made from another version of the song" in run.text
    assert not (cluster / BASS).exists()
    assert cluster.snakemake(BASS).jobs == ["render bass"]
    assert (cluster / BASS).read_bytes() == (built / BASS).read_bytes()
    assert cluster.snakemake().jobs == []


def test_an_orphan_job_leaves_the_next_run_alone(cluster):
    """A run is killed, and its job, still in the queue, is not; the next run makes the same file here."""
    (cluster / BASS).unlink()
    (cluster / "queue").touch()
    build = cluster.start(BASS)
    log = cluster / f"logs/{BASS.removeprefix('build/')}.log"
    assert build.until(lambda: cluster.jobs), build.run.text
    build.send(signal.SIGKILL)
    build.process.wait()
    cluster.snakemake("--unlock")
    assert cluster.snakemake(BASS).jobs == ["render bass"]
    made = {path: (cluster / path).stat().st_ino for path in (BASS, f"{BASS}.made")}
    logged = log.read_text()
    (cluster / "queue").unlink()
    for job in cluster.jobs:
        wait_for(cluster.ended, job)
    assert {path: (cluster / path).stat().st_ino for path in made} == made
    assert log.read_text() == logged
    assert "the run that started this job has ended" in (cluster / "elsewhere.out").read_text()
    assert cluster.snakemake(BASS).jobs == []
    assert not list(cluster.path.rglob("*.part"))


def invalid(cluster):
    cluster.edit("stems", "bass", "gain_db", value=240)
    return "stems.bass.gain_db: must be at most 24 (is 240)"


def gone(cluster):
    (cluster / "audio/loop.wav").unlink()
    return "audio.file: there is no such file (is 'audio/loop.wav'"


def silent(cluster):
    (cluster / "audio/loop.wav").write_text("this is no audio")
    return "audio/loop.wav: is not WAV"


@pytest.mark.parametrize("spoil", [invalid, pytest.param(gone, marks=pytest.mark.long), pytest.param(silent, marks=pytest.mark.long)])  # fmt: skip
def test_why_a_job_failed_elsewhere_is_said_here(cluster, spoil):
    """Also if it fails before its script has begun, and a log of a former job is there."""
    (cluster / LOOP).unlink()
    log = cluster / f"logs/{LOOP.removeprefix('build/')}.log"
    log.write_text("of a former job")
    (cluster / "queue").touch()
    build = cluster.start(LOOP)
    assert build.until(lambda: cluster.jobs), build.run.text
    reason = spoil(cluster)
    (cluster / "queue").unlink()
    run = build.wait()
    assert run.code == 1 and reason in run.text and "of a former job" not in run.text, run.text
