"""Mends for Snakemake where a build is disturbed, so that "nothing to be done" can be trusted afterwards.

Snakemake (9.27) keeps a record of each job: params, inputs and their checksums. It writes one for a job that
failed, too; holds a file without a record to be up to date; records the checksum of an input as it is after
the job, not as the job read it; and takes a file that was put in the place of an input for old, if it is
dated so. Each time, the next run says that there is nothing to be done, and there is. Here a record
stands for a job that succeeded with the inputs it names, and a file without one is made again.
tests/workflow/test_disk.py and test_interruption.py hold all this.
"""

from __future__ import annotations

import logging
import os
from functools import wraps

from snakemake import exceptions
from snakemake.exceptions import WorkflowError
from snakemake.io import _IOFile, flag, is_flagged
from snakemake.jobs import Job
from snakemake.persistence import ParamsChange, PersistenceBase

_SOURCE = "stemwright_source"


def mend() -> None:
    """Make Snakemake's records of our jobs trustworthy. Calling it again changes nothing."""
    if hasattr(PersistenceBase, "inputs_read"):
        return
    PersistenceBase.inputs_read = {}
    _mend_records()
    _mend_reasons()
    _tell_plainly()


def source(path: str) -> str:
    """Mark an input that no job makes: it counts as new from when it was put there, whatever its date."""
    return flag(path, _SOURCE)


def _mend_records() -> None:
    started, finished, postprocess = PersistenceBase.started, PersistenceBase.finished, Job.postprocess
    failed = set()

    @wraps(started)
    def start(self, job, *args, **kwargs):
        if _is_ours(job):
            self.inputs_read[job] = _states(job)
            for file in job.output:
                self._delete_record(self._get_key(file))
        return started(self, job, *args, **kwargs)

    @wraps(finished)
    async def finish(self, job):
        if job in failed and _is_ours(job):
            return self.cleanup(job)
        await finished(self, job)
        before, now = self.inputs_read.pop(job, {}), _states(job)
        if changed := [file for file, state in before.items() if now[file] != state]:
            raise WorkflowError(
                f"{', '.join(changed)}: changed or went away while {', '.join(job.output)} was made from it. "
                "That is not kept; run snakemake again."
            )

    @wraps(postprocess)
    async def end(self, *args, error=False, **kwargs):
        if error:
            failed.add(self)
        try:
            return await postprocess(self, *args, error=error, **kwargs)
        finally:
            failed.discard(self)

    PersistenceBase.started, PersistenceBase.finished, Job.postprocess = start, finish, end


def _mend_reasons() -> None:
    has_metadata, params_changed = PersistenceBase.has_metadata, PersistenceBase.params_changed
    is_newer = _IOFile.is_newer

    @wraps(has_metadata)
    def has_record(self, job):
        return _is_ours(job) or has_metadata(self, job)  # that there is none is told as a reason, below

    @wraps(params_changed)
    def changed(self, job, file=None):
        if _is_ours(job) and not has_metadata(self, job):
            return _NoRecord(only_new={_NoRecord.TEXT}, files=set(job.output))
        return params_changed(self, job, file)

    @wraps(is_newer)
    async def newer(self, time):
        arrived = is_flagged(self, _SOURCE) and os.path.exists(self) and _arrived(self) > time
        return arrived or await is_newer(self, time)

    PersistenceBase.has_metadata, PersistenceBase.params_changed = has_record, changed
    _IOFile.is_newer = newer


class _NoRecord(ParamsChange):
    TEXT = "no record of how it was made"

    def __str__(self):
        return self.TEXT


def _tell_plainly() -> None:
    """A full disk or a folder that cannot be written to, in one line. Nor has a log that cannot be written more."""
    logging.raiseExceptions = False
    to_string = exceptions.format_exception_to_string

    @wraps(to_string)
    def told(error, linemaps=None):
        if isinstance(error, OSError) and error.strerror:
            return f"{error.filename or '.snakemake'}: {error.strerror}"
        return to_string(error, linemaps)

    exceptions.format_exception_to_string = told


def _is_ours(job: Job) -> bool:
    return "job" in job.rule.params.keys()


def _arrived(path: str) -> float:
    """When a file came to bear this name or was last changed: rename and copy leave the date, not this."""
    return max(os.lstat(path).st_ctime, os.stat(path).st_ctime)


def _states(job: Job) -> dict[str, tuple | None]:
    return {str(file): _state(file) for file in job.input}


def _state(path: str) -> tuple | None:
    """What tells a file from one that was put in its place or written anew. None if there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
