"""A run ends with its last job.

Without it
    In each scheduling round, Snakemake starts a timer that looks for further jobs a second later: in another round,
    which starts a timer, too. So each job brings one more round a second, to the end of the run. Then Python waits for
    the last timer: each run takes up to a second longer. It is only slower without this patch.
Upstream
    None filed. A fix: docs/upstream/end-timers.patch.
Touches
    `JobScheduler._schedule_reevalutation`: there is one timer at a time, a daemon thread, that looks a second after the
    last round; uses `JobScheduler._open_jobs`. It concerns the process, not rules: for a host, too, only the end comes
    sooner. So it does as Python's own end, after all else, no longer searches all objects of the run for cycles of
    them, to free what the system frees at once: 0.2 to 0.3 s of CPU in each run, also in one with nothing to do.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_end_timers.py::test_snakemake_waits_for_its_timers fails.
"""

from __future__ import annotations

import atexit
import gc
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from stemwright.snakemake_patches._patch import Patch, Replacement

if TYPE_CHECKING:
    from snakemake.workflow import Workflow


def _set_up(workflow: Workflow) -> None:
    atexit.register(gc.freeze)


def _make_look_again(schedule: Callable) -> Callable:
    wanted: dict[object, float] = {}  # of each scheduler that has a timer: when it is to look again
    lock = threading.Lock()

    def look_again(self, delay):
        with lock:
            has_timer, wanted[self] = self in wanted, time.monotonic() + delay
        if not has_timer:
            start_timer(self, delay)

    def start_timer(scheduler, delay):
        timer = threading.Timer(delay, look, [scheduler])
        timer.daemon = True  # Python does not wait for it at its end
        timer.start()

    def look(scheduler):
        with lock:
            left = wanted[scheduler] - time.monotonic()
            if left <= 0:
                del wanted[scheduler]
        if left > 0:  # there was another round meanwhile
            start_timer(scheduler, left)
        else:
            scheduler._open_jobs.release()

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
    set_up=_set_up,
)
