"""Builds of one target by Snakemake, in a process of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from stemwright.base.printable import printable_lines

_OF_SUCCESS = re.compile(
    r"\[ *\d+/\d+\] (?!.*: (REFUSED|FAILED) )|Using workflow specific profile|All songs: "
)
"""Lines that are no help where something went wrong."""

_LINES = 60
"""How much is told of what went wrong."""


_PATIENCE_S = 20


@dataclass(frozen=True)
class Built:
    """How a build ended: what Snakemake said if it failed, else nothing, and how long it took in s."""

    error: str
    seconds: float


class Builder:
    """Builds targets, one run at a time; for use in a `with` statement, which ends a run that is left.

    Parameters
    ----------
    targets : sequence of str
        What is built.
    """

    def __init__(self, targets: Sequence[str]):
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *targets]
        self._running: subprocess.Popen[str] | None = None

    def __enter__(self) -> Builder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = self._running
        if running is None or running.poll() is not None:
            return
        # As Ctrl-C: it ends its jobs, and leaves no lock. Python may lose one that comes as a task of asyncio ends.
        for _ in range(2):
            running.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                running.communicate(timeout=_PATIENCE_S)
                return
        running.kill()
        running.communicate()

    def build(self) -> Built:
        """Run Snakemake, and wait for its end."""
        began = time.monotonic()
        # In a group of its own, so that Ctrl-C reaches it once: a second one would end it without order.
        self._running = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            process_group=0,
        )
        said, _ = self._running.communicate()
        seconds = time.monotonic() - began
        return Built(_told(said) if self._running.returncode else "", seconds)


def _told(said: str) -> str:
    """What is worth telling of a run that failed, fit for a screen."""
    lines = [line for line in printable_lines(said).splitlines() if not _OF_SUCCESS.match(line)]
    return "\n".join(lines[-_LINES:]).strip() or "snakemake failed, and said nothing"
