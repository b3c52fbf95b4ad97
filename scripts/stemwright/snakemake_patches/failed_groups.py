"""Of a group of jobs that has failed, what is done is kept, and a job that has said why it failed is not started again.

Without it
    A group is what a cluster is given at once (`groups:` in profiles/slurm: all jobs of a song). If one of its jobs
    fails, Snakemake reports all of them as failed and deletes the files of all: a refused file cannot be listened to,
    and what had passed is made once more. What the cluster has ended is started again (`retries`) from its beginning,
    and so is what was refused, to be refused again. Here, jobs that have ended well are recorded as done. If one has
    failed for a reason of its own, which its log tells, it has failed for good. If none has, the cluster has ended the
    group: what is left of it is started again. Jobs of a group that do not depend on a failed one go on. Without this
    patch, builds are correct, but a group in which a job fails leaves nothing.
Upstream
    None filed: only a job that keeps a log as ours do tells how it has ended.
Touches
    `JobScheduler._handle_error`, `GroupJob.log_error`; uses `DAG._running`, `DAG._ready_jobs`, `DAG._group` and
    `PersistenceBase._unmark_incomplete`. Only for our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_failed_groups.py::test_snakemake_deletes_what_a_group_has_made fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from snakemake.exceptions import RuleException, WorkflowError
from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.records.logs import has_ended
from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source
from stemwright.snakemake_patches.inputs_as_read import is_as_planned

if TYPE_CHECKING:
    from snakemake.jobs import GroupJob, Job
    from snakemake.scheduling.job_scheduler import JobScheduler

_SEE = "For further error details"
"""With this, the interface of executors goes on after what the executor has said."""

_said: dict[GroupJob, dict[str, Any]] = {}
"""What the executor has said of groups that have failed, until they are dealt with."""


def _make_log(log_error: Callable) -> Callable:
    def remember(self, msg=None, aux_logs=None, **kwargs):
        said = {"msg": msg, "aux_logs": aux_logs, **kwargs}
        if _is_ours(self):
            _said[self] = said
        else:
            log_error(self, **said)

    return remember


def _make_handle(handle_error: Callable) -> Callable:
    def handle(self, job, postprocess_job=True):
        if job.is_group():
            if _is_ours(job):
                if postprocess_job:
                    _take_apart(self, job)
                    return
                _give_up(job)  # it has ended well, and its files are not what was planned
        elif is_ours(job.rule):
            if self.workflow.remote_exec:
                self.keepgoing = True
            elif _says_why(job):
                _give_up(job)
        handle_error(self, job, postprocess_job)

    return handle


def _is_ours(group: GroupJob) -> bool:
    return group.dag.workflow.is_main_process and all(is_ours(job.rule) for job in group)


def _give_up(job: Job | GroupJob) -> None:
    """Let it not be started again."""
    job.attempt = max(job.attempt, job.restart_times + 1)


def _has_ended(job: Job) -> bool:
    return bool(job.log) and has_ended(job.log[0])


def _says_why(job: Job) -> bool:
    """Whether its log tells a failure. One that was killed as it was to write its first word has said nothing."""
    return _has_ended(job) and os.path.getsize(job.log[0]) > 0


def _take_apart(scheduler: JobScheduler, group: GroupJob) -> None:
    """Record what is done of a group; of the others, record their failure, or start them again."""
    dag, said = scheduler.workflow.dag, _said.pop(group, {})
    reason = str(said.get("msg") or "").partition(_SEE)[0]
    scheduler.get_executor(group).handle_job_error(group)
    scheduler.running.remove(group)
    scheduler._free_resources(group)
    left = [job for job in group if not (_has_ended(job) and is_as_planned(job) and _finish(scheduler, job))]
    dag._running.discard(group)
    next_ones = [job for job in left if dag.dependencies[job].keys().isdisjoint(left)]
    failed = [job for job in next_ones if _says_why(job)]
    for job in left:
        _clean_up(scheduler, job)
    if not failed and group.restart_times > group.attempt - 1:
        logger.warning(f"warning: {group.groupid}: what is left of it is started again. {reason}")
        _start_again(scheduler, group, left)
        return
    scheduler._errors = True
    scheduler.failed.update(failed or next_ones)
    for job in failed:
        job.log_error()
    if not failed:
        for job in next_ones:
            job.log_error(**said)
        logger.error(f"{group.groupid}: {reason}")


def _finish(scheduler: JobScheduler, job: Job) -> bool:
    """Record a job as done, as Snakemake does with one that ends alone. Returns whether that succeeds."""
    workflow = scheduler.workflow
    try:
        workflow.async_run(job.postprocess(check_output_mtime=False))
    except (RuleException, WorkflowError):
        return False
    scheduler.finished_jobs += 1
    logger.info(
        f"Finished jobid: {job.jobid} (Rule: {job.rule.name})",
        extra={"event": LogEvent.JOB_FINISHED, "job_id": job.jobid},
    )
    scheduler.progress()
    workflow.dag._running.add(job)
    workflow.async_run(workflow.dag.finish(job))
    return True


def _clean_up(scheduler: JobScheduler, job: Job) -> None:
    """Remove what a job has left half done. One that has not begun (it has no log yet) leaves all as it was."""
    persistence = scheduler.workflow.persistence
    if not job.log or os.path.exists(job.log[0]):
        scheduler.workflow.async_run(job.postprocess(error=True))
        return
    for file in job.output:
        persistence._unmark_incomplete(persistence._get_key(file))


def _start_again(scheduler: JobScheduler, group: GroupJob, left: list[Job]) -> None:
    dag = scheduler.workflow.dag
    again = dag.group_job_factory.new(group.groupid, left, scheduler.workflow.global_resources)
    again.finalize()
    again.attempt = group.attempt + 1
    dag._group.update(dict.fromkeys(left, again))
    dag._ready_jobs.add(again)


PATCH = Patch(
    name="failed_groups",
    without="Do not start jobs elsewhere in groups: where one fails, what the others have made is deleted.",
    is_safe_without=True,
    replacements=(
        Replacement("snakemake.jobs:GroupJob.log_error", {"9.27.0": "84b4b8bc01b35681"}, _make_log),
        Replacement(
            "snakemake.scheduling.job_scheduler:JobScheduler._handle_error",
            {"9.27.0": "cfdd0d63527bdb9c"},
            _make_handle,
        ),
    ),
    depends_on=(
        Source("snakemake.dag:DAG.finish", {"9.27.0": "231a5a1f17c6c5f2"}),
        Source("snakemake.dag:DAG.update_ready", {"9.27.0": "e1b192df01af6dfb"}),
    ),
)
