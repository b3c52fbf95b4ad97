"""SIGTERM ends a run, even if it comes while the scheduler is locked by the thread that the signal interrupts.

So does SIGHUP, and no lock is left. Ctrl-C that is pressed twice: tests/workflow/test_interruption.py.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
import time

import pytest
from small_workflow import ROOT, SmallWorkflow
from snakemake_forks import SNAKEMAKE

PATCHED = """
from stemwright.snakemake_patches.sigterm import PATCH
from types import SimpleNamespace
PATCH.install(SimpleNamespace(is_main_process=True))
"""
TERMINATED = """
import os, signal, sys, threading
import snakemake.cli
from snakemake.scheduling.job_scheduler import JobScheduler
{install}
scheduler = object.__new__(JobScheduler)
scheduler._lock, scheduler._open_jobs = threading.Lock(), threading.Semaphore(0)
signal.signal(signal.SIGTERM, scheduler.exit_gracefully)
with scheduler._lock:
    print("locked", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
assert scheduler._open_jobs.acquire(timeout=30)
print(scheduler._user_kill, flush=True)
"""


def ends(install="", *, python_path="", seconds=3):
    """Whether a scheduler that is terminated while it is locked says so within some seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", TERMINATED.format(install=install)],
        env={**os.environ, "PYTHONPATH": str(python_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "locked\n"
        ready, _, _ = select.select([process.stdout], [], [], seconds)
        return bool(ready) and process.stdout.readline() == "graceful\n"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.long
def test_snakemake_waits_for_itself():
    """When this fails, Snakemake has mended it: the patch may go."""
    assert not ends()


def test_with_the_patch_it_ends():
    assert ends(PATCHED, python_path=ROOT / "scripts", seconds=30)


PRESSED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from stemwright.snakemake_patches import sigterm
sigterm._END_S = float(sys.argv[1])

def cancel():
    os.kill(os.getpid(), signal.SIGINT)
    print("cancelled")

sigterm._make_cancel(cancel)()
"""


@pytest.mark.parametrize(("seconds", "said"), [(60, "cancelled\n"), (-1, "")], ids=["soon", "late"])
def test_ctrl_c_does_not_interrupt_how_a_run_ends_for_some_seconds(seconds, said):
    done = subprocess.run(
        [sys.executable, "-c", PRESSED, str(seconds)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
    )
    assert done.stdout == said and (done.returncode == 0) == bool(said)


EARLY = """
import asyncio, os, signal, threading

class Runner(asyncio.Runner):
    @property
    def _interrupt_count(self):
        return self._count
    @_interrupt_count.setter
    def _interrupt_count(self, count):
        if count == 0 and signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            os.kill(os.getpid(), signal.SIGINT)
        self._count = count

workflow._async_runners[threading.get_ident()] = Runner()
workflow.async_run(asyncio.sleep(60))
"""


@pytest.mark.parametrize(
    ("patches", "said"),
    [((), "CancelledError"), (("sigterm",), "KeyboardInterrupt")],
    ids=["without", "with"],
)
def test_ctrl_c_just_as_a_task_begins(patches, said, tmp_path):
    """Python counts what comes from a moment after it has set its handler. With the patch, it is as any other."""
    assert SmallWorkflow(tmp_path, EARLY, patches).fails().text.splitlines()[-1].endswith(said)


SLOW = """
rule slow:
    output: "slow"
    shell: "touch begun; sleep 2; touch {output}"
"""


def locks_after(number, work, ignored=False):
    """How a run ended that got a signal at work, and the locks that it has left."""
    run = work.start("slow", under=["nohup"] if ignored else ())
    while not (work / "begun").exists():
        time.sleep(0.02)
    run.send_signal(number)
    text, _ = run.communicate(timeout=60)
    return run.returncode, text, list((work / ".snakemake/locks").glob("*.lock"))


def test_snakemake_leaves_its_lock_when_the_terminal_is_closed(tmp_path):
    """When this fails, Snakemake has mended it."""
    code, _, locks = locks_after(signal.SIGHUP, SmallWorkflow(tmp_path, SLOW))
    assert code == -signal.SIGHUP and locks


def test_with_the_patch_no_lock_is_left(tmp_path):
    code, text, locks = locks_after(signal.SIGHUP, SmallWorkflow(tmp_path, SLOW, ["sigterm"]))
    assert code not in (0, -signal.SIGHUP) and not locks and "Traceback" not in text


@pytest.mark.long
def test_nohup_is_heeded(tmp_path):
    code, _, locks = locks_after(signal.SIGHUP, SmallWorkflow(tmp_path, SLOW, ["sigterm"]), ignored=True)
    assert code == 0 and not locks


def test_a_closed_terminal(tmp_path):
    """The kernel sends SIGHUP, and nothing can be printed any more."""
    work = SmallWorkflow(tmp_path, SLOW, ["sigterm"])
    terminal, its_end = os.openpty()
    run = subprocess.Popen(
        [SNAKEMAKE, "--cores", "1", "slow"],
        cwd=tmp_path,
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(its_end)
    while not (work / "begun").exists():
        time.sleep(0.02)
    os.close(terminal)
    assert run.wait(60) != 0
    assert not list((work / ".snakemake/locks").glob("*.lock"))


def test_before_the_scheduler_is_there(tmp_path):
    """A lock is taken before the scheduler is made."""
    early = """
onstart:
    open("begun", "w")
import os, signal, snakemake.workflow
from snakemake.scheduling.job_scheduler import JobScheduler
class Late(JobScheduler):
    def __init__(self, *args):
        os.kill(os.getpid(), signal.SIGTERM)
snakemake.workflow.JobScheduler = Late
"""
    work = SmallWorkflow(tmp_path, SLOW + early, ["sigterm"])
    assert work.fails("slow").code == 128 + signal.SIGTERM
    assert not list((work / ".snakemake/locks").glob("*.lock"))
