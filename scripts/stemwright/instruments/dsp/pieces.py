"""Long sounds are reckoned in short pieces: what is in hand of one stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

_AT_ONCE = 16_000


def pieces(frames: int) -> Iterator[slice]:
    """The frames of a sound, piece by piece."""
    return (slice(start, min(start + _AT_ONCE, frames)) for start in range(0, frames, _AT_ONCE))
