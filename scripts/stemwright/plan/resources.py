"""What a job takes of the machine that it runs on: Snakemake's resources `mem_mb`, `runtime` (minutes) and `disk_mb`.

Computed from what is known when a build is planned: the frames and channels of what a job reads and writes, and what
its source or effects hold in memory. Bounds, not estimates: a cluster ends a job that takes more. They are in no job's
params, so that another estimate is no reason to run a job again. The constants were measured with
`bench/long_song.py --jobs` and `bench/memory.py` (docs/guides/cluster.md has the table).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from stemwright.graph import Artifact

Needs: TypeAlias = Mapping[str, int]
"""`mem_mb`, `runtime` in minutes, `disk_mb`."""

NAMES = ("mem_mb", "runtime", "disk_mb")
"""Snakemake's names of these resources."""

PACE = 0.1
"""How long a job takes at most, in minutes for a minute of stereo sound at 48 kHz that it reads or writes."""

ANY_PACE = 0.5
"""The same, of a job that runs the sources or effects of a song, which may be slow, or programs of a user."""

_JOB_MB = 400
"""A job, with its libraries (measured: at most 170 MB), and the Snakemake around it elsewhere (150 MB)."""
_JOB_MINUTES = 1
_STEREO_MINUTE = 2 * 48_000 * 60
"""The samples of a minute of sound in the format of most sessions."""
_BYTES_READ, _BYTES_WRITTEN = 4, 12
"""Bytes on disk for each sample: of 32-bit files, and of what is written with a spool of 64-bit samples beside it."""


def needs(artifact: Artifact, frames: int, pace: float = PACE, held_bytes: int = 0) -> Needs:
    """What the job takes that makes or verifies an artifact.

    Parameters
    ----------
    artifact : Artifact
        The artifact.
    frames : int
        The length of audio files that do not say how long they are, such as a reference: that of the song.
    pace : float
        See `PACE`.
    held_bytes : int
        What its source or effects hold in memory.

    Returns
    -------
    Needs
    """
    written = _samples(artifact, frames)
    read = sum(_samples(each, frames) for each in _read_by(artifact))
    minutes = pace * (written + read) / _STEREO_MINUTE
    return {
        "mem_mb": _JOB_MB + math.ceil(held_bytes / 1e6),
        "runtime": _JOB_MINUTES + math.ceil(minutes),
        # a file without samples of its own is made of what is read, as an archive is
        "disk_mb": 1 + math.ceil((_BYTES_READ * read + _BYTES_WRITTEN * (written or read)) / 1e6),
    }


def _read_by(artifact: Artifact) -> Iterator[Artifact]:
    """What its job reads, and its verification compares it with."""
    for entries in (*artifact.inputs.values(), artifact.compared_with):
        yield from (entry for entry in entries if isinstance(entry, Artifact))


def _samples(artifact: Artifact, frames: int) -> int:
    if not artifact.is_audio:
        return 0
    return int(str(artifact.format.get("frames", frames))) * int(str(artifact.format["channels"]))
