"""Claims: which run's job may write a file.

A job that runs elsewhere outlives a run that is killed, and the next run starts the same job anew. So a run claims what
it starts jobs elsewhere for, and a job whose claim has gone to another run, or whose run has recorded it already,
neither writes nor deletes anything. A claim is a small file in `.snakemake`, which is shared with these jobs.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

RUN = "STEMWRIGHT_RUN"
"""The environment variable by which a run tells the jobs that it starts elsewhere who it is."""

CLAIMED_FOR = "STEMWRIGHT_CLAIMED_FOR"
"""The same, as a job elsewhere knows it. Jobs of the run itself end with it, and do not have it."""

_FOLDER = Path(".snakemake/stemwright/claims")


def claim(file: str, run: str) -> None:
    """Record that a job which makes `file` is started for a run."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    _path(file).write_text(run)


def release(file: str) -> None:
    """No job elsewhere may write `file`."""
    _path(file).unlink(missing_ok=True)


def is_claimed(file: str, run: str) -> bool:
    """Whether a job that was started for a run may write `file`. Where no claims are shared, it may."""
    try:
        return _path(file).read_text() == run
    except OSError:
        return not _FOLDER.is_dir()


def claimed_at(file: str) -> int | None:
    """When a job that makes `file` was started, in nanoseconds since 1970; None if none was."""
    try:
        return _path(file).stat().st_mtime_ns
    except OSError:
        return None


def _path(file: str) -> Path:
    return _FOLDER / hashlib.sha256(file.encode()).hexdigest()
