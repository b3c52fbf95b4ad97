"""A run that is told to end (SIGTERM) does so.

Without it
    Snakemake's handler of the signal waits for a lock that the thread it interrupts may hold: then it hangs for ever.
    The locks of threads that are being started, and of semaphores, are in its way, too. A build goes on without it;
    if it hangs, `kill -9` and `snakemake --unlock` help.
Upstream
    None filed. A fix: docs/upstream/sigterm.patch.
Touches
    `JobScheduler.exit_gracefully`. It is the process's, and does what it did: no rule, ours or a host's, is treated
    otherwise.
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
    without="A run that is told to end by SIGTERM may hang: then kill -9 it and run snakemake --unlock.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler.exit_gracefully",
            {"9.27.0": "6c33e88c73244c1a"},
            _make_stop,
        ),
    ),
)
