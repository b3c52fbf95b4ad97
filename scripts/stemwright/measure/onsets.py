"""Onsets: the times at which sounds begin, to within a few milliseconds.

Detection: half-wave rectified spectral flux of the levels of eight octave bands, every 5 ms (Bello et al., "A Tutorial
on Onset Detection in Music Signals", 2005). Each onset is then located to 1 ms on the envelope of the waveform.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from stemwright.measure._base import Meter

_HOP_S, _WINDOW_S, _ENVELOPE_S = 0.005, 0.0107, 0.001
_EDGES_HZ = (0, 150, 300, 600, 1_200, 2_400, 4_800, 9_600)
_FLOOR_DB, _MAX_RISE_DB = -90.0, 30.0  # the lowest level of a band, and its largest rise
_MIN_RISE_DB, _OVER_MEAN_DB = 3.0, 3.0  # the least rise, also above the mean rise of its surroundings
_MIN_DISTANCE, _MEAN_HOPS = 5, 20  # hops: 25 ms between two onsets, 100 ms of surroundings
_RANGE_DB = 45.0  # an onset this far below the loudest one is inaudible beside it
_RISE_SHARE = 0.2
_END_S = 0.02  # where a file's end cuts sound off, its spectrum widens, which is no onset
_CONTEXT = 40  # hops


class Onsets(Meter):
    """`seconds`: the onsets, ascending; `strengths`: the rise of the level there in dB, mean of the bands.

    An onset lies where the envelope has made a fifth of its rise. Two within 25 ms are one, and those 45 dB below the
    loudest are left out. Channels are mixed to mono as their mean. `finite`: whether all samples were.
    """

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._hop, self._envelope_step = round(_HOP_S * rate), round(_ENVELOPE_S * rate)
        self._size = 1 << round(np.log2(_WINDOW_S * rate))
        self._hann = np.hanning(self._size + 1)[:-1, None].T
        edges = [round(hertz * self._size / rate) for hertz in _EDGES_HZ if hertz < rate / 2]
        self._bands = list(dict.fromkeys(edges))
        # Samples not analysed yet, and the context before them: an onset on the first sample rises from that context.
        self._pending = np.zeros((_CONTEXT + _MIN_DISTANCE) * self._hop)
        self._at = -len(self._pending)
        self._found: list[tuple[float, float, float]] = []

    def feed(self, block: np.ndarray) -> None:
        self._pending = np.concatenate((self._pending, block.mean(axis=1)))
        if len(self._pending) >= 8 * _CONTEXT * self._hop:
            self._analyse()

    def _analyse(self) -> None:
        """Find the onsets in the pending samples, without the context at both ends, which stays pending."""
        whole = len(self._pending) // self._hop - _CONTEXT
        self._found += self._onsets(self._pending, _CONTEXT, whole)
        done = (whole - _CONTEXT) * self._hop
        self._pending, self._at = self._pending[done:], self._at + done

    @cached_property
    def _all(self) -> np.ndarray:
        end = (self._at + len(self._pending)) / self.rate
        self._pending = np.concatenate((self._pending, np.zeros((_CONTEXT + 1) * self._hop)))
        self._analyse()
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
        """(seconds, strength, level), both in dB, of the onsets whose greatest rise is in hops `first` to `last`."""
        if not np.isfinite(samples.sum()):
            self.finite = False
            return []
        frames = np.lib.stride_tricks.sliding_window_view(samples, self._size)[:: self._hop]
        power = np.abs(np.fft.rfft(frames * self._hann)) ** 2
        bands = np.add.reduceat(power, self._bands, axis=1) * (4 / self._size**2)
        levels = 10 * np.log10(bands + 10 ** (_FLOOR_DB / 10))
        rises = np.zeros(len(levels))
        rises[2:] = np.clip(levels[2:] - levels[:-2], 0, _MAX_RISE_DB).mean(axis=1)
        sums = np.concatenate(([0.0], np.cumsum(np.minimum(rises, _MIN_RISE_DB))))
        found = []
        for k in (np.flatnonzero(rises[first:last] >= _MIN_RISE_DB) + first).tolist():
            near = rises[k - _MIN_DISTANCE : k + _MIN_DISTANCE + 1]
            mean = (sums[k + _MEAN_HOPS // 2 + 1] - sums[k - _MEAN_HOPS]) / (_MEAN_HOPS * 1.5 + 1)
            if (
                rises[k] == near.max()
                and near[:_MIN_DISTANCE].max() < rises[k]
                and rises[k] >= mean + _OVER_MEAN_DB
            ):
                level = levels[k : k + _MIN_DISTANCE].max()
                found.append(
                    ((self._at + self._locate(samples, k)) / self.rate, float(rises[k]), float(level))
                )
        return found

    def _locate(self, samples: np.ndarray, k: int) -> int:
        """The sample where the rise that is greatest in hop k began.

        The envelope is that of the samples or of their differences, whichever rises more steeply.
        """
        # Hop k has the samples from k * hop on; its level is compared with that two hops before.
        a = (k - 3) * self._hop
        part = samples[a : k * self._hop + self._size]
        part = part[: len(part) // self._envelope_step * self._envelope_step]
        best, place = 0.0, 0
        for signal in (part, np.diff(part, prepend=part[0])):
            envelope = np.sqrt(np.mean(signal.reshape(-1, self._envelope_step) ** 2, axis=1))
            peak = int(np.argmax(envelope))
            low = envelope[: peak + 1].min()
            ratio = envelope[peak] / (low + 1e-6)
            if ratio > best:
                best = ratio
                over = envelope[: peak + 1] >= low + _RISE_SHARE * (envelope[peak] - low)
                below = np.flatnonzero(~over)
                place = a + (int(below[-1]) + 1 if len(below) else 0) * self._envelope_step
        return place
