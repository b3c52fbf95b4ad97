"""What went wrong is told in one line.

Without it
    A full disk, or a folder that cannot be written to, is a traceback through Snakemake; of a job of ours that failed,
    Snakemake tells the command and the lines of its Snakefile besides the job's log, which says why. It is only longer.
Upstream
    None filed: a matter of taste.
Touches
    Nothing of Snakemake's own: a filter of the standard library's logging, on Snakemake's logger. It leaves out what is
    said of a script of ours, and shortens what is said of Snakemake itself if Stemwright is the workflow, and not a
    module of another one: then a host's errors, all of them, are told as ever.
Why no logger plug-in
    A plug-in gets the same records, but as one more handler beside the screen's, which it can only replace: it would
    have to print all that Snakemake does, as Snakemake does it. It is found only if it is installed as a package, and
    only if `--logger` or the profile names it; and Snakemake runs it in a thread of its own, so that what the jobs
    print themselves (refusals) comes before or after it by chance. A filter comes before all handlers, plug-ins too.
Tried with
    Snakemake 9.27.0 and 9.27.1. With another, a text that is not known is left as it is.
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

from stemwright.snakemake_patches._ours import is_script_of_ours
from stemwright.snakemake_patches._patch import Patch, Source

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_FAILED = re.compile(r"^Command '(.+\.py)' returned non-zero exit status 1\.$", re.MULTILINE)
_OF_THE_SYSTEM = re.compile(r"^\[Errno \d+\] (?P<what>[^:]+)(?:: (?P<file>'.*?'|\".*?\"))?(?: -> .*)?$")


def _set_up(workflow: Workflow) -> None:
    logger.addFilter(_leave_out_ours)
    if workflow.modifier.is_main_snakefile():
        logger.addFilter(_shorten)
        logging.raiseExceptions = False  # Snakemake's own log may be on the full disk


def _leave_out_ours(record: logging.LogRecord) -> bool:
    """Whether to log it: of a job of ours that failed, its log speaks, which Snakemake shows."""
    if getattr(record, "event", None) != LogEvent.ERROR:
        return True
    failed = _FAILED.search(str(record.msg))
    return not (failed and is_script_of_ours(failed[1]))


def _shorten(record: logging.LogRecord) -> bool:
    if getattr(record, "event", None) == LogEvent.ERROR:
        record.msg = _in_one_line(str(record.msg))
    return True


def _in_one_line(text: str) -> str:
    """What a traceback of an error of the system comes to: `FILE: No space left on device`. Else the text."""
    if not text.startswith("Traceback (most recent call last):"):
        return text
    name, _, said = text.rstrip().rpartition("\n")[2].partition(": ")
    error = getattr(builtins, name, None)
    found = _OF_THE_SYSTEM.match(said)
    if not found or not (isinstance(error, type) and issubclass(error, OSError)):
        return text
    return f"{literal_eval(found['file']) if found['file'] else '.snakemake'}: {found['what']}"


PATCH = Patch(
    name="error_text",
    without="Errors are told at more length.",
    is_safe_without=True,
    depends_on=(Source("snakemake.exceptions:format_exception_to_string", {"9.27.0": "6888d92c2ebd6987"}),),
    set_up=_set_up,
)
