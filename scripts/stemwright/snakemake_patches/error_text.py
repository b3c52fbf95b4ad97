"""Errors of the system are reported in one line, and a failed job of ours by its log only.

Without it
    A full disk or a read-only folder is reported as a traceback through Snakemake. For a failed job of ours, Snakemake
    adds its command and the place in the Snakefile to the job's log, which gives the reason. Errors are only longer
    without this patch.
Upstream
    None filed.
Touches
    Nothing of Snakemake: it adds filters to Snakemake's logger, a `logging.Logger`. One drops the message about a
    script of ours that failed. One shortens Snakemake's own errors, unless Stemwright is a module of another workflow:
    a host's errors stay as they are.
No logger plug-in
    A plug-in was tried and does not do as well. It is found only if it is importable before Snakemake starts, that is
    installed as a package; otherwise `--logger NAME` on the command line or in a profile ends in a usage error. It is a
    second handler beside those for the screen and the log file: it has to replace the former and cannot change the
    latter, and works in a thread of its own, so that its order with what jobs print themselves (refusals) is left to
    chance. It gets the same texts as a filter (the reason of a job is already text, too).
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_error_text.py::test_snakemake_prints_a_traceback fails.
"""

from __future__ import annotations

import builtins
import logging
import re
from ast import literal_eval
from typing import TYPE_CHECKING

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.base.ownership import describe_denied
from stemwright.snakemake_patches._ours import is_script_of_ours
from stemwright.snakemake_patches._patch import Patch, Source

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_FAILED = re.compile(r"^Command '(.+)' returned non-zero exit status 1\.$", re.MULTILINE)
_OF_THE_SYSTEM = re.compile(r"^\[Errno \d+\] (?P<what>[^:]+)(?:: (?P<file>'.*?'|\".*?\"))?(?: -> .*)?$")


def _set_up(workflow: Workflow) -> None:
    logger.addFilter(_leave_out_ours)
    if workflow.modifier.is_main_snakefile():
        logger.addFilter(_shorten)
        logging.raiseExceptions = False  # Snakemake's log file may be on the full disk


def _leave_out_ours(record: logging.LogRecord) -> bool:
    """Whether to log it. Not if it is about a failed job of ours: Snakemake shows the job's log."""
    if getattr(record, "event", None) != LogEvent.ERROR:
        return True
    failed = _FAILED.search(str(record.msg))
    return not (failed and is_script_of_ours(failed[1]))


def _shorten(record: logging.LogRecord) -> bool:
    if getattr(record, "event", None) == LogEvent.ERROR:
        record.msg = _in_one_line(str(record.msg))
    return True


def _in_one_line(text: str) -> str:
    """The last line of an OSError's traceback, as `FILE: No space left on device`. Other texts stay as they are."""
    if not text.startswith("Traceback (most recent call last):"):
        return text
    name, _, said = text.rstrip().rpartition("\n")[2].partition(": ")
    error = getattr(builtins, name, None)
    found = _OF_THE_SYSTEM.match(said)
    if not found or not (isinstance(error, type) and issubclass(error, OSError)):
        return text
    file = literal_eval(found["file"]) if found["file"] else ".snakemake"
    return describe_denied(file) if error is PermissionError else f"{file}: {found['what']}"


PATCH = Patch(
    name="error_text",
    without="Error messages are longer.",
    is_safe_without=True,
    depends_on=(Source("snakemake.exceptions:format_exception_to_string", {"9.27.0": "6888d92c2ebd6987"}),),
    set_up=_set_up,
)
