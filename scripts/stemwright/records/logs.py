"""Logs of jobs: whether a job has come to an end of its own, and what one elsewhere would have said on the screen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

UNFINISHED = """\
This job did not finish: it crashed, or it was killed, for example by the system when memory ran out.
Run fewer jobs at once (snakemake --cores), or provide more memory.
"""
"""What a log begins with until its job has ended."""

ON_SCREEN = "on the screen: "
"""What lines begin with that a job elsewhere, which has no screen, leaves for the run that started it."""


def has_ended(log: str | os.PathLike) -> bool:
    """Whether the job of a log has ended of its own: well, or by a failure that the log tells."""
    try:
        with Path(log).open(encoding="utf-8", errors="replace") as file:
            return file.read(len(UNFINISHED)) != UNFINISHED
    except OSError:
        return False


def said_elsewhere(logs: Iterable[str | os.PathLike]) -> list[str]:
    """What jobs elsewhere have left in their logs for the screen."""
    lines = []
    for log in logs:
        with suppress(OSError):
            lines += Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix(ON_SCREEN) for line in lines if line.startswith(ON_SCREEN)]
