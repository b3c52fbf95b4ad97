"""A plan tells what was edited, and counts the jobs that only follow: `Job 5: tiny: render bass: source changed (…)`.

Without it
    After the edit of one number, `snakemake -n` prints three lines for each of the jobs that follow from it, in no
    order, then the table of jobs for a second time, and advice on how to leave the edit out of account. Before a build,
    nothing tells what was edited. Plans are only longer without this patch.
Upstream
    None filed: it depends on the messages of our rules.
Touches
    `Job.log_info`: in a dry run it says nothing of single jobs of ours, unless that may be more than a line (prune
    lists files). It adds a filter to Snakemake's logger, which adds to the table of jobs what follows here (and puts it
    into the field `plan`, for our own display of a run), and drops what is left of such jobs; and, unless Stemwright is
    a module of another workflow, what Snakemake repeats at the end. With -p (--printshellcmds), as in `snakemake -np`,
    with --verbose and with --quiet, all is printed as by Snakemake alone. For why it is no logger plug-in, see
    `error_text`.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_short_plan.py::test_snakemake_tells_of_each_job fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.base.printable import printable
from stemwright.snakemake_patches._ours import is_name_of_ours, is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source
from stemwright.snakemake_patches.change_reasons import NO_RECORD, in_words

if TYPE_CHECKING:
    from snakemake.dag import DAG
    from snakemake.jobs import Job
    from snakemake.workflow import Workflow

_UPDATED = "Input files updated by another job: "
_MADE_ANYWAY = "Missing output files: "
_NONE_UPDATED = "Updated input files: "  # and then no file: all of them are updated by other jobs
_PARAMS = "Params have changed since last execution: "
_ALWAYS = "Rules with neither input nor output files are always executed."
"""Snakemake's reason for a command, such as audit: it is run because it is asked for."""

_AT_THE_END = ("print_reasons", "log_provenance_info")
"""Snakemake's methods that repeat the reasons, and say how to leave changes out of account."""
_MOST = 20  # jobs that are listed; the rest is counted


def _set_up(workflow: Workflow) -> None:
    logger.addFilter(partial(_shorten, workflow, workflow.modifier.is_main_snakefile()))


def _make_silent(log_info: Callable) -> Callable:
    def log(self, *args, **kwargs):
        if not _is_dropped(self):
            log_info(self, *args, **kwargs)

    return log


def _is_dropped(job: Job) -> bool:
    """Whether nothing that is said of a job reaches the screen: then its message and the like are not worked out."""
    rule, workflow = job.rule, job.dag.workflow
    is_one_line = rule.message and "{params" not in rule.message and "\n" not in rule.message
    return workflow.dryrun and is_ours(rule) and rule.script and is_one_line and not _wants_all(workflow)


def _wants_all(workflow: Workflow) -> bool:
    wanted = workflow.output_settings
    return bool(wanted.printshellcmds or wanted.verbose or wanted.quiet)


def _shorten(workflow: Workflow, is_main: bool, record: Any) -> bool:
    """Whether to log it. The plan goes below the table of jobs."""
    event = getattr(record, "event", None)
    if event == LogEvent.RUN_INFO:
        record.plan = plan(workflow.dag)
    if _wants_all(workflow):
        return True
    if event == LogEvent.JOB_INFO:
        has_more_to_say = "\n" in (record.rule_msg or "")
        return not (workflow.dryrun and is_name_of_ours(record.rule_name)) or has_more_to_say
    if event == LogEvent.RUN_INFO and record.plan:
        record.msg += record.plan
        return True
    return not (is_main and (event == LogEvent.RUN_INFO or record.funcName in _AT_THE_END))


def plan(dag: DAG) -> str:
    """The jobs of ours that are to run for a reason of their own, a line each, and the number of those that follow."""
    ours = sorted((job for job in dag.needrun_jobs() if is_ours(job.rule)), key=dag.jobid)
    reasons = {job: reason for job in ours if (reason := own_reason(str(dag.reason(job))))}
    lines = [
        f"Job {dag.jobid(job)}: {(job.message or str(job)).splitlines()[0]}"
        + (f": {reason}" if reason != _ALWAYS else "")
        for job, reason in list(reasons.items())[:_MOST]
    ]
    more, follow = len(reasons) - len(lines), len(ours) - len(reasons)
    if more:
        lines.append(f"… and {more} more with reasons of their own")
    if follow:
        cause = "these" if lines else "other rules"
        lines.append(
            f"… and {follow} {'jobs that follow' if follow > 1 else 'job that follows'} from {cause}"
        )
    if more or follow:
        lines.append("To see each job: snakemake -np")
    return (
        "\n".join(["", "To run, and why:", *(f"    {printable(line)}" for line in lines), ""]) if ours else ""
    )


def own_reason(reason: str) -> str:
    """What of Snakemake's reason earlier jobs of the run are not the cause of. Empty if a job only follows from them.

    A file that is missing is no reason for a job that follows: it is made anyway.
    """
    parts = in_words(reason).split("; ")
    if any(part.startswith(_UPDATED) for part in parts):
        parts = [
            part for part in parts if not part.startswith((_UPDATED, _MADE_ANYWAY)) and part != _NONE_UPDATED
        ]
    told = "; ".join(parts)
    return told if told.endswith(NO_RECORD) else told.replace(_PARAMS, "", 1)


PATCH = Patch(
    name="short_plan",
    without="The plan of a dry run is longer.",
    is_safe_without=True,
    replacements=(Replacement("snakemake.jobs:Job.log_info", {"9.27.0": "ec9b7758f4c5935a"}, _make_silent),),
    depends_on=(
        Source("snakemake.dag:DAG.needrun_jobs", {"9.27.0": "911e19fe1310d7ac"}),
        Source("snakemake.jobs:Reason.__str__", {"9.27.0": "3c6bcb9936d041c1"}),
    ),
    set_up=_set_up,
)
