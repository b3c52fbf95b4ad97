"""Whatever is asked for, each file that it depends on is there at the end, and each record of ours is sound.

Without it
    Snakemake does not look behind a file that exists. If an intermediate file was deleted, its sentinel, or anything
    built on it, is "up to date": the zip is gone, and `snakemake SONG.zip.ok` finds nothing to be done. Here, a file
    that is missing anywhere behind the targets is a reason to run the job that makes it, and so is a sentinel or a
    record of what was produced that is damaged. A missing sentinel is made again by its verification; Snakemake would
    also run all jobs that need it as an `ancient()` input. Nothing is built without this patch.
Upstream
    None filed, and there is no fix in docs/upstream/: that a missing intermediate file is no reason to run is what
    Snakemake's documentation says.
Touches
    `DAG.update_needrun`: before it, sets the reasons of jobs (`Job.missing_output` and `Reason`); while it runs,
    `DAG.depending` is without what depends on a job by ancient inputs only. Only for our rules. A
    temporary file may be missing (config's `keep`); of songs' own rules, so may one that nothing needs.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_missing_outputs.py::test_snakemake_does_not_look_behind_what_is_there fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from stemwright.base.errors import ChangedFileError
from stemwright.records.paths import PRODUCED, SENTINEL, artifact_of
from stemwright.records.produced import read_produced
from stemwright.records.sentinel import has_sound_sentinel
from stemwright.snakemake_patches._ours import is_of_a_song, is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.dag import DAG
    from snakemake.jobs import Job


def _make_search(update_needrun: Callable) -> Callable:
    damaged_records = _damaged_records()

    async def search(self, create_inventory=False):
        if not self.workflow.is_main_process:  # a job's own process does what it was started for
            return await update_needrun(self, create_inventory)
        if create_inventory:
            await self.workflow.iocache.mtime_inventory(self.jobs)
        for job in self.jobs:
            if is_ours(job.rule) and not self.finished(job):
                missing = [file async for file in job.missing_output(_wanted(self, job))]
                if not is_of_a_song(job.rule):
                    there = (file for file in job.output if file not in missing)
                    if damaged := list(filter(_is_damaged, there)):
                        self._reason[job] = damaged_records(damaged)
                if missing:
                    self.reason(job).missing_output.update(missing)
        depending = self.depending
        self.depending = _WithoutAncient(depending)
        try:
            return await update_needrun(self)
        finally:
            self.depending = depending

    return search


def _wanted(dag: DAG, job: Job) -> Iterable[Any]:
    """The outputs that must be there. Those of ours that are temporary are needed only by jobs that run."""
    if not is_of_a_song(job.rule):
        return [file for file in job.output if not file.is_temp]
    needed = set(chain(*dag.depending[job].values()))
    return [file for file in job.output if file in needed and not file.is_temp]


def _is_damaged(file: Any) -> bool:
    """Whether a record of ours cannot be what our jobs wrote."""
    path = str(file)
    try:
        if path.endswith(SENTINEL) and not file.is_storage:
            return not has_sound_sentinel(artifact_of(path))
        if path.endswith(PRODUCED) and not file.is_storage:
            read_produced(artifact_of(path))
    except ChangedFileError:
        return True
    return False


def _damaged_records() -> type:
    from snakemake.jobs import Reason

    class DamagedRecords(Reason):
        """A reason of Snakemake's, and that records are damaged."""

        __slots__ = ("files",)

        def __init__(self, files):
            super().__init__()
            self.files = files

        def __bool__(self):
            return bool(not self.finished and self.files) or super().__bool__()

        def __str__(self):
            found = f"Damaged records: {', '.join(self.files)}"
            return f"{found}; {super().__str__()}" if super().__bool__() else found

        def clear(self):
            super().clear()
            self.files = []

    return DamagedRecords


class _WithoutAncient:
    """The jobs that depend on a job, without those of ours that do so by ancient inputs only."""

    def __init__(self, depending: Mapping[Job, Mapping[Job, set]]):
        self._depending = depending

    def __getitem__(self, job: Job) -> dict[Job, set]:
        return {
            other: files
            for other, files in self._depending[job].items()
            if not (is_ours(other.rule) and all(file.is_ancient for file in files))
        }


PATCH = Patch(
    name="missing_outputs",
    without='A file that was deleted would not be made again ("nothing to be done").',
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.dag:DAG.update_needrun", {"9.27.0": "08942bcb98dd65ce"}, _make_search),
    ),
    depends_on=(
        Source("snakemake.jobs:Job.missing_output", {"9.27.0": "ee62fd1c500888f0"}),
        Source("snakemake.jobs:Reason.__bool__", {"9.27.0": "7352d2f6c4bcae63"}),
    ),
)
