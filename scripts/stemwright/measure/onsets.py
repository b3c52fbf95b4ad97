"""Onsets: when sounds begin, to within some milliseconds.

Found where the levels of eight octave bands rise together, every 5 ms (half-wave rectified spectral flux on a
logarithmic scale: Bello et al., "A Tutorial on Onset Detection in Music Signals", 2005); then placed to 1 ms in time.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from stemwright.measure._base import Meter

_HOP_S, _WINDOW_S, _FINE_S = 0.005, 0.0107, 0.001
_EDGES_HZ = (0, 150, 300, 600, 1_200, 2_400, 4_800, 9_600)
_FLOOR_DB, _MOST_DB = -90.0, 30.0  # what a band can rise from, and by
_LEAST_DB, _OVER_DB = 3.0, 3.0  # a rise, and over the mean (no hop more than the first) of 100 ms around it
_APART, _AROUND = 5, 20  # in hops: 25 ms between two, 100 ms of surroundings
_RANGE_DB = 45.0  # what is so far below the loudest onset is not heard beside it
_RISEN = 0.2
_END_S = 0.02  # sound that is cut off at the file's end splashes there, and is no onset
_CONTEXT = 40  # in hops


class Onsets(Meter):
    """`seconds`: when sounds begin, ascending; `strengths`: how far the levels rise there, in dB, mean of the bands.

    A sound begins where its envelope has made a fifth of its rise. Two that begin within 25 ms are one. What lies
    45 dB below the loudest is left out. Channels are heard together, as their mean. `finite` tells whether all
    samples were.
    """

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._hop, self._fine = round(_HOP_S * rate), round(_FINE_S * rate)
        self._size = 1 << round(np.log2(_WINDOW_S * rate))
        self._hann = np.hanning(self._size + 1)[:-1, None].T
        edges = [round(hertz * self._size / rate) for hertz in _EDGES_HZ if hertz < rate / 2]
        self._bands = list(dict.fromkeys(edges))
        # Not looked at yet, behind the context before it. Of an onset on the first sample, the rise is seen earlier.
        self._held = np.zeros((_CONTEXT + _APART) * self._hop)
        self._at = -len(self._held)
        self._found: list[tuple[float, float, float]] = []

    def feed(self, block: np.ndarray) -> None:
        self._held = np.concatenate((self._held, block.mean(axis=1)))
        if len(self._held) >= 8 * _CONTEXT * self._hop:
            self._look()

    def _look(self) -> None:
        """Onsets in all that is held but for the context at its ends; only that context is held on to."""
        whole = len(self._held) // self._hop - _CONTEXT
        self._found += self._onsets(self._held, _CONTEXT, whole)
        done = (whole - _CONTEXT) * self._hop
        self._held, self._at = self._held[done:], self._at + done

    @cached_property
    def _all(self) -> np.ndarray:
        end = (self._at + len(self._held)) / self.rate
        self._held = np.concatenate((self._held, np.zeros((_CONTEXT + 1) * self._hop)))
        self._look()
        found = np.array(self._found).reshape(-1, 3)
        found = found[found[:, 0] < end - _END_S]
        return found[found[:, 2] >= found[:, 2].max(initial=_FLOOR_DB) - _RANGE_DB]

    @property
    def seconds(self) -> np.ndarray:
        return self._all[:, 0]

    @property
    def strengths(self) -> np.ndarray:
        return self._all[:, 1]

    def _onsets(self, samples: np.ndarray, first: int, last: int) -> list[tuple[float, float, float]]:
        """(seconds, strength, level in dB) of onsets whose rise is greatest in hops `first` to `last` of samples."""
        if not np.isfinite(samples.sum()):
            self.finite = False
            return []
        frames = np.lib.stride_tricks.sliding_window_view(samples, self._size)[:: self._hop]
        power = np.abs(np.fft.rfft(frames * self._hann)) ** 2
        bands = np.add.reduceat(power, self._bands, axis=1) * (4 / self._size**2)
        levels = 10 * np.log10(bands + 10 ** (_FLOOR_DB / 10))
        rises = np.zeros(len(levels))
        rises[2:] = np.clip(levels[2:] - levels[:-2], 0, _MOST_DB).mean(axis=1)
        sums = np.concatenate(([0.0], np.cumsum(np.minimum(rises, _LEAST_DB))))
        found = []
        for k in (np.flatnonzero(rises[first:last] >= _LEAST_DB) + first).tolist():
            near = rises[k - _APART : k + _APART + 1]
            mean = (sums[k + _AROUND // 2 + 1] - sums[k - _AROUND]) / (_AROUND * 1.5 + 1)
            if rises[k] == near.max() and near[:_APART].max() < rises[k] and rises[k] >= mean + _OVER_DB:
                level = levels[k : k + _APART].max()
                found.append(
                    ((self._at + self._place(samples, k)) / self.rate, float(rises[k]), float(level))
                )
        return found

    def _place(self, samples: np.ndarray, k: int) -> int:
        """Where the rise that is greatest in hop k began: of samples and of their differences, the steeper one."""
        # Hop k holds samples from k * hop on; it is compared with the one two hops before.
        a = (k - 3) * self._hop
        part = samples[a : k * self._hop + self._size]
        part = part[: len(part) // self._fine * self._fine]
        best, place = 0.0, 0
        for signal in (part, np.diff(part, prepend=part[0])):
            envelope = np.sqrt(np.mean(signal.reshape(-1, self._fine) ** 2, axis=1))
            peak = int(np.argmax(envelope))
            low = envelope[: peak + 1].min()
            ratio = envelope[peak] / (low + 1e-6)
            if ratio > best:
                best = ratio
                over = envelope[: peak + 1] >= low + _RISEN * (envelope[peak] - low)
                below = np.flatnonzero(~over)
                place = a + (int(below[-1]) + 1 if len(below) else 0) * self._fine
        return place
