"""The frame of every rule's script: its log, the text of its errors, and the record of what it produced."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from stemwright.base.beside import end_with_parent
from stemwright.base.errors import OrphanedJobError, StemwrightError, comes_of_ctrl_c
from stemwright.base.files import guard_writing, naming_errors
from stemwright.base.memory import keep_freed_memory
from stemwright.base.printable import printable, printable_lines
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline
from stemwright.records.claims import CLAIMED_FOR
from stemwright.records.logs import ON_SCREEN, UNFINISHED
from stemwright.records.produced import write_produced
from stemwright.records.refusals import refuse_changed_files
from stemwright.workflow.cache import CACHE
from stemwright.workflow.work import Work

_screen = 2
_said: list[str] = []
_work: Work | None = None


class _ReusedResult(SystemExit):
    """The job ends well without its script: what it was to make was in the cache."""


@contextmanager
def job(snakemake: Any, checked_later: Iterable[str] = (), forks: bool = False) -> Iterator[dict[str, Any]]:
    """Run the body of a rule's script: yields the params of the job; output to stdout and stderr goes to its log.

    Inputs are compared with their sentinels before anything gets a final name: one that differs is refused. On success,
    the record of what the job produced is written. With a cache, its result is stored there; where it is in there, the
    body is not run, and the process ends.

    An error that the user can cause (a StemwrightError, an OSError such as a full disk, too little memory) ends the job
    with its message only; any other with a traceback.

    Parameters
    ----------
    snakemake : snakemake.script.Snakemake
        What Snakemake gives to the script.
    checked_later : iterable of str
        Roles of inputs that the script itself compares with their sentinels.
    forks : bool
        Whether the script forks processes. Then it begins to hash the inputs itself, see `Work.hashing`, when that is
        done: otherwise a thread does so from the start.
    """
    global _screen, _work
    log, _screen = Path(snakemake.log[0]), os.dup(2)
    try:
        end_with_parent()  # killed when Snakemake is: it cannot run beside the jobs of the next run
        keep_freed_memory()
        _open_log(log)
        with refuse_changed_files(snakemake.params.job.get("ledgers", {})):
            if snakemake.output:
                _work = Work(snakemake, checked_later)
                guard_writing(_work.check_writing)
                if not forks:
                    _work.hashing.start()
            if cached := _find_cache(snakemake):
                work().check_inputs()
            is_reused = cached is not None and cached.restore()
            if not is_reused:
                try:
                    yield snakemake.params.job["params"]
                finally:
                    # Also where it fails: perhaps because of an input that is not what it should be.
                    if _work and not isinstance(sys.exception(), KeyboardInterrupt):
                        _work.check_inputs()
        if made := snakemake.output.get("made"):
            files = [file.removeprefix(work().root) for file in snakemake.output if file != made]
            write_produced(made, files, work().account(), work().root)
        if cached and not is_reused:
            lines = _printed(log).splitlines(keepends=True)
            cached.store("".join(line for line in lines if not line.startswith(ON_SCREEN)), _said)
        _close_log(log)
        if is_reused:
            raise _ReusedResult(0)
        return
    except _ReusedResult:
        raise
    except OrphanedJobError as error:  # the log is the other job's, too
        _write_to_screen(str(error))
        sys.exit(1)
    except StemwrightError as error:
        text = str(error)
    except OSError as error:
        text = f"{printable(str(error.filename))}: {error.strerror}" if error.filename else str(error)
    except MemoryError:
        text = "out of memory: run fewer jobs at once (snakemake --cores), or provide more"
    except KeyboardInterrupt:
        text = "interrupted"
    except SystemExit:  # the script has printed the reason
        text = ""
    except Exception as error:
        text = "interrupted" if comes_of_ctrl_c(error) else traceback.format_exc().rstrip()
    try:
        _close_log(log, f"{text}\n" if text else "")
    except OSError:  # the log cannot be written: read-only folder, full disk
        _write_to_screen(text)
    sys.exit(1)


def work() -> Work:
    """What the running job works on. Only for jobs with an output."""
    assert _work
    return _work


def _find_cache(snakemake: Any) -> Any:
    """The job as the cache sees it; None without a cache, or if it makes nothing."""
    if not (os.environ.get(CACHE) and snakemake.output):
        return None
    # By name, as how a cache is kept is no reason to make anything again.
    return import_module("stemwright.workflow.cache.jobs").CachedJob(snakemake, work(), _write_to_screen)


def print_to_screen(text: str) -> None:
    """Print to the screen: inside `job`, stdout and stderr go to the log. Elsewhere, leave it there for the screen."""
    _said.append(text)
    if CLAIMED_FOR in os.environ:
        for line in text.splitlines():
            print(f"{ON_SCREEN}{line}")
    _write_to_screen(text)


def _write_to_screen(text: str) -> None:
    os.write(_screen, f"{printable_lines(text)}\n".encode())


def _open_log(log: Path) -> None:
    """Redirect stdout and stderr to the log, which at first holds the message of a job that did not finish."""
    with naming_errors(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(UNFINISHED)
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)


def _close_log(log: Path, text: str = "") -> None:
    """Replace the first message of the log: keep what was printed, made fit for a screen, and append `text`."""
    with naming_errors(log):
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            printed = _printed(log)
            with open(log, "r+b") as file:
                file.write(printable_lines(printed + text).encode())
                file.truncate()


def _printed(log: Path) -> str:
    """What the job has printed so far."""
    sys.stdout.flush()
    return log.read_text(encoding="utf-8", errors="backslashreplace").removeprefix(UNFINISHED)


def context_of(params: Mapping[str, Any], inputs: Any = None) -> RenderContext:
    """The render context that the params of a job describe.

    `inputs` (`snakemake.input`) is needed by jobs that read files by role: the named input `files`, whose roles are
    `params["files"]` in the same order, likewise `side_chains`, and the conformed `reference`.
    """
    context = dict(params["context"])
    timeline = context.pop("timeline", None)
    files: dict[str, str] = {}
    if inputs is not None:
        files = dict(zip(params["files"], inputs.files, strict=True))
        files |= zip(params.get("side_chains", ()), inputs.get("side_chains", ()), strict=True)
        for path in inputs.get("reference", ()):
            files["reference"] = path
    return RenderContext(
        **context,
        seed=params.get("seed", ""),
        timeline=timeline and Timeline.from_dict(timeline),
        files=files,
    )
