"""SIGTERM ends a run.

Without it
    Snakemake's signal handler waits for a lock that may be held by the thread that the signal has interrupted: the run
    hangs forever. The locks inside `Semaphore` and `Thread.start` are a danger, too. A build goes on without this
    patch, with a warning.
Upstream
    None filed. A fix: docs/upstream/sigterm.patch.
Touches
    `JobScheduler.exit_gracefully`, which does the same as before, in another thread. It concerns the process, not
    rules: nothing changes for a host.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_sigterm.py::test_snakemake_waits_for_itself fails.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable

from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_stop(exit_gracefully: Callable) -> Callable:
    def stop(self, *args):
        # In a thread made without any lock of Python's own: a signal may come while one is held.
        _thread.start_new_thread(exit_gracefully, (self, *args))

    return stop


PATCH = Patch(
    name="sigterm",
    without="A run that gets SIGTERM may hang; if so, kill -9 it and run snakemake --unlock.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler.exit_gracefully",
            {"9.27.0": "6c33e88c73244c1a"},
            _make_stop,
        ),
    ),
)
