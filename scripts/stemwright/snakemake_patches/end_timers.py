"""A run ends with its last job.

Without it
    In each scheduling round, Snakemake starts a timer that looks for further jobs a second later. At the end of a
    run, Python waits for the last timer: each run takes up to a second longer. It is only slower without this patch.
Upstream
    None filed. A fix: docs/upstream/end-timers.patch.
Touches
    `JobScheduler._schedule_reevalutation`, whose timers do the same as before, but as daemon threads; uses
    `JobScheduler._open_jobs`. It concerns the process, not rules: for a host, too, only the end comes sooner.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_end_timers.py::test_snakemake_waits_for_its_timers fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_look_again(schedule: Callable) -> Callable:
    def look_again(self, delay):
        timer = threading.Timer(delay, self._open_jobs.release)
        timer.daemon = True  # Python does not wait for it at its end
        timer.start()

    return look_again


PATCH = Patch(
    name="end_timers",
    without="A run takes up to a second longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler._schedule_reevalutation",
            {"9.27.0": "f3a56927a5b1569a"},
            _make_look_again,
        ),
    ),
)
