"""Logs of jobs: what one holds while its job is at work, and so whether the job has come to an end of its own."""

from __future__ import annotations

import os
from pathlib import Path

UNFINISHED = """\
This job did not finish: it crashed, or it was killed, for example by the system when memory ran out.
Run fewer jobs at once (snakemake --cores), or provide more memory.
"""
"""What a log begins with until its job has ended."""


def has_ended(log: str | os.PathLike) -> bool:
    """Whether the job of a log has ended of its own: well, or by a failure that the log tells."""
    try:
        with Path(log).open(encoding="utf-8", errors="replace") as file:
            return file.read(len(UNFINISHED)) != UNFINISHED
    except OSError:
        return False
