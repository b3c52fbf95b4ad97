"""SIGTERM ends a run, even if it comes while the scheduler is locked by the thread that the signal interrupts."""

import os
import select
import subprocess
import sys

from small_workflow import ROOT

PATCHED = """
from stemwright.snakemake_patches.sigterm import PATCH
PATCH.install(None)
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


def test_snakemake_waits_for_itself():
    """When this fails, Snakemake has mended it: the patch may go."""
    assert not ends()


def test_with_the_patch_it_ends():
    assert ends(PATCHED, python_path=ROOT / "scripts", seconds=30)
