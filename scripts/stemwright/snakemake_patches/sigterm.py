"""SIGTERM and SIGHUP end a run, and no lock is left; Ctrl-C that is pressed twice ends it as once.

Without it
    Snakemake's signal handler waits for a lock that may be held by the thread that the signal has interrupted: the run
    hangs forever. The locks inside `Semaphore` and `Thread.start` are a danger, too. SIGHUP, which a closed terminal
    sends, has no handler: it kills Snakemake, and the folder stays locked. So does SIGTERM before the scheduler is
    there. A second Ctrl-C interrupts how the first one ends a run: tracebacks of asyncio are told, and jobs elsewhere
    may not be cancelled. One that comes just as asyncio begins a task is raised as CancelledError, which Snakemake does
    not expect. A build goes on without this patch, with a warning.
Upstream
    None filed. A fix: docs/upstream/sigterm.patch.
Touches
    `JobScheduler.exit_gracefully`, which does the same as before, in another thread, and `JobScheduler.__init__`, which
    sets it as the handler of SIGTERM: then it is that of SIGHUP, too, unless that is ignored (`nohup`). Until then,
    both signals end Snakemake by an exception. While the executor cancels jobs, and for some seconds, SIGINT is ignored
    by this process (jobs get it from the terminal); until then, asyncio handles it as ever. `Workflow.async_run` raises
    KeyboardInterrupt for a task of the main thread that was cancelled. It concerns the process, not rules: a host's
    runs end without a lock, too.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_sigterm.py::test_snakemake_waits_for_itself fails.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stemwright.snakemake_patches._patch import Patch, Replacement

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_END_S = 3.0
"""How long a run may take to end before Ctrl-C is heard again."""


def _make_stop(exit_gracefully: Callable) -> Callable:
    def stop(self, *args):
        # In a thread made without any lock of Python's own: a signal may come while one is held.
        _thread.start_new_thread(exit_gracefully, (self, *args))

    return stop


def _make_scheduler(init: Callable) -> Callable:
    def scheduler(self, *args, **kwargs):
        init(self, *args, **kwargs)
        _handle(self.exit_gracefully, signal.SIGHUP)
        self._executor.cancel = _make_cancel(self._executor.cancel)

    return scheduler


def _make_cancel(cancel: Callable) -> Callable:
    def cancel_undisturbed():
        end = time.monotonic() + _END_S

        def interrupt(*received):
            if time.monotonic() > end:
                signal.default_int_handler(*received)

        _handle(interrupt, signal.SIGINT)
        cancel()

    return cancel_undisturbed


def _make_run(async_run: Callable) -> Callable:
    def run(self, coro):
        try:
            return async_run(self, coro)
        except CancelledError:
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt from None
            raise

    return run


def _set_up(workflow: Workflow) -> None:
    if workflow.is_main_process:
        _handle(_exit, signal.SIGTERM, signal.SIGHUP)


def _exit(number: int, _: Any) -> None:
    sys.exit(128 + number)


def _handle(handler: Callable, *numbers: int) -> None:
    """Set the handler of signals that are not ignored. Python allows it in its main thread only."""
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)


PATCH = Patch(
    name="sigterm",
    without="A run that gets SIGTERM may hang; if so, kill -9 it. Then, or after SIGHUP, run snakemake --unlock.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler.exit_gracefully",
            {"9.27.0": "6c33e88c73244c1a"},
            _make_stop,
        ),
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler.__init__",
            {"9.27.0": "ca8eec60e3a3eba3"},
            _make_scheduler,
        ),
        Replacement("snakemake.workflow:Workflow.async_run", {"9.27.0": "265c5d37bdb5ec95"}, _make_run),
    ),
    set_up=_set_up,
)
