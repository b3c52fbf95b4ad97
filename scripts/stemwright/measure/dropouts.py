"""Drop-outs: digital silence within sound, as a lost audio buffer leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stemwright.base.decibels import amplitude
from stemwright.measure._base import Meter

_EDGE_S, _FADE_RATIO = 0.002, 0.01
"""A musical rest, unlike a drop-out, ends a sound: its last 2 ms have a hundredth (-20 dB) of the power before, or
less. A cosine fade over 10 ms leaves -31 dB there, one over 5 ms -25 dB; a 20 Hz wave cut at its zero crossing
-18 dB."""

_MAX_FOUND = 100


@dataclass
class _Run:
    """A run of zeros whose other side has not been measured yet.

    `energy` is the sum of squares of each channel after it so far; `missing` frames of the window are still to come.
    """

    first: int
    frames: int
    energy: np.ndarray
    missing: int


class Dropouts(Meter):
    """Runs of exact zeros on all channels, with sound directly before and after them and no fade-out before them.

    `least_ms` is the shortest run that counts; the RMS of the loudest channel over `window_ms` must reach
    `level_dbfs` on both sides. `count`: the number of drop-outs; `found`: the first hundred as (frame, frames).
    """

    def __init__(self, least_ms: float, window_ms: float, level_dbfs: float):
        self.least_ms, self.window_ms, self.level_dbfs = least_ms, window_ms, level_dbfs

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.count, self._at = rate, 0, 0
        self.found: list[tuple[int, int]] = []
        self._min_frames, self._window, self._edge = (
            max(1, round(seconds * rate))
            for seconds in (self.least_ms / 1000, self.window_ms / 1000, _EDGE_S)
        )
        self._min_energy = amplitude(self.level_dbfs) ** 2 * self._window  # a sum of squares
        self._before = np.zeros((self._window, channels))
        # A run that reaches the end of the block: its first frame, and whether it follows sound.
        self._open_run: tuple[int, bool] | None = None
        self._unresolved: list[_Run] = []

    def feed(self, block: np.ndarray) -> None:
        for run in self._unresolved:
            self._accumulate(run, block)
        for start, end in self._runs(block):
            begin, sounding = self._open_run or (self._at + start, self._sounds_before(block, start))
            self._open_run = (begin, sounding) if end == len(block) else None
            frames = self._at + end - begin
            if self._open_run is None and sounding and frames >= self._min_frames:
                self._unresolved.append(_Run(begin, frames, np.zeros(block.shape[1]), self._window))
                self._accumulate(self._unresolved[-1], block[end:])
        # Written so that NaN does not count as silence.
        resumed = [run for run in self._unresolved if not run.energy.max() < self._min_energy]
        self.count += len(resumed)
        self.found += [(run.first, run.frames) for run in resumed][: _MAX_FOUND - len(self.found)]
        self._unresolved = [
            run for run in self._unresolved if run.missing and run.energy.max() < self._min_energy
        ]
        self._before = np.concatenate((self._before, block[-self._window :]))[-self._window :]
        self._at += len(block)

    def _accumulate(self, run: _Run, block: np.ndarray) -> None:
        part = block[: run.missing]
        run.energy += np.square(part).sum(axis=0)
        run.missing -= len(part)

    def _runs(self, block: np.ndarray) -> Iterator[tuple[int, int]]:
        """(start, end) of the runs of zeros in a block that may count: long ones, and those at the block's edges."""
        # Every long run contains a frame of this stride; most blocks have no silent frame among them.
        if self._open_run is None and block[-1].any() and block[:: self._min_frames].any(axis=1).all():
            return
        silent = np.zeros(len(block) + 2, bool)
        silent[1:-1] = ~block.any(axis=1)
        edges = np.flatnonzero(silent[1:] != silent[:-1])
        if self._open_run is not None and not silent[1]:
            yield 0, 0
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= self._min_frames or start == 0 or end == len(block):
                yield start, end

    def _sounds_before(self, block: np.ndarray, start: int) -> bool:
        before = block[max(0, start - self._window) : start]
        if len(before) < self._window:
            before = np.concatenate((self._before[len(before) :], before))
        energy = np.square(before).sum(axis=0).max()
        edge = np.square(before[-self._edge :]).sum(axis=0).max()
        return not energy < self._min_energy and not edge * self._window <= _FADE_RATIO * energy * self._edge
