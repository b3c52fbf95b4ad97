"""What a job's log and exit say of how it ended."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
SCRIPT = """
import resource, sys, warnings
from types import SimpleNamespace
from stemwright.base.errors import StemwrightError
from stemwright.workflow.job import job

snakemake = SimpleNamespace(log=["logs/a.log"], output={{}}, params=SimpleNamespace(job={{"params": {{"n": 3}}}}))
with job(snakemake) as params:
    print("printed", params["n"])
    {work}
"""


def run(folder, work, script=SCRIPT):
    """Exit code, what came to the screen, and the log."""
    done = subprocess.run(
        [sys.executable, "-c", script.format(work=work) if work else script],
        cwd=folder,
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr, (folder / "logs/a.log").read_text()


@pytest.mark.parametrize(
    ("work", "code", "says"),
    [
        ("pass", 0, ""),
        ("raise StemwrightError('songs/a.yaml:3: no')", 1, "songs/a.yaml:3: no\n"),
        ("open('audio/lost.wav')", 1, "audio/lost.wav: No such file or directory\n"),
        ("bytes(1 << 50)", 1, "out of memory: run fewer jobs at once (snakemake --cores), or provide more\n"),
        ("raise KeyboardInterrupt", 1, "interrupted\n"),
        ("raise ImportError from KeyboardInterrupt()", 1, "interrupted\n"),
        ("sys.exit(3)", 1, ""),
        (r"raise StemwrightError('\x1b[31m.wav: no\nwhy\x9b')", 1, "\\x1b[31m.wav: no\nwhy\\x9b\n"),
        (r"open('\x1b[31m\n.wav')", 1, r"\x1b[31m\n.wav: No such file or directory" + "\n"),
        (r"print('\x1b]0;title\x07\r30 %\t')", 0, "\\x1b]0;title\\x07\n30 %\t\n"),
    ],
)
def test_what_ends_a_job_is_told_in_words(tmp_path, work, code, says):
    assert run(tmp_path, work) == (code, "", f"printed 3\n{says}")


def test_a_mistake_of_ours_is_told_with_its_traceback(tmp_path):
    code, screen, log = run(tmp_path, "1 / 0")
    assert (code, screen) == (1, "") and log.startswith("printed 3\nTraceback")
    assert log.endswith("ZeroDivisionError: division by zero\n")


def test_a_job_that_crashes(tmp_path):
    """What was printed before stays, and the log says that this was not all."""
    code, screen, log = run(
        tmp_path, "sys.stdout.flush(); import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    )
    assert code < 0 and screen == ""
    assert log.startswith("This job did not finish") and log.endswith("printed 3\n")


ORPHAN = """
import os
from types import SimpleNamespace
from stemwright.base.files import atomic_write
from stemwright.records.claims import CLAIMED_FOR, claim, release
from stemwright.records.refusals import record_refusal
from stemwright.workflow.job import job
from pathlib import Path

class Output(list):
    made = "build/tune/mix/mix.wav.made"
    def get(self, name):
        return self.made

os.environ[CLAIMED_FOR] = "the first run"
claim("build/tune/mix/mix.wav", "the first run")
asked = {{"params": {{}}, "tools": {{}}, "artifact": "build/tune/mix/mix.wav", "ledgers": {{}}}}
output = Output(["build/tune/mix/mix.wav", Output.made])
snakemake = SimpleNamespace(log=["logs/a.log"], input=[], output=output, params=SimpleNamespace(job=asked))
with job(snakemake):
    {before}
    with atomic_write(output[0]) as part:
        part.write_text("of the first run")
        {meanwhile}
    {after}
"""
TO_ANOTHER = "claim(output[0], 'the second run'); Path('logs/a.log').write_text('of the second run')"


@pytest.mark.parametrize(
    ("at", "what", "left"),
    [
        ("before", "pass", ["mix.wav", "mix.wav.made"]),
        ("before", TO_ANOTHER, []),
        ("meanwhile", TO_ANOTHER, []),
        ("meanwhile", "release(output[0])", []),  # the second run has made it, and recorded it
        ("after", TO_ANOTHER, ["mix.wav"]),  # it was still the first run's, and the second will make it again
        ("before", f"{TO_ANOTHER}; record_refusal(Path('build/tune/mix/ledger'), {{}})", []),
    ],
)
def test_a_job_that_has_lost_its_claim_writes_nothing(tmp_path, at, what, left):
    places = {"before": "pass", "meanwhile": "pass", "after": "pass", at: what}
    code, screen, log = run(tmp_path, None, ORPHAN.format(**places))
    found = sorted(path.name for path in tmp_path.glob("build/tune/mix/*"))
    assert found == left
    if what == "pass":
        assert (code, screen, log) == (0, "", "")
    else:
        assert code == 1 and "the run that started this job has ended: nothing is written" in screen
        assert ("second" in what) == (log == "of the second run")


def test_where_the_log_cannot_grow_the_screen_tells(tmp_path):
    work = "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); raise StemwrightError('the reason')"
    code, screen, _ = run(tmp_path, work)
    assert code != 0 and "the reason" in screen
