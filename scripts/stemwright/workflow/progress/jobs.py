"""What happens in a run, as Snakemake logs it: which jobs have begun, how they ended, and what became of the files."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake.common import NOTHING_TO_BE_DONE_MSG
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.base.printable import printable
from stemwright.records.paths import COLLECTIONS, artifact_of, home_of, name_of_output
from stemwright.records.refusals import refusal_count
from stemwright.snakemake_patches import is_ours
from stemwright.snakemake_patches.error_text import STOPPED
from stemwright.snakemake_patches.short_plan import own_reason
from stemwright.workflow.cache import is_from_cache

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.workflow import Workflow

FOLLOWS = "what it is made from was made again"


@dataclass
class JobRun:
    """A job that a run has begun.

    Attributes
    ----------
    message : str
        What it does, in one line: `five-stems: render bass`.
    song : str
        The song, album or dataset, "" if it is for none.
    file : str
        The artifact that it makes or verifies, as in the plan; for rules that are not ours, its first output.
    output : str
        Its first output, as in the plan: the artifact or its sentinel. "" if it has none.
    reason : str
        Why it runs, in words.
    logs : list of str
        Its logs.
    ledgers : dict
        The ledgers of what it works for, by artifact, each with the number of refusals before it.
    result : str
        `running`, `done`, `refused`, `failed` or `interrupted`.
    is_reused : bool
        Whether what it was to make was in the cache.
    seconds : float
        How long it took, if it has ended.
    """

    message: str
    song: str
    file: str
    output: str
    reason: str
    logs: list[str]
    ledgers: dict[str, tuple[str, int]]
    result: str = "running"
    is_reused: bool = False
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds_so_far(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.started

    def end(self, failed: bool) -> list[str]:
        """Note its end. Returns the artifacts that it has refused: those whose ledgers have grown."""
        self.seconds = self.seconds_so_far
        refused = [
            artifact
            for artifact, (ledger, before) in self.ledgers.items()
            if failed and refusal_count(Path(ledger)) > before
        ]
        self.result = "refused" if refused else "failed" if failed else "done"
        self.is_reused = self.result == "done" and any(map(is_from_cache, self.logs))
        return refused


class RunJobs:
    """The jobs of a run.

    Attributes
    ----------
    planned : dict of int to Job
        Snakemake's jobs that are to run, by its number.
    jobs : dict of int to JobRun
        Those that have begun, by that number, in order.
    refused : dict of str to JobRun
        The artifacts that were refused, each with the job that has done so.
    is_planned : bool
        Whether there is a plan: what to run is known, if only that nothing is. Until then, no file was touched.
    was_stopped : bool
        Whether the user has stopped it.
    """

    def __init__(self, workflow: Workflow):
        self._workflow = workflow
        self.planned: dict[int, Job] = {}
        self.started_at = datetime.now(UTC)
        self._started = time.monotonic()
        self.jobs: dict[int, JobRun] = {}
        self.refused: dict[str, JobRun] = {}
        self._running: dict[int, JobRun] = {}
        self._left: Counter[str] = Counter()  # jobs that are not done, by song
        self.is_planned = self.was_stopped = False

    @property
    def seconds(self) -> float:
        """How long the run takes so far."""
        return time.monotonic() - self._started

    @property
    def total(self) -> int:
        """How many jobs are planned."""
        return len(self.planned)

    @property
    def ended(self) -> int:
        """How many jobs have ended, in whatever way."""
        return len(self.jobs) - len(self._running)

    def note(self, record: Any) -> JobRun | None:
        """Take in what Snakemake logs. Returns the job that it is about, if it begins or ends."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO or (event is None and record.msg == NOTHING_TO_BE_DONE_MSG):
            self._plan()
        elif event == LogEvent.JOB_INFO:
            job = self._begin(record)
            self.jobs[record.jobid] = self._running[record.jobid] = job
            return job
        elif event == LogEvent.JOB_FINISHED:
            return self._end(record.job_id, failed=False)
        elif event == LogEvent.JOB_ERROR:
            return self._end(record.jobid, failed=True)
        elif event in (None, LogEvent.ERROR) and str(record.msg).startswith(STOPPED):
            self.was_stopped = True
        return None

    def finish(self) -> None:
        """Note what has failed without a word of its own: the run is over."""
        scheduler = getattr(self._workflow, "scheduler", None)
        failed = {self._workflow.dag.jobid(job) for job in scheduler.failed} if scheduler else set()
        for number in failed.intersection(self._running):
            self._end(number, failed=True)

    def running(self) -> list[JobRun]:
        """The jobs at work."""
        return list(self._running.values())

    def files(self) -> dict[str, list[str]]:
        """The files of the run by what became of them.

        `refused`, `failed`, `not_reached` (a job for it did not run, or did not end), `built` and `up_to_date`. Each
        file is in one list.
        """
        states: dict[str, set[str]] = {name: set() for name in ("refused", "failed", "not_reached", "built")}
        states["refused"].update(self.refused)
        for number, job in self.planned.items():
            begun = self.jobs.get(number)
            file = begun.file if begun else _file_of(job)
            result = begun.result if begun else "running"
            state = {"done": "built", "failed": "failed"}.get(result, "not_reached")
            states[state].add(file)
        every = [_file_of(job) for job in self._workflow.dag.jobs]
        states["up_to_date"] = set(every)
        seen = {""}
        found = {}
        for name, files in states.items():
            found[name] = sorted(files - seen)
            seen |= files
        return found

    def asked(self) -> list[str]:
        """The files that the command asks for: of targets that are no files, those that they need."""
        dag = self._workflow.dag
        targets = [
            job
            for target in dag.targetjobs
            for job in ([target] if target.output else dag.dependencies[target])
        ]
        return sorted({_file_of(job) for job in targets})

    def songs(self) -> list[str]:
        """The folders of songs, albums and datasets that the run is about, below the output root."""
        return sorted(
            {folder for job in self._workflow.dag.jobs if (folder := _folder_of(job.wildcards_dict))}
        )

    def songs_done(self) -> tuple[int, int]:
        """How far the songs, albums and datasets are of which there are jobs in this run.

        Returns
        -------
        done, number : int
            Of how many all jobs are done, and how many they are.
        """
        return sum(not left for left in self._left.values()), len(self._left)

    def of_song(self, folder: str) -> list[JobRun]:
        """The jobs of a song, album or dataset that have ended."""
        return [job for job in self.jobs.values() if job.song == folder and job.result != "running"]

    def _plan(self) -> None:
        dag = self._workflow.dag
        self.is_planned = True
        self.planned.update((dag.jobid(job), job) for job in dag.needrun_jobs())
        self._left.clear()
        for number, job in self.planned.items():
            if folder := _folder_of(job.wildcards_dict):
                is_done = number in self.jobs and self.jobs[number].result == "done"
                self._left[folder] += not is_done

    def _begin(self, record: Any) -> JobRun:
        if record.jobid not in self.planned:  # a checkpoint has added jobs
            self._plan()
        job = self.planned.get(record.jobid)
        params = getattr(job.params, "job", {}) if job and is_ours(job.rule) else {}
        output = str(job.output[0]) if job and job.output else ""
        reason = own_reason(record.reason)
        return JobRun(
            message=message_of(record),
            song=_folder_of(record.wildcards or {}),
            file=params.get("artifact") or output,
            output=name_of_output(output, params.get("artifact", "")) if output else "",
            reason=reason or FOLLOWS,
            logs=list(map(str, record.log)),
            ledgers={
                artifact: (ledger, refusal_count(Path(ledger)))
                for artifact, ledger in params.get("ledgers", {}).items()
            }
            if output
            else {},
        )

    def _end(self, number: int, failed: bool) -> JobRun | None:
        job = self._running.pop(number, None)
        if job:
            self.refused.update((artifact, job) for artifact in job.end(failed))
            if job.result == "failed" and self.was_stopped:
                job.result = "interrupted"
            if job.result == "done" and job.song:
                self._left[job.song] -= 1
        return job


def message_of(record: Any) -> str:
    """What a job does, in one line: its rule's message, or else the rule with its wildcards."""
    if record.rule_msg:
        return printable(record.rule_msg.strip().partition("\n")[0])
    wildcards = ", ".join(f"{name}={value}" for name, value in (record.wildcards or {}).items())
    return printable(f"{record.rule_name} ({wildcards})" if wildcards else record.rule_name)


def _file_of(job: Job) -> str:
    return artifact_of(str(job.output[0])) if job.output else ""


def _folder_of(wildcards: dict[str, str]) -> str:
    kinds = ("song", *COLLECTIONS.values())
    return next((home_of(kind, wildcards[kind]) for kind in kinds if kind in wildcards), "")
