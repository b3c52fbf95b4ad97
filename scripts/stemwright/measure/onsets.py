"""Onsets: the times at which sounds begin, to within a few milliseconds.

Detection: spectral flux of levels in eighths of an octave, every 5 ms, each band compared with the loudest of its
neighbours 10 ms before, so that vibrato is no onset (Böck & Widmer, "Maximum filter vibrato suppression for onset
detection", DAFx 2013). Each onset is then located on the waveform, by the rise of its energy. `bench/onsets.py`
measures how many are found and how many are false.
"""

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import chain

import numpy as np

from stemwright.audio import mean_of_channels
from stemwright.measure._base import Meter

ACCURACY_S = 0.003
"""Nine in ten onsets are found so near to where they are, in s; so what is found nearer to a place may be there."""

_HOP_S, _WINDOW_S = 0.005, 0.0213
_LOWEST_HZ, _HIGHEST_HZ, _BANDS_PER_OCTAVE = 40.0, 18_000.0, 8
_RANGES_HZ = (0.0, 150.0, 2_000.0)  # of a kick, of most else, of metal
_FLOOR_DB, _MAX_RISE_DB = -80.0, 30.0  # the lowest level of a band, and its largest rise
_LAG = 2  # hops: how far back a rise is measured
_MIN_RISE_DB, _OVER_MEAN_DB = 2.0, 1.5  # the least rise, also above the mean rise of its surroundings
_MEAN_RISE_DB = 3.0  # what a hop counts for at most in that mean
_MIN_DISTANCE, _BEFORE, _AFTER = 5, 20, 10  # hops: 25 ms between two onsets; 150 ms of surroundings
_RANGE_DB = 45.0  # an onset this far below the loudest one is inaudible beside it
_NEAR_S, _ENVELOPE_S, _RISE_SHARE, _NEARLY, _EPSILON = 0.004, 0.001, 0.2, 0.6, 1e-6
_END_S = 0.02  # where a file's end cuts sound off, its spectrum widens, which is no onset
_CONTEXT = 40  # hops


