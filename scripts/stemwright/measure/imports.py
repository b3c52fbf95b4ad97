"""What a recording has lost before it came here: tops cut flat, and bits."""

from __future__ import annotations

from collections import Counter

import numpy as np

from stemwright.measure._base import Meter

_LEAST_LEVEL = 0.25  # flat tops below a quarter of full scale are not looked for
_LEAST_RUN = 3
_FULL_SCALE, _RUNS_BELOW = 0.999, 3
_STEP = 2.0**-15
_LEAST_VALUES = 32  # of 256; a square wave has two, in any number of bits
_WORD, _LONGEST = 32, 2.0**31  # bits of the longest word, and the steps of full scale in it


class FlatTops(Meter):
    """Tops that were cut flat: `runs`, their number.

    A top counts if at least three equal samples stand above both neighbours, at the peak of their side, more than three
    steps above one of them, and one of the neighbours is on the same side of zero. For a parabola that is within one
    step for n samples, the next sample is at most (1 + 2/n)² = 2.8 steps lower, so that a low tone at full scale is not
    taken for a cut one; the last condition excludes square waves. If most flat tops are below the peak, the sound has
    steps by itself (samples that were held), and none counts.

    Parameters
    ----------
    step : float
        A step of the recording's sample format, of full scale 1.
    """

    def __init__(self, step: float = _STEP):
        self.step = step

    def start(self, rate: int, channels: int) -> None:
        self._tops: list[Counter[float]] = [Counter() for _ in range(2 * channels)]  # by side, and level
        self._peaks = [0.0] * (2 * channels)
        self._kept = [np.zeros(0)] * channels

    def feed(self, block: np.ndarray) -> None:
        for channel, column in enumerate(block.T):
            samples = np.concatenate((self._kept[channel], column))
            # What may go on in the next block: the last run, with the sample before it. Of a long one, a part will do.
            changes = np.flatnonzero(np.diff(samples))
            last = int(changes[-1]) if len(changes) else 0
            self._kept[channel] = samples[last : last + 1 + _LEAST_RUN]
            for side, signed in enumerate((samples, -samples)):
                index = 2 * channel + side
                peak = float(signed.max(initial=0.0))
                self._peaks[index] = max(self._peaks[index], peak)
                if peak >= _LEAST_LEVEL:
                    self._find(signed, self._tops[index])

    @property
    def runs(self) -> int:
        """The number of tops that count."""
        found = 0
        for tops, peak in zip(self._tops, self._peaks, strict=True):
            at_peak = sum(count for level, count in tops.items() if level >= peak - self.step)
            if 2 * at_peak >= tops.total() and at_peak >= (1 if peak >= _FULL_SCALE else _RUNS_BELOW):
                found += at_peak
        return found

    def _find(self, signed: np.ndarray, tops: Counter[float]) -> None:
        edges = np.flatnonzero(np.diff(signed)) + 1
        starts, ends = edges[:-1], edges[1:]  # of runs with a neighbour on both sides
        level = signed[starts]
        before, behind = signed[starts - 1], signed[ends]
        lower, higher = np.minimum(before, behind), np.maximum(before, behind)
        is_top = (ends - starts >= _LEAST_RUN) & (level >= _LEAST_LEVEL) & (higher < level) & (higher > 0)
        tops.update(level[is_top & (level - lower > 3 * self.step)].tolist())


class WordLength(Meter):
    """`bits`: the least word length that holds all samples, 1 to 32; None if 32 are too few, as for most float files.
    `is_8_bit`: whether they lie on the grid of 8 bits, and use a good part of it.
    """

    def start(self, rate: int, channels: int) -> None:
        self._used, self._fits = np.int64(0), True
        self._seen = np.zeros(257, bool)

    def feed(self, block: np.ndarray) -> None:
        if not self._fits:
            return
        steps = block * _LONGEST
        whole = np.rint(steps)
        self._fits = bool((whole == steps).all() and (np.abs(steps) <= _LONGEST).all())
        if self._fits:
            integers = whole.astype(np.int64).ravel()
            self._used |= np.bitwise_or.reduce(integers)
            if self._bits() <= 8:
                self._seen[(integers >> _WORD - 8) + 128] = True

    def _bits(self) -> int:
        used = int(self._used)
        return _WORD - ((used & -used).bit_length() - 1) if used else 1

    @property
    def bits(self) -> int | None:
        """How many bits the samples need: 16 in a file of 24 bits whose last eight are zero."""
        return min(self._bits(), _WORD) if self._fits else None

    @property
    def is_8_bit(self) -> bool:
        """Whether it has no more than 256 values."""
        return self._fits and self._bits() <= 8 and int(self._seen.sum()) >= _LEAST_VALUES
