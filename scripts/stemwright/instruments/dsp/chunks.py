"""Chunks: long sounds are computed in short chunks whose intermediate arrays fit into the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

_CHUNK_FRAMES = 16_000


def chunks(frames: int) -> Iterator[slice]:
    """Slices of at most 16,000 frames that cover `frames` frames in order."""
    return (slice(start, min(start + _CHUNK_FRAMES, frames)) for start in range(0, frames, _CHUNK_FRAMES))
