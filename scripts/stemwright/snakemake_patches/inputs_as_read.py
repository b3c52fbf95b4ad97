"""What is recorded of a job's inputs is what the job has read, and what it was asked is what it was to be asked.

Without it
    Snakemake records the checksum that an input has when it looks at the output, perhaps minutes after the job, and the
    params that it has planned itself, although a job elsewhere plans anew. If a sample was replaced since, or the song
    was edited while its job waited and restored after it, the record is of what the output was not made from: no later
    run notices. Here, the records of our jobs (`FILE.made`, sentinels) say what they were asked and have read (see
    `stemwright.records.account`). The checksums are taken from them, and a job that was asked something else, or has
    read other files, fails with a message. For songs' own rules, whose jobs keep no such record, the job fails if an
    input changes from its start until its output is recorded. Nothing is built without this patch.
Upstream
    None filed. A fix for inputs that change while a job reads them: docs/upstream/inputs-as-read.patch.
Touches
    `Job.prepare`, `PersistenceBase.finished`, `_IOFile.checksum`. Only for our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_inputs_as_read.py::test_snakemake_records_what_was_not_read fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING

from snakemake.exceptions import WorkflowError

from stemwright.base.files import file_state
from stemwright.records.account import Account, digest_of_params
from stemwright.records.claims import claimed_at
from stemwright.records.paths import artifact_of, is_sentinel, root_of
from stemwright.records.produced import read_account
from stemwright.records.sentinel import account_in_sentinel
from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source
from stemwright.snakemake_patches.failed_job_records import has_failed

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.persistence import PersistenceBase

_before: dict[Job, dict[str, tuple | None]] = {}
"""The states of the inputs of jobs of this process that keep no account, from before they started."""

_told: set[Job] = set()
"""Jobs whose fault was reported: Snakemake records them once more, as failed."""

_read: ContextVar[Mapping[str, str]] = ContextVar("read")
"""While a job is recorded: the checksums of its inputs, by path, as it has read them."""


def is_as_planned(job: Job) -> bool:
    """Whether all that a job of ours makes is there, and its account says that it was asked what is planned now."""
    if not _keeps_account(job) or not all(map(os.path.exists, job.output)):
        return False
    account = _account(job)
    return account is not None and account.asked == digest_of_params(job.params.job)


def _make_begin(prepare: Callable) -> Callable:
    async def begin(self):
        if is_ours(self.rule) and self.output and not _keeps_account(self):
            _before[self] = _states(self)
        await prepare(self)

    return begin


def _make_finish(finished: Callable) -> Callable:
    async def finish(self, job):
        if not is_ours(job.rule) or not job.output or has_failed(job) or not _is_to_be_compared(self, job):
            _told.discard(job)
            return await finished(self, job)
        keeps_account = _keeps_account(job)
        account = _account(job) if keeps_account else None
        if account:
            fault = await _difference(self, job, account)
        else:
            fault = _unknown(job) if keeps_account else _change(job)
        if fault:
            _told.add(job)
            raise WorkflowError(f"{fault} The result was discarded; run snakemake again.")
        token = _read.set(_checksums(job, account) if account else {})
        try:
            await finished(self, job)
        finally:
            _read.reset(token)
        return None

    return finish


def _make_known(checksum: Callable) -> Callable:
    async def known(self, *args, **kwargs):
        return _read.get({}).get(str(self)) or await checksum(self, *args, **kwargs)

    return known


def _is_to_be_compared(persistence: PersistenceBase, job: Job) -> bool:
    """Whether a job has ended, in this process or elsewhere, and its output is recorded now, for the first time."""
    workflow = persistence.dag.workflow
    is_recorded_later = _keeps_account(job) and not workflow.is_main_process
    has_not_run = workflow.touch or workflow.remote_execution_settings.immediate_submit
    return not (job in _told or is_recorded_later or has_not_run)


def _keeps_account(job: Job) -> bool:
    """Whether a job records what it was asked and has read: all that have our param do."""
    return "artifact" in getattr(job.params, "job", {})


def _account(job: Job) -> Account | None:
    if is_sentinel(str(job.output[0])):
        return account_in_sentinel(job.output[0])
    return read_account(job.output.get("made"))


def _unknown(job: Job) -> str:
    """That a job's account cannot be read, as a sentence; "" if it is in a storage, and no copy of it is here."""
    if job.output[0].is_storage:
        return ""
    return f"{job.output[0]}: what it was made from is not on record."


def _names(job: Job) -> dict[str, str]:
    """The path of each input of a job in our records, but for sentinels and copies of a storage, by its own path."""
    root = root_of(artifact_of(str(job.output[0])), job.params.job["artifact"])
    return {str(file): str(file).removeprefix(root) for file in job.input if not is_sentinel(str(file))}


async def _difference(persistence: PersistenceBase, job: Job, account: Account) -> str:
    """How what a job was asked and has read differs from the plan, or from what is there now, as a sentence.

    "" if it does not. Artifacts are not compared again: their sentinels vouch for them.
    """
    artifact = job.params.job["artifact"]
    if account.asked != digest_of_params(job.params.job):
        return (
            f"{artifact}: was made from another version of the song, of our code or of a library than this run planned "
            "with: they were edited while the job waited or ran, or differ where it ran."
        )
    if others := sorted(set(_names(job).values()) ^ set(account.read)):
        return f"{artifact}: was made from other files than this run planned with: {', '.join(others)}."
    dependencies = persistence.dag.dependencies[job].items()
    artifacts = {str(file) for other, files in dependencies if _keeps_account(other) for file in files}
    checksums = _checksums(job, account)
    for file in job.input:
        if str(file) in checksums and str(file) not in artifacts:
            now = await file.checksum(persistence.max_checksum_file_size)
            if now not in (None, checksums[str(file)]) or not os.path.exists(file):
                return _change_of([str(file)], artifact)
    return ""


def _checksums(job: Job, account: Account) -> dict[str, str]:
    stored = {str(file) for file in job.input if file.is_storage}
    return {path: f"sha256:{account.read[name]}" for path, name in _names(job).items() if path not in stored}


def _change(job: Job) -> str:
    """Which inputs of a job without an account have changed since it started, as a sentence; "" if none has."""
    before = _before.pop(job, None)
    if before is not None:
        now = _states(job)
        changed = [file for file in before if now[file] != before[file]]
    elif (start := claimed_at(str(job.output[0]))) is not None:  # it ran elsewhere
        changed = [file for file, state in _states(job).items() if state is None or state[-1] > start]
    else:
        changed = []
    return _change_of(changed, job.output[0]) if changed else ""


def _change_of(files: list[str], artifact: str) -> str:
    return f"{', '.join(files)}: changed or went away while {artifact} was made from it."


def _states(job: Job) -> dict[str, tuple | None]:
    return {str(file): file_state(file) for file in job.input if not file.is_storage}


PATCH = Patch(
    name="inputs_as_read",
    without='A file could be made from an input that was then replaced, unnoticed ("nothing to be done").',
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.jobs:Job.prepare", {"9.27.0": "756aa79a71e5e7fc"}, _make_begin),
        Replacement(
            "snakemake.persistence:PersistenceBase.finished", {"9.27.0": "e93c97bb0eb1afbe"}, _make_finish
        ),
        Replacement("snakemake.io:_IOFile.checksum", {"9.27.0": "2fa3ee57e0a7cb44"}, _make_known),
    ),
    depends_on=(
        Source(
            "snakemake.scheduling.job_scheduler:JobScheduler._finish_jobs", {"9.27.0": "4dcb668587b35a3e"}
        ),
    ),
)
