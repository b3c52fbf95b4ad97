"""How long a run will still take, from how long its jobs took the last time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from stemwright.workflow.progress.jobs import RunJobs

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.workflow import Workflow

_MIN_JOBS = 3


class Estimate:
    """An estimate.

    A job is expected to take as long as it did the last time, by its benchmark. What is left takes as long as its
    longest chain of jobs, or as all of its jobs on all cores, whichever is longer; and as much longer as the jobs of
    this run took than was expected. Where the time of a job is not known, nothing is said.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow, when its jobs are planned.
    jobs : RunJobs
        Its jobs.
    """

    def __init__(self, workflow: Workflow, jobs: RunJobs):
        self._dag, self._jobs = workflow.dag, jobs
        self._cores = max(1, workflow.cores or 1) if workflow.local_exec else None
        self._known = {number: _benchmark(job) for number, job in jobs.planned.items()}
        levels = list(self._dag.toposorted(set(jobs.planned.values())))
        self._found: tuple[float, float | None] = (float("-inf"), None)
        self._order = [self._dag.jobid(job) for level in reversed(levels) for job in level]
        planned = set(jobs.planned)
        self._after = {
            number: [n for later in self._dag.depending[job] if (n := self._dag.jobid(later)) in planned]
            for number, job in jobs.planned.items()
        }

    def seconds_left(self) -> float | None:
        """How many seconds are left; None if that is not known. It is computed once a second."""
        now = time.monotonic()
        if now - self._found[0] >= 1:
            self._found = now, self._compute()
        return self._found[1]

    def _compute(self) -> float | None:
        ended = {number: job for number, job in self._jobs.jobs.items() if job.result != "running"}
        took = {number: job.seconds for number, job in ended.items() if self._known.get(number) is not None}
        if self._cores is None or len(took) < _MIN_JOBS or len(self._order) != self._jobs.total:
            return None
        pace = sum(took.values()) / max(1e-3, sum(self._known[number] or 0 for number in took))
        chain: dict[int, float] = {}
        total = 0.0
        for number in self._order:
            seconds = 0.0
            if number not in ended:
                known = self._known[number]
                if known is None:
                    return None
                so_far = self._jobs.jobs[number].seconds_so_far if number in self._jobs.jobs else 0.0
                seconds = max(0.0, known * pace - so_far)
            total += seconds
            chain[number] = seconds + max((chain[later] for later in self._after[number]), default=0.0)
        return max(total / self._cores, max(chain.values(), default=0.0))


def _benchmark(job: Job) -> float | None:
    """How many seconds a job took the last time. A job that does nothing takes none."""
    if not job.output and not job.rule.script:
        return 0.0
    try:
        _, first = Path(str(job.benchmark)).read_text(encoding="utf-8").splitlines()[:2]
        return float(first.split("\t")[0])
    except (OSError, ValueError):
        return None
