"""Builds on a real Slurm, which runs around these tests: .ci/slurm python -m pytest tests/workflow/test_slurm.py."""

import copy
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest
from workdirs import ROOT, Workdir

PROFILE = ("--profile", ROOT / "profiles/slurm", "--cores", "1", "--latency-wait", "5")
POLLING = ("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "3")
SONG = {
    "bpm": 120,
    "sections": [{"all": "1 bar"}],  # 2 s
    "stems": {
        "bass": {"source": {"tone": {"note": "A2"}}, "gain_db": -3},
        "high": {"source": {"tone": {"note": "E4"}}, "gain_db": -9},
    },
}
CONFIG = {"songs": ["one", "two"], "session": {"sample_rate": 8000, "channels": 1}}

pytestmark = pytest.mark.long


def slurm(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def jobs(*states):
    return slurm("squeue", "--noheader", "--format=%i", *(f"--states={state}" for state in states)).split()


def wait_for(condition, run):
    end = time.monotonic() + 60
    while not condition():
        assert run.poll() is None and time.monotonic() < end, run.said()
        time.sleep(0.02)


class OnSlurm(Workdir):
    """A folder whose jobs run on Slurm."""

    def start(self, *args):
        said = open(self / "said", "w+")  # noqa: SIM115
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "-s",
            self.code / "Snakefile",
            *PROFILE,
            *POLLING,
            *args,
        ]
        run = subprocess.Popen(
            list(map(str, command)),
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's `&` would ignore it
        )
        run.said = lambda: (self / "said").read_text()
        return run

    def job_of(self, song):
        """The running job of a song."""
        (job,) = (
            job
            for job in jobs("RUNNING")
            if f"song={song}" in slurm("scontrol", "write", "batch_script", job, "-")
        )
        return job


@pytest.fixture
def cluster(empty, needs):
    needs("slurmctld")
    if subprocess.run([needs("sinfo")], capture_output=True, check=False).returncode:
        pytest.skip("no Slurm answers here: .ci/slurm starts one, for these tests alone")
    assert find_spec("snakemake_executor_plugin_slurm"), "pip install snakemake-executor-plugin-slurm"
    write_songs(empty)
    yield OnSlurm(empty.path, empty.code)
    slurm("scancel", "--user=root")


def write_songs(work):
    work.write("config.yaml", CONFIG)
    for name, note in (("one", "A2"), ("two", "C3")):
        song = copy.deepcopy(SONG)
        song["stems"]["bass"]["source"]["tone"]["note"] = note
        work.write(f"songs/{name}.yaml", song)


@pytest.fixture
def local(tmp_path, cluster):
    """What the same songs are when they are built here."""
    (tmp_path / "local").mkdir()
    work = Workdir(tmp_path / "local", cluster.code)
    write_songs(work)
    return work


def test_a_catalogue_of_which_a_song_is_cancelled_and_one_refused(cluster, local):
    """The cancelled song is finished in a second submission; the refused one is refused once, and said so here."""
    for work in (cluster, local):
        work.edit("gates", "true_peak", value={"max_dbtp": -24}, song="two")
    run = cluster.start()
    wait_for((cluster / "build/one/timeline.json.ok").exists, run)
    slurm("scancel", cluster.job_of("one"))
    assert run.wait(90) == 1, run.said()
    assert "warning: song-one: what is left of it is started again." in run.said()
    assert re.search(r"two: verify the master: REFUSED", run.said()) and "true_peak" in run.said()
    assert "FAILED" not in run.said() and "Traceback" not in run.said()
    assert "refused" in local.fails().text
    made, expected = cluster.tree("build"), local.tree("build")
    assert {name for name in made} == set(expected)
    assert {name for name in made if made[name] != expected[name] and "/refused/" not in name} == set()
    ledger = "build/two/refused/master/master.wav.jsonl"
    assert made[ledger].count(b"\n") == expected[ledger].count(b"\n") == 1
    assert len(jobs("all")) == 3  # a song is one submission
    cluster.edit("gates", value=None, song="two")
    cluster.snakemake()
    assert cluster.snakemake().jobs == []


def test_a_run_that_is_stopped_and_a_node_that_goes_down(cluster, local):
    run = cluster.start()
    wait_for((cluster / "build/one/timeline.json.ok").exists, run)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 1, run.said()  # at the next look at its jobs
    assert jobs("PENDING", "RUNNING") == []

    run = cluster.start()
    wait_for((cluster / "build/two/timeline.json.ok").exists, run)
    node = "nodename=localhost"
    slurm("scontrol", "update", node, "state=drain", "reason=test")
    slurm("scontrol", "update", node, "state=down", "reason=test")
    slurm("scontrol", "update", node, "state=resume")
    assert run.wait(120) == 0, run.said()
    local.snakemake()
    assert cluster.tree("build") == local.tree("build")
    assert cluster.snakemake().jobs == []
