"""What every script of a rule does around its one call: log, tell users' errors plainly, fail cleanly."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import naming_errors
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline
from stemwright.records.produced import write_produced

_CUT_OFF = """\
This job did not come to its end: it crashed or was killed, as the system does when memory runs out.
Run fewer jobs at once (snakemake --cores), or give it more memory.
"""
_screen = 2
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextmanager
def job(snakemake: Any) -> Iterator[dict[str, Any]]:
    """Run a rule's script: gives its params, and sends all that is printed to its log.

    A user's error ends the job with its text and no traceback; so does a full disk or a lost file.
    """
    global _screen
    log, _screen = Path(snakemake.log[0]), os.dup(2)
    try:
        _end_with_snakemake()
        _open_log(log)
        yield snakemake.params.job["params"]
        if made := snakemake.output.get("made"):
            write_produced(made, [file for file in snakemake.output if file != made])
        _close_log(log)
        return
    except StemwrightError as error:
        text = str(error)
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    except MemoryError:
        text = "out of memory: run fewer jobs at once (snakemake --cores), or give it more"
    except KeyboardInterrupt:
        text = "interrupted"
    except SystemExit:  # after the script has said why
        text = ""
    except Exception:
        text = traceback.format_exc().rstrip()
    try:
        _close_log(log, f"{text}\n" if text else "")
    except OSError:  # the log cannot be written: its folder is read-only, or its disk full
        print_to_screen(text)
    sys.exit(1)


def print_to_screen(text: str) -> None:
    """Say something on the screen, where all that is printed goes to the log."""
    os.write(_screen, f"{text}\n".encode())


def _end_with_snakemake() -> None:
    """When Snakemake is killed, the job is too, lest it works on unseen beside the next run's. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _open_log(log: Path) -> None:
    """Send all that is printed to the log. What it says at first stays if the job does not come to its end."""
    with naming_errors(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(_CUT_OFF)
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)


def _close_log(log: Path, text: str = "") -> None:
    """Leave in the log what was printed, and this text."""
    with naming_errors(log):
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            printed = log.read_bytes().removeprefix(_CUT_OFF.encode())
            with open(log, "r+b") as file:
                file.write(printed + text.encode())
                file.truncate()


def context_of(params: Mapping[str, Any], inputs: Any = None) -> RenderContext:
    """The render context that a job's params describe.

    `inputs` are the job's (`snakemake.input`), where it reads files by their roles: those of the list `files`, in the
    order of `params["files"]`, and the conformed `reference`.
    """
    context = dict(params["context"])
    timeline = context.pop("timeline", None)
    files: dict[str, str] = {}
    if inputs is not None:
        files = dict(zip(params["files"], inputs.files, strict=True))
        for path in inputs.get("reference", ()):
            files["reference"] = path
    return RenderContext(
        **context,
        seed=params.get("seed", ""),
        timeline=timeline and Timeline.from_dict(timeline),
        files=files,
    )
