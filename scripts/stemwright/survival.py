"""Mends for Snakemake, so that "nothing to be done" can be trusted after a build was disturbed.

Snakemake (9.27) keeps a record of each job: its params, its inputs and their checksums. It writes one for a
job that failed, too; takes a file without a record for up to date; records an input's checksum as it is after
the job, not as the job read it; and sees that an input was replaced only if the new file is dated later. Each
time, a later run finds nothing to be done where there is. Here, a record stands for a job that succeeded with
the inputs it names, and a file without one is made again. Nor does a run take away another one's lock, as any
other target's does (`audit`, another song), so that a third would build the same files; and one that is told to
end does so: Snakemake's handler waits for a lock that the thread it interrupted may hold.

tests/workflow/test_disk.py and test_interruption.py hold each of these.
"""

from __future__ import annotations

import _thread
import logging
import os
import re
from functools import cache, wraps
from pathlib import Path

from snakemake import exceptions
from snakemake.exceptions import WorkflowError
from snakemake.io import _IOFile, flag, is_flagged
from snakemake.jobs import Job
from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord, PersistenceBase
from snakemake.persistence.file import FilePersistence
from snakemake.rules import Rule
from snakemake.scheduling.job_scheduler import JobScheduler

from stemwright.checksums import state

DOES = "stemwright_does"
"""The param of songs' own rules: a digest of what they do."""

_SOURCE = "stemwright_source"
_ENDED = re.compile(
    r"^Command '.*/rules/\.\./scripts/\w+\.py' returned non-zero exit status 1\.$", re.MULTILINE
)
_NO_RECORD = MetadataRecord(record_format_version=RECORD_FORMAT_VERSION, params=[])


@cache
def mend() -> None:
    """Make Snakemake's records of our jobs trustworthy. Calling it again changes nothing."""
    _record_success_alone()
    _make_again_what_has_no_record()
    _see_what_was_replaced()
    _leave_others_locked()
    _end_when_told()
    _tell_plainly()


def source(path: str) -> str:
    """Mark an input that no job makes: it counts as new from when it was put there, whatever its date."""
    return flag(path, _SOURCE)


def _record_success_alone() -> None:
    prepare, postprocess, finished = Job.prepare, Job.postprocess, PersistenceBase.finished
    failed, inputs = set(), {}

    @wraps(prepare)
    async def begin(self):
        if _is_ours(self.rule):
            self.dag.workflow.persistence.cleanup(self)
            inputs[self] = _states(self)
        await prepare(self)

    @wraps(postprocess)
    async def end(self, *args, error=False, **kwargs):
        (failed.add if error else failed.discard)(self)
        return await postprocess(self, *args, error=error, **kwargs)

    @wraps(finished)
    async def finish(self, job):
        before = inputs.pop(job, {})
        if job in failed and _is_ours(job.rule):
            return self.cleanup(job)
        await finished(self, job)
        now = _states(job)
        if changed := [file for file in before if now[file] != before[file]]:
            raise WorkflowError(
                f"{', '.join(changed)}: changed or went away while {job.output[0]} was made from it. "
                "That is not kept; run snakemake again."
            )

    Job.prepare, Job.postprocess, PersistenceBase.finished = begin, end, finish


def _make_again_what_has_no_record() -> None:
    metadata = PersistenceBase.metadata

    @wraps(metadata)
    def known(self, target):
        return metadata(self, target) or (_NO_RECORD if _is_ours(target.rule) else None)

    PersistenceBase.metadata = known


def _see_what_was_replaced() -> None:
    is_newer = _IOFile.is_newer

    @wraps(is_newer)
    async def newer(self, time):
        arrived = is_flagged(self, _SOURCE) and os.path.exists(self) and _arrived(self) > time
        return arrived or await is_newer(self, time)

    _IOFile.is_newer = newer


def _leave_others_locked() -> None:
    delete_locks = FilePersistence._delete_locks

    @wraps(delete_locks)
    def delete_own(self):
        for file in self._lockfile.values():
            Path(file).unlink(missing_ok=True)
        self._lockfile.clear()

    FilePersistence._delete_locks = delete_own
    FilePersistence.cleanup_locks = delete_locks  # snakemake --unlock


def _end_when_told() -> None:
    stop = JobScheduler.exit_gracefully

    @wraps(stop)
    def stop_beside(self, *args):
        # In a thread made without any lock of Python's own: a signal may come while one is held.
        _thread.start_new_thread(stop, (self, *args))

    JobScheduler.exit_gracefully = stop_beside


def _tell_plainly() -> None:
    """A full disk or a folder that cannot be written to, in one line; Snakemake's own log is on that disk.

    Of a job of ours that failed, its log speaks, which Snakemake shows.
    """
    logging.raiseExceptions = False
    to_string = exceptions.format_exception_to_string

    @wraps(to_string)
    def told(error, linemaps=None):
        if isinstance(error, OSError) and error.strerror:
            return f"{error.filename or '.snakemake'}: {error.strerror}"
        text = to_string(error, linemaps)
        return "" if _ENDED.search(text) else text

    exceptions.format_exception_to_string = told


def _is_ours(rule: Rule) -> bool:
    """Rules of the workflow, and of songs."""
    return hasattr(rule.params, "job") or hasattr(rule.params, DOES)


def _arrived(path: str) -> float:
    """When a file, or a folder that it is in, came to bear its name or was changed: `mv` leaves the date, not this."""
    folders = [folder for folder in Path(path).parents if folder != Path()]
    return max(os.stat(path).st_ctime, *(os.lstat(name).st_ctime for name in (path, *folders)))


def _states(job: Job) -> dict[str, tuple | None]:
    return {str(file): state(file) for file in job.input}
