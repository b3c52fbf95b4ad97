"""Gaps: the longest silence between two sounds of a file."""

from __future__ import annotations

import numpy as np

from stemwright.measure._base import Meter
from stemwright.measure._steps import frames_of_a_step, whole_steps


class Gaps(Meter):
    """`longest`: in s, of the silences between sounds; `longest_at`: where it begins, in s. Both 0 if there is none.

    A step of 10 ms is silent if no sample in it is above `floor` (full scale 1). What is before the first and after
    the last sound is no gap.
    """

    def __init__(self, floor: float):
        self.floor = floor

    def start(self, rate: int, channels: int) -> None:
        self._rest = np.zeros((0, channels))
        self._size = frames_of_a_step(rate)
        self.rate = rate
        self._steps = 0  # done
        self._last: int | None = None  # the last step that sounds
        self._longest, self._from = 0, 0  # in steps

    def feed(self, block: np.ndarray) -> None:
        whole, self._rest = whole_steps(self._rest, block, self._size)
        if not len(whole):
            return
        steps = whole.reshape(-1, self._size * whole.shape[1])
        sounds = np.maximum(steps.max(axis=1), -steps.min(axis=1)) > self.floor
        heard = np.flatnonzero(sounds) + self._steps
        self._steps += len(steps)
        if not len(heard):
            return
        ends = heard if self._last is None else np.concatenate(([self._last], heard))
        lengths = np.diff(ends) - 1
        if len(lengths) and int(lengths.max()) > self._longest:
            at = int(lengths.argmax())
            self._longest, self._from = int(lengths[at]), int(ends[at]) + 1
        self._last = int(heard[-1])

    @property
    def longest(self) -> float:
        """The length of the longest gap, in s."""
        return self._longest * self._size / self.rate

    @property
    def longest_at(self) -> float:
        """Where it begins, in s from the start of the file."""
        return self._from * self._size / self.rate
