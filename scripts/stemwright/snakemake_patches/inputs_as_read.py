"""A job fails if an input changes while it runs.

Without it
    Snakemake records the checksum that an input has after the job. If the input was replaced while the job read it, the
    record names the new file, although the output was made from the old one. As the input is older than the output,
    no later run notices. Here, the job fails with a message, and the next run makes its output from the new file.
    Nothing is built without this patch.
Upstream
    None filed. A fix: docs/upstream/inputs-as-read.patch.
Touches
    `Job.prepare`, `PersistenceBase.finished`. Only for our rules.
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
"""The states of the inputs of running jobs, from before they started."""


def _make_begin(prepare: Callable) -> Callable:
    async def begin(self):
        if is_ours(self.rule) and self.output:  # others leave nothing that could be out of date
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
