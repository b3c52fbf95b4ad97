"""A record names the inputs that the job has read.

Without it
    Snakemake records the checksum of an input as it is after the job. One that was replaced while the job read it is
    on record as what the output was made from; it is older than the output, too, so no later run notices. Here, such
    a job fails, and says why; the next run makes it from the new file. So without this patch nothing is built.
Upstream
    None filed. A fix: docs/upstream/inputs-as-read.patch.
Touches
    `Job.prepare`, `PersistenceBase.finished`; of our rules only.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_inputs_as_read.py::test_snakemake_records_what_was_not_read fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from snakemake.exceptions import WorkflowError

from stemwright.snakemake_patches._file_state import file_state
from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.jobs import Job

_before: dict[Job, dict[str, tuple | None]] = {}
"""The states of the inputs of the jobs that are at work, as they began."""


def _make_begin(prepare: Callable) -> Callable:
    async def begin(self):
        if is_ours(self.rule):
            _before[self] = _states(self)
        await prepare(self)

    return begin


def _make_finish(finished: Callable) -> Callable:
    async def finish(self, job):
        before = _before.pop(job, {})
        await finished(self, job)
        now = _states(job) if before else {}
        if changed := [file for file in before if now[file] != before[file]]:
            raise WorkflowError(
                f"{', '.join(changed)}: changed or went away while {job.output[0]} was made from it. "
                "That is not kept; run snakemake again."
            )

    return finish


def _states(job: Job) -> dict[str, tuple | None]:
    return {str(file): file_state(file) for file in job.input}


PATCH = Patch(
    name="inputs_as_read",
    without='A file could be made from an input that was then replaced, unnoticed ("nothing to be done").',
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.jobs:Job.prepare", {"9.27.0": "756aa79a71e5e7fc"}, _make_begin),
        Replacement(
            "snakemake.persistence:PersistenceBase.finished", {"9.27.0": "e93c97bb0eb1afbe"}, _make_finish
        ),
    ),
    depends_on=(
        Source(
            "snakemake.scheduling.job_scheduler:JobScheduler._finish_jobs", {"9.27.0": "4dcb668587b35a3e"}
        ),
    ),
)
