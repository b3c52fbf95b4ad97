"""Drop-outs: sound that stops dead for a moment and goes on, as after a lost buffer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stemwright.base.decibels import amplitude
from stemwright.measure._base import Meter

_EDGE_S, _FADED = 0.002, 0.01
"""A rest ends a sound: in its last 2 ms there is a hundredth (-20 dB) of the power before, or less. A cosine
fade over 10 ms leaves -31 dB there, one over 5 ms -25 dB; a 20 Hz wave cut at its zero crossing -18 dB."""

_KEPT = 100


class Dropouts(Meter):
    """Runs of exact zeros on all channels with sound right before and after, and no fade into them.

    `least_ms` is the shortest run that counts; the RMS of the loudest channel over `window_ms` must reach
    `level_dbfs` on both sides. `count` is how many there are, `found` the first hundred as (frame, frames).
    """

    def __init__(self, least_ms: float, window_ms: float, level_dbfs: float):
        self.least_ms, self.window_ms, self.level_dbfs = least_ms, window_ms, level_dbfs

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.count, self.found, self._at = rate, 0, [], 0
        self._least, self._window, self._edge = (
            max(1, round(seconds * rate))
            for seconds in (self.least_ms / 1000, self.window_ms / 1000, _EDGE_S)
        )
        self._wanted = amplitude(self.level_dbfs) ** 2 * self._window  # as a sum of squares
        self._before = np.zeros((self._window, channels))
        self._open: tuple[int, bool] | None = None  # a run that reaches here: its first frame, if after sound
        self._after: list[
            list
        ] = []  # runs whose other side is not over: first frame, frames, energy, to come

    def feed(self, block: np.ndarray) -> None:
        for run in self._after:
            self._hear(run, block)
        for start, end in self._runs(block):
            begin, sounding = self._open or (self._at + start, self._sounds_before(block, start))
            self._open = (begin, sounding) if end == len(block) else None
            frames = self._at + end - begin
            if self._open is None and sounding and frames >= self._least:
                self._after.append([begin, frames, np.zeros(block.shape[1]), self._window])
                self._hear(self._after[-1], block[end:])
        resumed = [run for run in self._after if not run[2].max() < self._wanted]  # a NaN is no silence
        self.count += len(resumed)
        self.found += [(begin, frames) for begin, frames, *_ in resumed][: _KEPT - len(self.found)]
        self._after = [run for run in self._after if run[3] and run[2].max() < self._wanted]
        self._before = np.concatenate((self._before, block[-self._window :]))[-self._window :]
        self._at += len(block)

    def _hear(self, run: list, block: np.ndarray) -> None:
        part = block[: run[3]]
        run[2] += np.square(part).sum(axis=0)
        run[3] -= len(part)

    def _runs(self, block: np.ndarray) -> Iterator[tuple[int, int]]:
        """(start, end) of the runs of zeros in a block that may count: long ones, and those that cross its edges."""
        # No long run escapes a look at every so-manyth frame; most blocks have none.
        if self._open is None and block[-1].any() and block[:: self._least].any(axis=1).all():
            return
        silent = np.zeros(len(block) + 2, bool)
        silent[1:-1] = ~block.any(axis=1)
        edges = np.flatnonzero(silent[1:] != silent[:-1])
        if self._open is not None and not silent[1]:
            yield 0, 0
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= self._least or start == 0 or end == len(block):
                yield start, end

    def _sounds_before(self, block: np.ndarray, start: int) -> bool:
        before = block[max(0, start - self._window) : start]
        if len(before) < self._window:
            before = np.concatenate((self._before[len(before) :], before))
        energy = np.square(before).sum(axis=0).max()
        edge = np.square(before[-self._edge :]).sum(axis=0).max()
        return not energy < self._wanted and not edge * self._window <= _FADED * energy * self._edge
