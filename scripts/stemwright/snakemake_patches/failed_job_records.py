"""Only a job that succeeded has a record.

Without it
    Snakemake records a failed job like one that succeeded. If the output that is then missing is only an intermediate
    file, the next run finds "nothing to be done", although the target was made from its predecessor. The same happens
    if a job is killed and its mark as incomplete could not be written (a full disk): the old record then stands for a
    new file. Here, the record is deleted when the job starts and written when it has succeeded; `missing_records` makes
    Snakemake run jobs without a record. Nothing is built without this patch.
Upstream
    https://github.com/snakemake/snakemake/issues/3808, open. A fix: docs/upstream/failed-job-records.patch.
Touches
    `Job.prepare`, `Job.postprocess`, `PersistenceBase.finished`; calls `PersistenceBase.cleanup`. Only for our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_failed_job_records.py::test_snakemake_forgets_a_failure fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.jobs import Job

_failed: set[Job] = set()


def has_failed(job: Job) -> bool:
    """Whether a job failed the last time that it ended."""
    return job in _failed


def _make_begin(prepare: Callable) -> Callable:
    async def begin(self):
        if is_ours(self.rule):
            self.dag.workflow.persistence.cleanup(self)
        await prepare(self)

    return begin


def _make_end(postprocess: Callable) -> Callable:
    async def end(self, *args, error=False, **kwargs):
        if is_ours(self.rule):
            (_failed.add if error else _failed.discard)(self)
        return await postprocess(self, *args, error=error, **kwargs)

    return end


def _make_finish(finished: Callable) -> Callable:
    async def finish(self, job):
        if job in _failed:
            self.cleanup(job)
        else:
            await finished(self, job)

    return finish


PATCH = Patch(
    name="failed_job_records",
    without='A job that failed could be taken for one that succeeded ("nothing to be done").',
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.jobs:Job.prepare", {"9.27.0": "756aa79a71e5e7fc"}, _make_begin),
        Replacement("snakemake.jobs:Job.postprocess", {"9.27.0": "a6c92e800737656e"}, _make_end),
        Replacement(
            "snakemake.persistence:PersistenceBase.finished", {"9.27.0": "e93c97bb0eb1afbe"}, _make_finish
        ),
    ),
    depends_on=(Source("snakemake.persistence:PersistenceBase.cleanup", {"9.27.0": "cf2bb7c0d3051e70"}),),
)
