"""Jobs that run elsewhere, as on a cluster: they plan for themselves, and outlive the run that started them."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
import soundfile as sf
import yaml
from recovery import BASS
from workdirs import ROOT, Workdir

LOOP = "build/tune/stems/loop.wav"
PLUGINS = str(ROOT / "tests/helpers/elsewhere")
EXECUTOR = ("--executor", "elsewhere", "--jobs", "2", "--latency-wait", "2")
PROFILE = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
GROUPS = [f"{rule}={group}" for rule, group in PROFILE["groups"].items()]


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
    monkeypatch.setenv("PYTHONPATH", PLUGINS)
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


@pytest.mark.long
def test_what_a_song_s_own_rule_reads_replaced_before_it_is_looked_at(cluster):
    cluster.write(
        "songs/tune.smk",
        'rule own:\n    input: "text"\n    output: "own"\n    shell: "cp {input} {output}"\n',
    )
    cluster.write("text", "old")
    (cluster / "blind").touch()
    build = cluster.start("own")
    assert build.until(lambda: any(map(cluster.ended, cluster.jobs))), build.run.text
    assert (cluster / "own").read_text() == "old"
    cluster.write("text", "new")
    (cluster / "blind").unlink()
    run = build.wait()
    assert run.code == 1 and "text: changed or went away while own was made from it" in run.text
    cluster.run_elsewhere("own")
    assert (cluster / "own").read_text() == "new"
    assert "Nothing to be done" in cluster.snakemake("own").text


@pytest.mark.parametrize("edit", [("note", "B2"), pytest.param(("level_db", -12), marks=pytest.mark.long)])
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


@pytest.mark.long
def test_an_orphan_job_leaves_the_next_run_alone(cluster):
    """A run is killed, and its job, still in the queue, is not; the next run makes the same file here."""
    (cluster / BASS).unlink()
    (cluster / "queue").touch()
    build = cluster.start(BASS)
    log = cluster / f"logs/{BASS.removeprefix('build/')}.log"
    claims = cluster / ".snakemake/stemwright/claims"  # made just after the job has been started
    assert build.until(lambda: claims.exists() and any(claims.iterdir())), build.run.text
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


def test_a_song_as_a_group_of_which_one_is_refused(cluster, built):
    """As in profiles/slurm. It is told and kept, and not started again; what does not depend on it is built."""
    cluster.edit("stems", "bass", "source", "tone", "level_db", value=-100)
    cluster.edit("stems", "high", value={"source": {"tone": {"note": "E4"}}, "gain_db": -20})
    run = cluster.run_elsewhere("--groups", *GROUPS, "--retries", "2", "--resources", "mem_mb=900")
    assert run.code == 1 and run.text.count("REFUSED (") == 1 and "Traceback" not in run.text, run.text
    assert "\nwarning: build/tune/stems/high.wav: placeholder " in run.text  # as it is said here
    assert re.search("^silence +FAIL +-100 dBFS peak ", run.text, re.MULTILINE), run.text
    done = {"render bass", "verify bass", "render high", "verify high", "verify high, processed"}
    assert done < set(run.jobs) and "mix" not in run.jobs and len(cluster.jobs) == 1, run.text
    assert (cluster / BASS).exists()
    for kept in ("mix/mix.wav", "tune.zip", "tune.zip.ok"):
        assert (cluster / "build/tune" / kept).read_bytes() == (built / "build/tune" / kept).read_bytes()
    assert len((cluster / "build/tune/refused/stems/bass.wav.jsonl").read_text().splitlines()) == 1
    shutil.copyfile(built / "songs/tune.yaml", cluster / "songs/tune.yaml")
    assert "render bass" in cluster.snakemake().jobs
    assert (cluster / "build/tune/tune.zip").read_bytes() == (built / "build/tune/tune.zip").read_bytes()


TINY = {
    "bpm": 120,
    "sections": [{"all": "1 bar"}],  # 2 s
    "stems": {
        "bass": {"source": {"tone": {"note": "A2"}}, "gain_db": -3},
        "hit": {"source": {"audio": {"file": "audio/hit.wav"}}, "gain_db": -9},
        "ours": {"source": {"audio": {"file": "audio/made.wav"}}, "gain_db": -12},
    },
}
CONFIG = {"songs": ["tiny"], "session": {"sample_rate": 8000, "channels": 1}}
OWN_RULE = """
rule invert:
    input: "audio/hit.wav"
    output: "audio/made.wav"
    run:
        import soundfile
        samples, rate = soundfile.read(input[0])
        soundfile.write(output[0], -samples[::-1], rate)
