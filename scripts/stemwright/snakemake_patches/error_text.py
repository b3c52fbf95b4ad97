"""Errors of the system and Ctrl-C are reported in one line, and a failed job of ours by its log only, wherever it ran.

Without it
    A full disk, a read-only folder or Ctrl-C while a run is planned is reported as a traceback through Snakemake. For a
    failed job of ours, Snakemake adds its command and the place in the Snakefile to the job's log, which gives the
    reason. Of a job elsewhere whose Snakemake ends before the job's script has begun (the song was edited and is wrong,
    a sample is gone), only the cluster's own log has the reason. Where Snakemake shows several logs, it stops at the
    first that is missing or empty. A signal that stops a run, sent to all of its processes (`timeout`, a closed
    terminal), is also reported as an error of each job. Errors are longer, or are to be looked for elsewhere, without
    this patch.
Upstream
    None filed.
Touches
    Nothing of Snakemake: it adds filters to Snakemake's logger, a `logging.Logger`. One drops the message about a
    script of ours that failed, or a command that ended as the run was stopped. One notes that it was, and has it told
    once. One shortens Snakemake's own errors, unless Stemwright is a module of another workflow: a host's errors stay
    as they are. In a job elsewhere, one writes Snakemake's errors to the job's log. One puts the logs of a failed job
    that have a content first. It sets `sys.excepthook` and `sys.unraisablehook`, unless for a host.
No logger plug-in
    A plug-in was tried and does not do as well. It is found only if it is importable before Snakemake starts, that is
    installed as a package; otherwise `--logger NAME` on the command line or in a profile ends in a usage error. It is a
    second handler beside those for the screen and the log file: it has to replace the former and cannot change the
    latter, and works in a thread of its own, so that its order with what jobs print themselves (refusals) is left to
    chance. It gets the same texts as a filter (the reason of a job is already text, too). So ours, `stemwright`, only
    says that the display of a run is to be ours (`stemwright.workflow.progress`).
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_error_text.py::test_snakemake_prints_a_traceback fails.
"""

from __future__ import annotations

import builtins
import logging
import os
import re
import sys
import threading
import warnings
from ast import literal_eval
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake.logging import logger
from snakemake.target_jobs import TargetSpec, parse_target_jobs_cli_args
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.base.errors import comes_of_ctrl_c
from stemwright.base.ownership import describe_denied
from stemwright.base.printable import printable
from stemwright.snakemake_patches._ours import is_name_of_ours, is_script_of_ours
from stemwright.snakemake_patches._patch import Patch, Source
from stemwright.snakemake_patches.forked_jobs import WAS_KILLED

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_ENDS_SOON = "Will exit after finishing currently running jobs"
_INTERRUPTED = "Interrupted."
STOPPED = ("Terminating processes on user request", _ENDS_SOON, _INTERRUPTED)
"""How it is begun to be told that a run was stopped by a signal."""

_FAILED = re.compile(
    r"^Command '((?s:.+?))' (returned non-zero exit status \d+|died with .+)\.$", re.MULTILINE
)
_MOMENT_S = 0.2
_TARGETS = "--target-jobs"
_IS_NO_REASON = re.compile(r"^(WorkflowError:\s*)?(At least one job did not|Exiting because a job)")
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):", re.MULTILINE)
_OF_CTRL_C = re.compile(r"^\s*KeyboardInterrupt\b", re.MULTILINE)
_OF_THE_SYSTEM = re.compile(r"^\[Errno \d+\] (?P<what>[^:]+)(?:: (?P<file>'.*?'|\".*?\"))?(?: -> .*)?$")


def _set_up(workflow: Workflow) -> None:
    is_host, is_stopped = not workflow.modifier.is_main_snakefile(), threading.Event()
    logger.addFilter(partial(_sort_logs, workflow))
    logger.addFilter(partial(_is_no_failure_of_ours, is_host, is_stopped))
    if not workflow.is_main_process and workflow.remote_exec:
        logger.addFilter(partial(_keep_in_log, workflow))
    if not is_host:
        logger.addFilter(partial(_shorten, workflow))
        sys.excepthook = partial(_report, sys.excepthook, workflow)
        sys.unraisablehook = partial(_report_ignored, sys.unraisablehook)
        # What these tell of a run that was stopped is of tasks that have not ended in order.
        for name in ("asyncio", "concurrent.futures"):
            logging.getLogger(name).addFilter(lambda _: not is_stopped.is_set())
        logging.raiseExceptions = False  # Snakemake's log file may be on the full disk
    logger.addFilter(partial(_note_stop, is_host, is_stopped))


def _note_stop(is_host: bool, is_stopped: threading.Event, record: Any) -> bool:
    """Note whether the run was stopped. That it ends soon is told once, and not again whenever a job ends."""
    text, was_stopped = str(record.msg), is_stopped.is_set()
    if text.startswith(STOPPED):
        is_stopped.set()
        if not is_host:
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    return is_host or not (was_stopped and text.startswith(_ENDS_SOON))


