"""Choke groups: a sound that is cut short when another begins, as an open hat by a closed one."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np

from stemwright.audio.fades import ramp

CHOKE_S = 0.012
"""The fade-out of a choked sound in s, from the frame that ends it."""


def choke_frames(
    hits: Sequence[tuple[int, Collection[Hashable], Collection[Hashable]]],
) -> list[int | None]:
    """Find when each hit is choked. Hits on the same frame do not choke each other.

    Parameters
    ----------
    hits : sequence of (int, collection, collection)
        Of each hit, in ascending order, its frame, the names by which it chokes, and the names that choke it.

    Returns
    -------
    list of int or None
        For each hit the frame of the next one that chokes it, or None.
    """
    ends: list[int | None] = []
    times: dict[Hashable, tuple[int, int | None]] = {}  # of each name, its next frame, and the one after that
    for frame, names, choked_by in reversed(hits):
        later = [t for name in choked_by if name in times for t in times[name] if t is not None and t > frame]
        ends.append(min(later, default=None))
        for name in names:
            soonest, _ = times.get(name, (None, None))
            if soonest != frame:
                times[name] = frame, soonest
    return ends[::-1]


def choke(sound: np.ndarray, start: int, end: int | None, rate: int) -> np.ndarray:
    """Cut a sound short with a fade-out.

    Parameters
    ----------
    sound : np.ndarray
        Shape (frames, channels).
    start : int
        Its first frame in the song.
    end : int or None
        The frame of the song where the fade-out begins, which lasts CHOKE_S; None if it is not choked.
    rate : int
        Sample rate in Hz.

    Returns
    -------
    np.ndarray
        The sound up to the end of the fade, a new array; the sound itself if it ends before or is not choked.
    """
    if end is None or end - start >= len(sound):
        return sound
    frames, fade = end - start, round(CHOKE_S * rate)
    kept = sound[: frames + fade]
    return kept * ramp(frames + fade - 1 - np.arange(len(kept)), fade)[:, None]
