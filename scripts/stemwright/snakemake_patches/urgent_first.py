"""Of jobs that start at the same time, the one with the highest priority starts first.

Without it
    Snakemake's scheduler chooses jobs by priority, and starts those that it has chosen in the order of a set: by
    chance. It needs some milliseconds for each, and the first has the machine to itself meanwhile. So the mix, for
    which everything waits, may start after a delivered stem, for which nothing does. A build is only slower without
    this patch.
Upstream
    None filed.
Touches
    `JobScheduler.run`. Only the order of jobs that it is given.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_urgent_first.py::test_snakemake_starts_them_by_chance fails.
"""

from __future__ import annotations

from collections.abc import Callable

from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_run(run: Callable) -> Callable:
    def run_urgent_first(self, jobs, executor=None):
        return run(self, sorted(jobs, key=lambda job: -job.priority), executor)

    return run_urgent_first


PATCH = Patch(
    name="urgent_first",
    without="Builds may take longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler.run", {"9.27.0": "f41108e470e4b69a"}, _make_run
        ),
    ),
)
