"""What a run says on the screen: a panel on a terminal, and lines in a pipe; what must be read stays in both.

Until a run begins, and in all that is no run (a mistake in a song, a list, a dry run), Snakemake's own handler speaks.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake.common import NOTHING_TO_BE_DONE_MSG
from snakemake.logging import ColorizingTextHandler
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.base.clock import clock
from stemwright.base.printable import printable_lines
from stemwright.records.logs import ON_SCREEN, said_elsewhere
from stemwright.snakemake_patches import is_of_a_song, is_ours
from stemwright.workflow.progress.estimate import Estimate
from stemwright.workflow.progress.jobs import JobRun, RunJobs
from stemwright.workflow.progress.panel import Panel

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_SAID_OTHERWISE = re.compile(
    "|".join(
        (
            r"Assuming unrestricted shared filesystem usage",
            r"Building DAG of jobs",
            r"Using shell: ",
            r"(Conda environments|Singularity containers|Group jobs): ",
            r"Select jobs to execute",
            r"Shutting down, this might take some time",
            r"Complete log\(s\): ",
            r"Elapsed time: ",
            r"Exiting because a job execution failed",
            r"(WorkflowError:\s*)?At least one job did not complete successfully",
            re.escape(NOTHING_TO_BE_DONE_MSG),
        )
    )
)
"""What Snakemake says of itself, or what the summary says in other words."""
_SILENT = (
    LogEvent.WORKFLOW_STARTED,
    LogEvent.RESOURCES_INFO,
    LogEvent.RULEGRAPH,
    LogEvent.JOB_STARTED,
    LogEvent.JOB_INFO,
    LogEvent.GROUP_INFO,
    LogEvent.PROGRESS,
)
_RED, _YELLOW, _GREEN, _DIM = "31", "33", "32", "2"
_BAR = 24
_RESULTS = {"refused": "REFUSED", "failed": "FAILED"}
_TIME_STAMP = re.compile(r"^\[.*\]\n")


class Screen:
    """The screen of a run.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow.
    jobs : RunJobs
        Its jobs.
    before : ColorizingTextHandler
        Snakemake's own handler.
    lock : lock
        A re-entrant lock that is held while `jobs` changes.
    """

    def __init__(
        self, workflow: Workflow, jobs: RunJobs, before: ColorizingTextHandler, lock: threading.RLock
    ):
        self._workflow, self._jobs, self._before, self._lock = workflow, jobs, before, lock
        self._wanted = workflow.output_settings
        before.nocolor = before.nocolor or bool(os.environ.get("NO_COLOR"))
        self._colours = not (self._wanted.nocolor or before.nocolor)
        self._is_on = False
        self._last = ""
        self._panel: Panel | None = None
        self._estimate: Estimate | None = None

    def show(self, record: logging.LogRecord, job: JobRun | None) -> None:
        """Show what Snakemake logs, and what became of a job by that."""
        event = getattr(record, "event", None)
        if event == LogEvent.WORKFLOW_STARTED:
            self._is_on = True
        if not self._is_on or self._workflow.touch:
            if not (event is None and _SAID_OTHERWISE.match(str(record.msg))) or self._workflow.touch:
                self._before.handle(record)
            return
        if event == LogEvent.RUN_INFO and self._may_draw():
            self._estimate = Estimate(self._workflow, self._jobs)
            self._panel = Panel(self._content, self._lock)
        if event in (LogEvent.JOB_FINISHED, LogEvent.JOB_ERROR) and job and not self._workflow.local_exec:
            for line in said_elsewhere(job.logs):
                self.print(line)
        if self._before.filter(record) and (text := self._text(record, event, job)):
            self.print(text, {logging.WARNING: _YELLOW, logging.ERROR: _RED}.get(record.levelno, ""))

    def print(self, text: str, colour: str = "") -> None:
        """Print lines, the first of them coloured."""
        first, newline, rest = printable_lines(text.rstrip("\n")).partition("\n")
        text = self._paint(first, colour) + newline + rest
        if self._panel:
            self._panel.print(text)
        else:
            with suppress(OSError, ValueError):  # nobody reads it any more
                self._before.stream.write(f"{text}\n")
                self._before.stream.flush()

    def close(self, summary: str) -> None:
        """End the panel, and print the summary of the run, if a user wants one."""
        if self._panel:
            self._panel.close()
            self._panel = None
        is_wanted = not {Quietness.ALL, Quietness.PROGRESS}.intersection(self._wanted.quiet or ())
        if summary and self._is_on and is_wanted:
            self.print(f"\n{summary}" if self._jobs.total else summary)
        self._before.close()

    def _text(self, record: Any, event: LogEvent | None, job: JobRun | None) -> str:
        if event in _SILENT:
            return ""
        if event == LogEvent.RUN_INFO:
            return getattr(record, "plan", "")
        if event == LogEvent.JOB_FINISHED:
            is_quiet = self._panel or Quietness.RULES in (self._wanted.quiet or ())
            return self._line(job) if job and not is_quiet else ""
        if event == LogEvent.SHELLCMD:
            return record.shellcmd or ""
        if event == LogEvent.JOB_ERROR and self._jobs.was_stopped and not (job and job.result == "refused"):
            return ""
        if event == LogEvent.JOB_ERROR:
            return (f"{self._line(job)}\n" if job else "") + self._why(record)
        if event in (None, LogEvent.ERROR):
            text, last = str(record.msg or "").strip("\n"), self._last
            self._last = text
            return "" if _SAID_OTHERWISE.match(text.strip()) or text == last else text
        return _TIME_STAMP.sub("", self._before.format(record))

    def _line(self, job: JobRun) -> str:
        """A job that has ended: `[12/39] five-stems: render bass (0.4 s)`, perhaps with its result."""
        total = str(self._jobs.total)
        result = f": {_RESULTS[job.result]}" if job.result in _RESULTS else ": reused" * job.is_reused
        return f"[{self._jobs.ended:{len(total)}}/{total}] {job.message}{result} ({job.seconds:.1f} s)"

    def _why(self, record: Any) -> str:
        """Why a job has failed: what its logs say; for rules that do not write it there, what Snakemake says."""
        job = self._jobs.planned.get(record.jobid)
        logs = [(log, text) for log in record.log if (text := _text_in(log))]
        if logs and job and is_ours(job.rule) and not is_of_a_song(job.rule):
            shown = [
                f"{log}:\n{text}\n" if self._wanted.show_failed_logs else f"see {log}" for log, text in logs
            ]
            return "\n".join(shown)
        return _TIME_STAMP.sub("", self._before.format(record)) + "\n"

    def _may_draw(self) -> bool:
        stream = self._before.stream
        is_terminal = self._before.is_tty and stream in (sys.stderr, sys.__stderr__) and os.isatty(2)
        return is_terminal and os.environ.get("TERM", "dumb") != "dumb" and not self._wanted.quiet

    def _content(self, columns: int, rows: int) -> list[str]:
        """The panel: how far the run is, and what is at work."""
        jobs, running = self._jobs, self._jobs.running()
        part = jobs.ended / max(1, jobs.total)
        full = round(part * _BAR)
        bar = self._paint("━" * full, _GREEN) + self._paint("━" * (_BAR - full), _DIM)
        done, songs = jobs.songs_done()
        said = [
            f"{jobs.ended}/{jobs.total} jobs",
            *([f"{done}/{songs} songs"] if songs > 1 else []),
            f"{len(running)} running, {jobs.total - jobs.ended - len(running)} left",
            clock(jobs.seconds),
        ]
        left = self._estimate.seconds_left() if self._estimate else None
        if left is not None:
            said.append(f"about {clock(left)} to go")
        most = max(1, min(8, rows - 4))
        shown = [f"  {job.message}  {clock(job.seconds_so_far)}" for job in running[:most]]
        more = [f"  … and {len(running) - most} more"] if len(running) > most else []
        return [f"{bar} {' · '.join(said)}", *shown, *more]

    def _paint(self, text: str, colour: str) -> str:
        if not (colour and self._colours and text):
            return text
        return f"\x1b[{colour}m{text}\x1b[0m"


def _text_in(log: str) -> str:
    try:
        text = Path(log).read_text(encoding="utf-8", errors="backslashreplace")
    except OSError:
        return ""
    return "\n".join(line for line in text.splitlines() if not line.startswith(ON_SCREEN)).strip()