"""
HOST = """
configfile: "mine.yaml"

module stemwright:
    snakefile: "{code}/Snakefile"
    config: config["stemwright"]
    {how}

use rule * from stemwright as music_*
"""


@pytest.fixture
def tiny(empty, built):
    """A song of a tone, a sample, and a sample that a rule of its own makes."""
    (empty / "audio").mkdir()
    samples, rate = sf.read(built / "audio/loop.wav")
    sf.write(empty / "audio/hit.wav", samples, rate)
    empty.write("config.yaml", CONFIG)
    empty.write("songs/tiny.yaml", TINY)
    empty.write("songs/tiny.smk", OWN_RULE)
    return empty


def check_build(work, root, args=(), rule=""):
    """A build is complete, nothing is to be done after it, and audit and prune see it."""
    assert {"render hit", "pack tiny.zip", "verify tiny.zip"} <= set(work.snakemake(*args).jobs)
    made = [path for path in work.tree() if path.startswith(f"{root}/build/tiny/".removeprefix("./"))]
    assert any(path.endswith("tiny.zip.ok") for path in made)
    assert work.snakemake(*args).jobs == []
    sentinels = sum(path.endswith(".ok") for path in made)
    assert f"\n{sentinels} files audited, 0 refused\n" in work.snakemake(*args, f"{rule}audit").text
    work.edit("stems", "hit", value=None, song="tiny")
    work.snakemake(*args)
    work.snakemake(*args, f"{rule}prune")
    assert [path for path in work.tree() if re.search(r"build/.*hit\.wav", path)] == []
    assert work.snakemake(*args).jobs == []


@pytest.mark.parametrize(
    ("how", "root"),
    [
        ('prefix: "music"', "music"),
        pytest.param('replace_prefix: {"<results>/": "music/<results>/"}', "music", marks=pytest.mark.long),
        pytest.param(
            'replace_prefix: {"build/": "music/"}', ".", marks=pytest.mark.long
        ),  # is not in our rules
    ],
)
def test_a_module_with_a_prefix(tiny, how, root):
    """What Stemwright makes is below the prefix; what a song is made from is where its YAML says."""
    (tiny / "config.yaml").unlink()
    tiny.write("mine.yaml", {"stemwright": CONFIG})
    host = Workdir(tiny.path, tiny.path)
    host.write("Snakefile", HOST.format(code=tiny.code, how=how))
    check_build(host, root, ("--workflow-profile", ROOT / "profiles/default"), "music_")


@pytest.mark.long
@pytest.mark.parametrize("prefix", ["", "away"])
def test_files_in_a_storage(tiny, prefix, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", PLUGINS)
    storage = ("--default-storage-provider", "fs", *(("--default-storage-prefix", prefix) if prefix else ()))
    check_build(tiny, prefix or ".", storage)


@pytest.mark.long
def test_why_a_job_failed_with_files_in_a_storage(tiny, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", PLUGINS)
    (tiny / "audio/hit.wav").write_text("this is no audio")
    run = tiny.fails("--default-storage-provider", "fs")
    assert "audio/hit.wav: is not WAV" in run.text


@pytest.mark.long
def test_jobs_that_share_no_folder(tiny, monkeypatch):
    """Each works on copies of its own, as with Kubernetes and a bucket: inputs are fetched, and outputs handed over."""
    monkeypatch.setenv("PYTHONPATH", PLUGINS)
    cluster = Cluster(tiny.path, tiny.code)
    storage = ("--default-storage-provider", "fs", "--default-storage-prefix", "away")
    own = ("--remote-job-local-storage-prefix", "there", "--shared-fs-usage", "sources", "source-cache", "software-deployment")  # fmt: skip
    target = "build/tiny/processed/ours.wav.ok"
    run = cluster.run_elsewhere(target, *storage, *own)
    assert run.code == 0, run.text
    assert cluster.run_elsewhere(target, *storage, *own).jobs == []
    tiny.snakemake(target)
    made = {name.removeprefix("away/"): data for name, data in tiny.tree("away/build").items()}
    assert made == tiny.tree("build")
