"""A job elsewhere whose run was killed leaves alone what the next run makes.

Without it
    On a cluster, jobs outlive a Snakemake that is killed. One that is still waiting then deletes the file that the next
    run has made, to make it again. One that fails, as the next run has removed its temporary file, deletes it as
    "output of a failed job". Here, the run claims the output of each job that it starts elsewhere (see
    `stemwright.records.claims`), and a job that has lost its claim ends without a change. A build goes on without this
    patch, with a warning.
Upstream
    None filed, and there is no fix in docs/upstream/: an executor would have to tell its jobs which run they belong to.
Touches
    `PersistenceBase.started`, `PersistenceBase.finished`, `Job.prepare`, `Job.postprocess`. Only for our rules.
    Its jobs know a run by an environment variable, which `rules/common.smk` passes on (`envvars:`).
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_orphans.py::test_snakemake_lets_an_orphan_replace_a_file fails.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stemwright.records.claims import CLAIMED_FOR, RUN, claim, is_claimed, release
from stemwright.records.paths import name_of_output
from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.workflow import Workflow

_PATIENCE_S = 10  # a run claims a job's output just after it has started the job


def _set_up(workflow: Workflow) -> None:
    if workflow.is_main_process:
        os.environ[RUN] = uuid.uuid4().hex
        os.environ.pop(CLAIMED_FOR, None)
    elif workflow.remote_exec:
        os.environ[CLAIMED_FOR] = os.environ.get(RUN, "")


def _make_started(started: Callable) -> Callable:
    def claim_outputs(self, job, external_jobid=None):
        workflow = self.dag.workflow
        if workflow.is_main_process and is_ours(job.rule) and job.output:
            if workflow.local_exec or job.is_local:
                release(_name(job))
            elif external_jobid is None or external_jobid not in self.external_jobids(job):
                claim(_name(job), os.environ[RUN])  # else this run takes over a job of a former one
                for log in job.log:  # of a former job: if this one never begins, that is not its reason
                    Path(log).unlink(missing_ok=True)
        return started(self, job, external_jobid)

    return claim_outputs


def _make_finish(finished: Callable) -> Callable:
    async def finish(self, job):
        await finished(self, job)
        workflow = self.dag.workflow
        has_run = not workflow.remote_execution_settings.immediate_submit
        if workflow.is_main_process and has_run and is_ours(job.rule) and job.output:
            release(_name(job))

    return finish


def _make_begin(prepare: Callable) -> Callable:
    async def begin(self):
        _end_if_orphaned(self, _PATIENCE_S)
        await prepare(self)

    return begin


def _make_end(postprocess: Callable) -> Callable:
    async def end(self, *args, **kwargs):
        _end_if_orphaned(self)
        return await postprocess(self, *args, **kwargs)

    return end


def _end_if_orphaned(job: Job, patience_s: float = 0) -> None:
    """End this process at once, so that Snakemake removes nothing, if the job has lost its claim."""
    run = os.environ.get(CLAIMED_FOR)
    if not run or not is_ours(job.rule) or not job.output:
        return
    end = time.monotonic() + patience_s
    while not is_claimed(_name(job), run):
        if time.monotonic() > end:
            print(f"{_name(job)}: the run that started this job has ended: nothing is done", file=sys.stderr)
            sys.stderr.flush()
            os._exit(1)
        time.sleep(0.1)


def _name(job: Job) -> str:
    return name_of_output(str(job.output[0]), getattr(job.params, "job", {}).get("artifact", ""))


PATCH = Patch(
    name="orphans",
    without="After a run with jobs elsewhere was killed, wait for the end of its jobs before the next run.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.persistence:PersistenceBase.started", {"9.27.0": "195020990f82063b"}, _make_started
        ),
        Replacement(
            "snakemake.persistence:PersistenceBase.finished", {"9.27.0": "e93c97bb0eb1afbe"}, _make_finish
        ),
        Replacement("snakemake.jobs:Job.prepare", {"9.27.0": "756aa79a71e5e7fc"}, _make_begin),
        Replacement("snakemake.jobs:Job.postprocess", {"9.27.0": "a6c92e800737656e"}, _make_end),
    ),
    set_up=_set_up,
)
