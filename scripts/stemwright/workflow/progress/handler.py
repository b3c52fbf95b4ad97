"""The handler of Snakemake's logger that follows a run: it feeds the screen, and at the end writes what is to be kept.

Snakemake closes its handlers when all is over, however a run has ended; so that is the end for this one, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from snakemake.logging import ColorizingTextHandler, logger

from stemwright.base.printable import printable
from stemwright.workflow.progress.jobs import RunJobs
from stemwright.workflow.progress.screen import Screen
from stemwright.workflow.progress.summary import summarize, summary_text, write_runs, write_summary

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_DEFAULT = "DefaultStreamHandler"
"""Snakemake's name of its own handler for the screen."""


def follow_run(workflow: Workflow, results: str, logs: str, write_index: Callable[[], str | None]) -> None:
    """Follow the run that begins, unless it is a dry run or a job.

    The screen is ours if the user has chosen the logger `stemwright`, or none and this is not a module of another
    workflow. With `--verbose` it is Snakemake's. What is kept of a run is written in any case.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow.
    results, logs : str
        The output root, and the root of logs.
    write_index : callable
        Writes the index of all songs, and returns its path; None if there is no place for one.
    """
    wanted = workflow.output_settings
    if (
        not workflow.is_main_process
        or wanted.dryrun
        or any(isinstance(h, RunHandler) for h in logger.handlers)
    ):
        return
    handler = RunHandler(workflow, results, logs, write_index)
    if not (wanted.verbose or wanted.debug_dag) and (before := _handler_to_replace(workflow)):
        assert handler.lock
        handler.screen = Screen(workflow, handler.jobs, before, handler.lock)
    logger.addHandler(handler)


def _handler_to_replace(workflow: Workflow) -> ColorizingTextHandler | None:
    """What writes to the screen until now, and no longer does, if ours is to do that."""
    for plugin in workflow.logger_manager.plugin_handlers:
        if give_way := getattr(plugin, "give_way_to_stemwright", None):
            return give_way()
    for handler in logger.handlers:
        if handler.name == _DEFAULT and workflow.modifier.is_main_snakefile():
            logger.removeHandler(handler)
            return handler
    return None


class RunHandler(logging.Handler):
    """The handler. For its parameters, see `follow_run`."""

    def __init__(self, workflow: Workflow, results: str, logs: str, write_index: Callable[[], str | None]):
        super().__init__()
        self._workflow, self._results, self._logs, self._write_index = workflow, results, logs, write_index
        self.jobs = RunJobs(workflow)
        self.screen: Screen | None = None
        self._is_closed = False

    def emit(self, record: Any) -> None:
        """Take in what Snakemake logs."""
        try:
            job = self.jobs.note(record)
            if self.screen:
                self.screen.show(record, job)
        except Exception:  # as in all handlers: no run ends for it
            self.handleError(record)

    def close(self) -> None:
        """End the run: write what is to be kept of it, and say how it ended."""
        super().close()
        if self._is_closed:
            return
        self._is_closed = True
        text = ""
        try:
            if self.jobs.is_planned and not self._workflow.touch:
                text = self._keep()
        finally:  # whatever happens, the terminal is given back
            if self.screen:
                self.screen.close(text)

    def _keep(self) -> str:
        """Write what is to be kept of the run. Returns its summary, and what could not be written."""
        self.jobs.finish()
        summary = summarize(self.jobs, self._results)
        problems = [
            problem
            for write in (
                lambda: write_runs(self.jobs, self._results),
                lambda: summary.update(index=self._write_index()),
                lambda: write_summary(summary, self._logs),
            )
            if (problem := _problem_of(write))
        ]
        return "\n".join([*problems, summary_text(summary)])


def _problem_of(write: Callable[[], Any]) -> str:
    """What keeps something from being written: all else of the run is as it is."""
    try:
        write()
    except OSError as error:
        return f"warning: {printable(str(error.filename))}: {error.strerror}"
    # Such as for a name that is no text: whoever closes handlers is silent about errors.
    except Exception as error:
        return f"warning: not all that is kept of the run could be written: {printable(repr(error))}"
    return ""
