"""Edges: silence at the head and the tail of a file, and the level at which its sound begins and ends."""

from __future__ import annotations

import numpy as np

from stemwright.measure._base import Meter

_NEAR_S, _LAST_S = 0.010, 0.001


class Edges(Meter):
    """Silence before the first and after the last sample above `floor` (full scale 1), in any channel.

    `head`, `tail`: in s; None for a file without such a sample. `first`, `last`: the peaks of the first frame and of
    the last ms. `near_head`, `near_tail`: the peaks of the first and the last 10 ms. All peaks are linear.
    """

    def __init__(self, floor: float):
        self.floor = floor

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.frames = rate, 0
        self._sound: tuple[int, int] | None = None  # the first and the last frame above the floor
        self._near, self._short = round(_NEAR_S * rate), max(1, round(_LAST_S * rate))
        self._begin = self._end = np.zeros((0, channels))

    def feed(self, block: np.ndarray) -> None:
        if len(self._begin) < self._near:
            self._begin = np.concatenate((self._begin, block[: self._near - len(self._begin)]))
        self._end = np.concatenate((self._end, block[-self._near :]))[-self._near :]
        last = self._last(block)
        if last is not None:
            first = self._sound[0] if self._sound else self.frames + int(np.argmax(self._over(block)))
            self._sound = first, self.frames + last
        self.frames += len(block)

    def _over(self, block: np.ndarray) -> np.ndarray:
        return (np.abs(block) > self.floor).any(axis=1)

    def _last(self, block: np.ndarray) -> int | None:
        """The last frame above the floor. It is searched from the end: in music, it lies near there."""
        size, end = 64, len(block)
        while end:
            start = max(0, end - size)
            found = np.flatnonzero(self._over(block[start:end]))
            if len(found):
                return start + int(found[-1])
            size, end = 4 * size, start
        return None

    @property
    def head(self) -> float | None:
        """Seconds from the start to the first sound; None if there is none."""
        return self._sound[0] / self.rate if self._sound else None

    @property
    def tail(self) -> float | None:
        """Seconds from the last sound to the end; None if there is none."""
        return (self.frames - 1 - self._sound[1]) / self.rate if self._sound else None

    @property
    def first(self) -> float:
        """The magnitude of the first frame, full scale 1.0."""
        return _peak(self._begin[:1])

    @property
    def near_head(self) -> float:
        """The peak of the first frames, full scale 1.0."""
        return _peak(self._begin)

    @property
    def last(self) -> float:
        """The peak of the very last frames, full scale 1.0."""
        return _peak(self._end[-self._short :])

    @property
    def near_tail(self) -> float:
        """The peak of the last frames, full scale 1.0."""
        return _peak(self._end)


def _peak(block: np.ndarray) -> float:
    return float(np.max(np.abs(block), initial=0.0))