def _sort_logs(workflow: Workflow, record: Any) -> bool:
    """Put the logs of a failed job of ours that have a content first. A log that goes to a storage is still here."""
    if getattr(record, "event", None) == LogEvent.JOB_ERROR and is_name_of_ours(record.rule_name):
        job = next((job for job in workflow.dag.jobs if workflow.dag.jobid(job) == record.jobid), None)
        here = list(map(str, job.log)) if job else []
        record.log = sorted([*here, *record.log[len(here) :]], key=lambda log: not _has_content(log))
    return True


def _is_no_failure_of_ours(is_host: bool, is_stopped: threading.Event, record: Any) -> bool:
    """Whether to log it. Not if it is about a failed script of ours: Snakemake shows the job's logs.

    Nor if a command of ours has ended because the run was stopped.
    """
    failed = getattr(record, "event", None) == LogEvent.ERROR and _FAILED.search(str(record.msg))
    if not failed:
        return True
    command, how = failed.groups()
    is_script = is_script_of_ours(command)
    if is_host and not is_script:
        return True
    # What stops a run may reach its jobs and this process at the same time: then it is known in a moment.
    was_stopped = is_stopped.wait(_MOMENT_S)
    return not (was_stopped or (is_script and how == "returned non-zero exit status 1"))


def _shorten(workflow: Workflow, record: logging.LogRecord) -> bool:
    if getattr(record, "event", None) == LogEvent.ERROR:
        text = str(record.msg)
        record.msg = _interrupted(workflow) if _OF_CTRL_C.search(text) else _in_one_line(text)
    return True


def _report(report: Callable, workflow: Workflow, kind: type[BaseException], *error: Any) -> None:
    """Report what nobody has caught. Snakemake catches Ctrl-C only while its scheduler is at work, and only once."""
    if issubclass(kind, KeyboardInterrupt):
        print(_interrupted(workflow), file=sys.stderr)
    else:
        report(kind, *error)


def _report_ignored(report: Callable, ignored: Any) -> None:
    """Report what could not be raised, such as while Python ends; what comes of Ctrl-C is no error then."""
    if not comes_of_ctrl_c(ignored.exc_value):
        report(ignored)


def _interrupted(workflow: Workflow) -> str:
    return _INTERRUPTED if workflow.scheduler else f"{_INTERRUPTED} Nothing was built."


def _has_content(log: str) -> bool:
    return os.path.isfile(log) and os.path.getsize(log) > 0


def _keep_in_log(workflow: Workflow, record: logging.LogRecord) -> bool:
    """Append an error of Snakemake to the log of the job for which this Snakemake was started.

    Of several jobs, to all logs, unless one of them has begun: then the logs of those that begin say how they end.
    """
    text = str(record.msg).strip()
    is_reason = not _IS_NO_REASON.search(text) and WAS_KILLED not in text
    if getattr(record, "event", None) == LogEvent.ERROR and is_reason:
        logs = [
            Path(log.apply_wildcards(target.wildcards_dict))
            for target in _targets_of(sys.argv)
            if workflow.is_rule(target.rulename) and is_name_of_ours(target.rulename)
            for log in workflow.get_rule(target.rulename).log
        ]
        for path in logs if len(logs) == 1 or not any(map(os.path.exists, logs)) else ():
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "a", encoding="utf-8") as file:
                    file.write(f"{text}\n")
    return True


def _targets_of(words: Sequence[str]) -> list[TargetSpec]:
    """The jobs that a command line asks for. They are needed before Snakemake knows them, while rules are read."""
    after = words[words.index(_TARGETS) + 1 :] if _TARGETS in words else []
    specs = list(takewhile(lambda word: not word.startswith("--"), after))
    return list(parse_target_jobs_cli_args(specs)) if specs else []


def _in_one_line(text: str) -> str:
    """The last line of an OSError's traceback, as `FILE: No space left on device`. Other texts stay as they are."""
    if not _TRACEBACK.search(text):  # of an error while another is handled, the text begins with the other
        return text
    name, _, said = text.rstrip().rpartition("\n")[2].partition(": ")
    error = getattr(builtins, name, None)
    found = _OF_THE_SYSTEM.match(said)
    if not found or not (isinstance(error, type) and issubclass(error, OSError)):
        return text
    file = literal_eval(found["file"]) if found["file"] else ".snakemake"
    text = describe_denied(file) if error is PermissionError else f"{file}: {found['what']}"
    return printable(text)


PATCH = Patch(
    name="error_text",
    without="Error messages are longer.",
    is_safe_without=True,
    depends_on=(Source("snakemake.exceptions:format_exception_to_string", {"9.27.0": "6888d92c2ebd6987"}),),
    set_up=_set_up,
)
