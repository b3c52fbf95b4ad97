"""Chroma: how much there is of each of the twelve pitch classes, and which key they suit."""

from __future__ import annotations

import numpy as np

from stemwright.measure._base import Meter
from stemwright.music.harmony.scale import Scale
from stemwright.music.timeline import parse_key

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_WINDOW_S = 0.34  # 3 Hz: a semitone at A2 is two of these
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 2_000.0
_PROMINENT, _AROUND_HZ = 5.0, 120.0  # noise is so far over its median once in ten million times
_HEARD, _SILENT = 10 ** (-40 / 20), 1e-7

_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
"""How well each step over the tonic fits: Krumhansl & Kessler, "Tracing the dynamic changes in perceived tonal
organization in a spatial representation of musical keys", 1982. The other modes are these, with the steps exchanged
that make the mode."""
_MODES = {
    "major": (_MAJOR, []),
    "lydian": (_MAJOR, [(5, 6)]),
    "mixolydian": (_MAJOR, [(10, 11)]),
    "minor": (_MINOR, []),
    "dorian": (_MINOR, [(8, 9)]),
    "phrygian": (_MINOR, [(1, 2)]),
    "locrian": (_MINOR, [(1, 2), (6, 7)]),
}


class Chroma(Meter):
    """`seconds` (n), `chroma` (n, 12) from C: the summed amplitude of partials of each pitch class, a third of a
    second at a time, half overlapping; A4 = 440 Hz. `partials` (n): how many there were.

    A partial is a peak of the spectrum between 80 Hz and 2 kHz that stands 14 dB over the median around it and at
    most 40 dB under the strongest: so drums and noise have none. `finite` tells whether all samples were.
    """

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._size = 1 << round(np.log2(_WINDOW_S * rate))
        self._hann = np.hanning(self._size + 1)[:-1]
        self._low = round(_LOWEST_HZ * self._size / rate)
        self._around = round(_AROUND_HZ * self._size / rate)
        bands = int((min(_HIGHEST_HZ, 0.4 * rate) - _LOWEST_HZ) / _AROUND_HZ)
        self._high = self._low + bands * self._around
        self._held, self._at = np.zeros(0), 0
        self._seconds: list[np.ndarray] = []
        self._chroma: list[np.ndarray] = []
        self._partials: list[np.ndarray] = []

    def feed(self, block: np.ndarray) -> None:
        self._held = np.concatenate((self._held, block.mean(axis=1)))
        hop = self._size // 2
        if len(self._held) < self._size:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._held, self._size)[::hop]
        self._look(frames)
        self._held, self._at = self._held[len(frames) * hop :], self._at + len(frames) * hop

    def _look(self, frames: np.ndarray) -> None:
        spectra = np.abs(np.fft.rfft(frames * self._hann))[:, self._low - 1 : self._high + 1] / self._size
        if not np.isfinite(spectra.sum()):
            self.finite = False
            return
        inner = spectra[:, 1:-1]
        floors = np.repeat(
            np.median(inner.reshape(len(inner), -1, self._around), axis=2), self._around, axis=1
        )
        peaks = (
            (inner > spectra[:, :-2]) & (inner >= spectra[:, 2:]) & (inner > _PROMINENT * floors + _SILENT)
        )
        rows, at = np.nonzero(peaks & (inner >= _HEARD * inner.max(axis=1, keepdims=True)))
        left, top, right = (np.log(spectra[rows, at + i] + _SILENT) for i in (0, 1, 2))
        exact = at + 0.5 * (left - right) / (
            left - 2 * top + right
        )  # the peak of a parabola through three bins
        pitch = 69 + 12 * np.log2((exact + self._low) * self.rate / self._size / 440)
        chroma = np.zeros((len(frames), 12))
        np.add.at(chroma, (rows, np.round(pitch).astype(int) % 12), inner[rows, at])
        middles = np.arange(len(frames)) * (self._size // 2) + self._size / 2 + self._at
        self._seconds.append(middles / self.rate)
        self._chroma.append(chroma)
        self._partials.append(np.bincount(rows, minlength=len(frames)))

    @property
    def seconds(self) -> np.ndarray:
        return np.concatenate([[], *self._seconds])

    @property
    def chroma(self) -> np.ndarray:
        return np.concatenate([np.zeros((0, 12)), *self._chroma])

    @property
    def partials(self) -> np.ndarray:
        return np.concatenate([[], *self._partials])


def suits(chroma: np.ndarray, key: str) -> float:
    """The correlation, -1 to 1, of a chroma (12, from C, not constant) with a key's profile, such as `D dorian`."""
    base, exchanged = _MODES[parse_key(key).split()[1]]
    profile = base.copy()
    for a, b in exchanged:
        profile[[a, b]] = profile[[b, a]]
    return float(np.corrcoef(chroma, np.roll(profile, Scale.of(key).tonic))[0, 1])


def best_key(chroma: np.ndarray) -> str:
    """The major or minor key that a chroma suits best."""
    return max(
        (f"{name} {mode}" for name in NAMES for mode in ("major", "minor")), key=lambda k: suits(chroma, k)
    )


def same_notes(one: str, other: str) -> bool:
    """Whether two keys have the same scale, as relatives have."""
    return Scale.of(one).notes == Scale.of(other).notes


def foreign(chroma: np.ndarray, key: str) -> float:
    """The share, 0 to 1, of a chroma (12, from C) that is not in a key's scale; minor has its leading note, too."""
    scale = Scale.of(key)
    leading = {(scale.tonic - 1) % 12} if parse_key(key).endswith("minor") else set()
    return float(1 - chroma[sorted(scale.notes | leading)].sum() / chroma.sum())
