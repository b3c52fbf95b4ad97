"""Sample values: non-finite samples, peak, mean (DC offset), runs at full scale."""

from __future__ import annotations

import numpy as np

from stemwright.measure._base import Meter

LARGEST = 1_000.0
"""The largest magnitude of a sample that can be sound: +60 dBFS."""

_MAX_STARTS = 100


class Finite(Meter):
    """`bad`: the number of samples that are NaN or infinite; `huge`: of those that are numbers over LARGEST; `first`:
    the frame of the first of either, or None.
    """

    def start(self, rate: int, channels: int) -> None:
        self.bad, self.huge, self._at = 0, 0, 0
        self.first: int | None = None

    def feed(self, block: np.ndarray) -> None:
        # NaN is in a block's extremes if it is in the block, and is not <= anything.
        if not (block.max() <= LARGEST and block.min() >= -LARGEST):
            wrong, finite = ~(np.abs(block) <= LARGEST), np.isfinite(block)
            self.bad += int((~finite).sum())
            self.huge += int((wrong & finite).sum())
            if self.first is None:
                self.first = self._at + int(np.argmax(wrong.any(axis=1)))
        self._at += len(block)


class Levels(Meter):
    """`frames`: the number decoded; `peak`, `peak_at`: the largest finite magnitude, and its frame; `means`: the DC
    offset of each channel.
    """

    def start(self, rate: int, channels: int) -> None:
        self.frames, self.peak, self.peak_at = 0, 0.0, 0
        self._sums = np.zeros(channels)

    def feed(self, block: np.ndarray) -> None:
        sums = np.array([column.sum() for column in block.T])  # ten times as fast as block.sum(axis=0)
        if not np.isfinite(sums).all():
            block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        self._sums += sums
        peak = max(float(block.max()), -float(block.min()))
        if peak > self.peak:
            self.peak, self.peak_at = peak, self.frames + int(np.abs(block).max(axis=1).argmax())
        self.frames += len(block)

    @property
    def means(self) -> np.ndarray:
        """The mean of each channel; not finite where a sample is not, or if there are no frames."""
        return self._sums / self.frames if self.frames else np.full(len(self._sums), np.nan)


class FullScaleRuns(Meter):
    """Runs of at least `consecutive` samples of one channel whose magnitude is `level` or more (full scale 1).

    `runs`: their number; `longest`: the longest run in samples, of any length; `starts`: the frames where runs
    that count begin, ascending, up to a hundred.
    """

    def __init__(self, level: float, consecutive: int):
        self.level, self.consecutive = level, consecutive

    def start(self, rate: int, channels: int) -> None:
        self.runs, self.longest, self._at = 0, 0, 0
        self.starts: list[int] = []
        self._open = [0] * channels  # of each channel, the length of the run at the end of the block before

    def feed(self, block: np.ndarray) -> None:
        if max(block.max(), -block.min()) < self.level and not any(self._open):
            self._at += len(block)
            return
        loud, starts = np.abs(block) >= self.level, list[int]()
        for channel, (column, carried) in enumerate(zip(loud.T, self._open, strict=True)):
            if not carried and not column.any():
                continue
            edges = np.flatnonzero(np.diff(np.concatenate(([carried > 0], column, [False])).astype(np.int8)))
            # Pairs of (start, end); a run carried over from the block before has no rising edge here.
            if carried:
                edges = np.concatenate(([0], edges))
            for start, end in edges.reshape(-1, 2).tolist():
                length = end - start + (carried if start == 0 and carried else 0)
                ends_here = end < len(column)
                self.longest = max(self.longest, length)
                if not ends_here:
                    self._open[channel] = length
                # Counted when it becomes long enough, and not again when it continues in the next block.
                already = carried >= self.consecutive and start == 0
                if length >= self.consecutive and not already:
                    self.runs += 1
                    starts.append(self._at + end - length)
            if not column[-1]:
                self._open[channel] = 0
        if len(self.starts) < _MAX_STARTS:
            self.starts = sorted((*self.starts, *starts))[:_MAX_STARTS]
        self._at += len(block)

    @property
    def first(self) -> int | None:
        """The frame where the first run that counts begins; None if there is none."""
        return self.starts[0] if self.starts else None