class Onsets(Meter):
    """The onsets of a file, ascending, and what is known of each.

    `seconds`: their times. `strengths`: the rise of the level there in dB, mean of the bands. `colours`, shape (n, 3):
    the level in dB that the onset adds below 150 Hz, up to 2 kHz, and above. `finite`: whether all samples were.

    An onset lies where the envelope has made a fifth of its rise. Two within 25 ms are one, and those 45 dB below the
    loudest are left out. Channels are mixed to mono as their mean.
    """

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._hop = round(_HOP_S * rate)
        self._size = 1 << round(np.log2(_WINDOW_S * rate))
        self._hann = np.hanning(self._size + 1)[:-1, None].T
        self._bins = round(min(_HIGHEST_HZ, rate / 2) * self._size / rate)
        octaves = np.log2(min(_HIGHEST_HZ, rate / 2) / _LOWEST_HZ)
        hertz = _LOWEST_HZ * 2 ** (np.arange(int(octaves * _BANDS_PER_OCTAVE)) / _BANDS_PER_OCTAVE)
        edges = np.unique(np.round(hertz * self._size / rate).astype(int))
        self._bands = edges[(edges >= 1) & (edges < self._bins)]
        limits = np.array(_RANGES_HZ) * self._size / rate
        self._ranges = np.minimum(np.searchsorted(self._bands, limits), len(self._bands) - 1)
        # Samples not analysed yet, and the context before them: an onset on the first sample rises from that context.
        self._pending = np.zeros((_CONTEXT + _MIN_DISTANCE) * self._hop)
        self._at = -len(self._pending)
        self._found = array("d")  # six numbers an onset: of hours, a tenth of the memory of tuples

    def feed(self, block: np.ndarray) -> None:
        self._pending = np.concatenate((self._pending, mean_of_channels(block)))
        if len(self._pending) >= 8 * _CONTEXT * self._hop:
            self._analyse()

    def _analyse(self) -> None:
        """Find the onsets in the pending samples, without the context at both ends, which stays pending."""
        whole = len(self._pending) // self._hop - _CONTEXT
        self._found.extend(chain.from_iterable(self._onsets(self._pending, _CONTEXT, whole)))
        done = (whole - _CONTEXT) * self._hop
        self._pending, self._at = self._pending[done:], self._at + done

    @cached_property
    def _all(self) -> np.ndarray:
        end = (self._at + len(self._pending)) / self.rate
        self._pending = np.concatenate((self._pending, np.zeros((_CONTEXT + 1) * self._hop)))
        self._analyse()
        found = np.array(self._found).reshape(-1, 6)
        found = found[found[:, 0] < end - _END_S]
        found = found[found[:, 2] >= found[:, 2].max(initial=_FLOOR_DB) - _RANGE_DB]
        return found[np.argsort(found[:, 0], kind="stable")]

    @property
    def seconds(self) -> np.ndarray:
        """The time of each onset, in s."""
        return self._all[:, 0]

    @property
    def strengths(self) -> np.ndarray:
        """The rise of the level at each onset, in dB."""
        return self._all[:, 1]

    @property
    def colours(self) -> np.ndarray:
        """The level in dB that each onset adds in three ranges of frequency, shape (n, 3)."""
        return self._all[:, 3:]

    def _onsets(self, samples: np.ndarray, first: int, last: int) -> list[tuple[float, ...]]:
        """What is known of the onsets whose greatest rise is in hops `first` to `last`: seconds and levels in dB."""
        if not np.isfinite(samples.sum()):
            self.finite = False
            return []
        frames = np.lib.stride_tricks.sliding_window_view(samples, self._size)[:: self._hop]
        spectra = np.fft.rfft(frames * self._hann)[:, : self._bins]
        power = spectra.real**2 + spectra.imag**2
        bands = np.add.reduceat(power, self._bands, axis=1) * (16 / self._size**2)
        levels = 10 * np.log10(bands + 10 ** (_FLOOR_DB / 10))
        loudest = levels.copy()
        loudest[:, 1:] = np.maximum(loudest[:, 1:], levels[:, :-1])
        loudest[:, :-1] = np.maximum(loudest[:, :-1], levels[:, 1:])
        rises = np.zeros(len(levels))
        rises[_LAG:] = np.clip(levels[_LAG:] - loudest[:-_LAG], 0, _MAX_RISE_DB).mean(axis=1)
        sums = np.concatenate(([0.0], np.cumsum(np.minimum(rises, _MEAN_RISE_DB))))
        found = []
        for k in (np.flatnonzero(rises[first:last] >= _MIN_RISE_DB) + first).tolist():
            near = rises[k - _MIN_DISTANCE : k + _MIN_DISTANCE + 1]
            mean = (sums[k + _AFTER + 1] - sums[k - _BEFORE]) / (_BEFORE + _AFTER + 1)
            if (
                rises[k] == near.max()
                and near[:_MIN_DISTANCE].max() < rises[k]
                and rises[k] >= mean + _OVER_MEAN_DB
            ):
                seconds = (self._at + self._locate(samples, k)) / self.rate
                here = slice(k, k + _MIN_DISTANCE)
                level = float(levels[here].max())
                added = np.maximum.reduceat(bands[here].max(axis=0) - bands[k - _LAG], self._ranges)
                colour = 10 * np.log10(np.maximum(added, 0) + 10 ** (_FLOOR_DB / 10))
                found.append((seconds, float(rises[k]), level, *colour.tolist()))
        return found

    def _locate(self, samples: np.ndarray, k: int) -> int:
        """The sample where the rise that is greatest in hop k began.

        It is sought where the energy of the next few milliseconds is greatest beside that of the last, in the samples
        or in their differences, whichever rises more steeply; of rises nearly as steep, as in a clap, the first.
        """
        near, width = round(_NEAR_S * self.rate), max(1, round(_ENVELOPE_S * self.rate))
        a = (k - 1) * self._hop - near
        part = samples[a : k * self._hop + self._size + near]
        best, place = 0.0, 0
        for signal in (part, np.diff(part, prepend=part[0])):
            sums = np.concatenate(([0.0], np.cumsum(signal * signal)))
            energy = np.maximum(sums[near:] - sums[:-near], 0.0) + near * _EPSILON**2
            ratios = np.log(energy[near:] / energy[:-near])
            if ratios.max() > best:
                best = ratios.max()
                first = int(np.argmax(ratios >= _NEARLY * best))
                steepest = first + int(np.argmax(ratios[first : first + near]))
                local = sums[steepest : steepest + 2 * near + 1]
                envelope = np.sqrt(np.maximum(local[width:] - local[:-width], 0.0))
                peak = int(np.argmax(envelope))
                low = envelope[: peak + 1].min()
                below = np.flatnonzero(envelope[: peak + 1] < low + _RISE_SHARE * (envelope[peak] - low))
                # Value n of the envelope is that of the millisecond before sample n + width.
                place = a + steepest + width + (int(below[-1]) if len(below) else 0)
        return place
