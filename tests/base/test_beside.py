"""Work beside a process is done once where it succeeds, and again here where it does not."""

import errno
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from stemwright.base.beside import Beside


def test_it_is_done_elsewhere_and_its_result_comes_here():
    beside = Beside(lambda: (os.getpid(), list(range(100_000))))
    pid, numbers = beside.result()
    assert pid != os.getpid() and numbers == list(range(100_000))
    assert not psutil.pid_exists(pid)


def test_both_work_at_the_same_time():
    began = time.monotonic()
    beside = Beside(lambda: time.sleep(0.5))
    time.sleep(0.5)
    beside.result()
    assert time.monotonic() - began < 0.95


@pytest.mark.parametrize("fault", ["killed", "not to be pickled", "exit"])
def test_what_fails_there_is_done_here(fault, monkeypatch):
    here = os.getpid()

    def work():
        if os.getpid() == here:
            return "here"
        if fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "exit":
            sys.exit(3)
        return lambda: None

    assert Beside(work).result() == "here"


def test_where_no_process_can_be_started_it_is_done_here(monkeypatch):
    def fork():
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "fork", fork)
    before = os.listdir("/proc/self/fd")
    beside = Beside(os.getpid)
    assert beside.result() == os.getpid()
    beside.stop()
    assert os.listdir("/proc/self/fd") == before


def test_an_error_is_raised_here():
    def work():
        raise ValueError("of the work itself")

    with pytest.raises(ValueError, match="of the work itself"):
        Beside(work).result()


def test_what_is_stopped_ends():
    beside = Beside(lambda: time.sleep(60))
    fork = psutil.Process(beside._pid)
    beside.stop()
    beside.stop()
    assert not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE


def test_it_ends_with_the_process_that_began_it():
    program = """
import os, time
from stemwright.base.beside import Beside
beside = Beside(lambda: time.sleep(60))
print(beside._pid, flush=True)
time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    pytest.fail("it lives on")


def test_elsewhere_all_is_done_here(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Beside(os.getpid).result() == os.getpid()
