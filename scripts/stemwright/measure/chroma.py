"""Chroma: the strength of each of the twelve pitch classes, and the key that fits them best.

A chroma vector is compared with the key profiles of Albrecht and Shanahan (2013) by correlation (Krumhansl 1990).
"""

from __future__ import annotations

import numpy as np

from stemwright.audio import mean_of_channels
from stemwright.measure._base import Meter
from stemwright.music.harmony.scale import Scale
from stemwright.music.timeline import parse_key

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_WINDOW_S = 0.34  # bins of 3 Hz: a semitone at A2 is two of them
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 2_000.0
_MIN_PROMINENCE, _MEDIAN_HZ = 5.0, 120.0  # noise exceeds its median by this factor once in ten million times
_MIN_RELATIVE, _EPSILON = 10 ** (-40 / 20), 1e-7
_OVERTONES, _OVERTONE = 12, 0.8  # tried on chorales for organ, piano and strings: bench/keys.py

MIN_NOTES = 5
"""With fewer different notes it may be a chord, and no key."""

_MIN_S, _MIN_PARTIALS, _NOTE = 4.0, 1.0, 0.1

_MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
_MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
"""The share of each semitone above the tonic in music in a major and a minor key: Albrecht & Shanahan, "The use of
large corpora to train a new type of key-finding algorithm", Music Perception 31 (2013)."""

_MODES = {
    "major": (_MAJOR, []),
    "lydian": (_MAJOR, [(5, 6)]),
    "mixolydian": (_MAJOR, [(10, 11)]),
    "minor": (_MINOR, []),
    "dorian": (_MINOR, [(8, 9)]),
    "phrygian": (_MINOR, [(1, 2)]),
    "locrian": (_MINOR, [(1, 2), (6, 7)]),
}
"""The profile of each mode: that of major or minor, with the values of those semitones exchanged that differ."""


class Chroma(Meter):
    """The strength of each pitch class in windows of a third of a second that overlap by half; A4 = 440 Hz.

    `seconds`, shape (n,): the middle of each window. `chroma`, shape (n, 12), from C: the share of each pitch class
    in the summed amplitude of the partials. `partials`, shape (n,): the number of partials. `finite`: whether all
    samples were.

    A partial is a spectral peak between 80 Hz and 2 kHz that lies 14 dB or more above the median around it and at
    most 40 dB below the strongest peak. Drums and noise have none. What may be an overtone of a lower partial is
    subtracted: the n-th has 0.8^(n - 1) of its amplitude or less. Else the third harmonic of each note would count as
    a note, a fifth higher, and the dominant for the key.
    """

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._size = 1 << round(np.log2(_WINDOW_S * rate))
        self._hann = np.hanning(self._size + 1)[:-1]
        self._low = round(_LOWEST_HZ * self._size / rate)
        self._median_bins = round(_MEDIAN_HZ * self._size / rate)
        bands = int((min(_HIGHEST_HZ, 0.4 * rate) - _LOWEST_HZ) / _MEDIAN_HZ)
        self._high = self._low + bands * self._median_bins
        self._pending, self._at = np.zeros(0), 0
        self._seconds: list[np.ndarray] = []
        self._chroma: list[np.ndarray] = []
        self._partials: list[np.ndarray] = []

    def feed(self, block: np.ndarray) -> None:
        self._pending = np.concatenate((self._pending, mean_of_channels(block)))
        hop = self._size // 2
        if len(self._pending) < self._size:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._pending, self._size)[::hop]
        self._analyse(frames)
        self._pending, self._at = self._pending[len(frames) * hop :], self._at + len(frames) * hop

    def _analyse(self, frames: np.ndarray) -> None:
        spectra = np.abs(np.fft.rfft(frames * self._hann))[:, self._low - 1 : self._high + 1] / self._size
        if not np.isfinite(spectra.sum()):
            self.finite = False
            return
        inner = spectra[:, 1:-1]
        floors = np.repeat(
            np.median(inner.reshape(len(inner), -1, self._median_bins), axis=2), self._median_bins, axis=1
        )
        peaks = (
            (inner > spectra[:, :-2])
            & (inner >= spectra[:, 2:])
            & (inner > _MIN_PROMINENCE * floors + _EPSILON)
            & (inner >= _MIN_RELATIVE * inner.max(axis=1, keepdims=True))
        )
        rows, at = np.nonzero(peaks)
        left, top, right = (np.log(spectra[rows, at + i] + _EPSILON) for i in (0, 1, 2))
        # The vertex of the parabola through three bins.
        exact = at + 0.5 * (left - right) / (left - 2 * top + right) + self._low
        pitch = 69 + 12 * np.log2(exact * self.rate / self._size / 440)
        strength = inner[rows, at] - self._overtones(np.where(peaks, inner, 0), rows, exact)
        chroma = np.zeros((len(frames), 12))
        np.add.at(chroma, (rows, np.round(pitch).astype(int) % 12), np.maximum(strength, 0))
        chroma /= np.maximum(chroma.sum(axis=1, keepdims=True), _EPSILON)
        middles = np.arange(len(frames)) * (self._size // 2) + self._size / 2 + self._at
        self._seconds.append(middles / self.rate)
        self._chroma.append(chroma)
        self._partials.append(np.bincount(rows, minlength=len(frames)))

    def _overtones(self, peaks: np.ndarray, rows: np.ndarray, exact: np.ndarray) -> np.ndarray:
        """How strong the overtones of lower partials may be at partials, given by window and by exact bin."""
        # A column of zeros on either side, for bins below the lowest; a partial may lie between two bins.
        padded = np.pad(peaks, ((0, 0), (2, 2)))
        near = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
        found = np.zeros(len(rows))
        for number in range(2, _OVERTONES + 1):
            bins = np.maximum(np.rint(exact / number).astype(int) - self._low, -1)
            np.maximum(found, _OVERTONE ** (number - 1) * near[rows, bins + 1], out=found)
        return found

    @property
    def seconds(self) -> np.ndarray:
        """The middle of each window, in s."""
        return np.concatenate([[], *self._seconds])

    @property
    def chroma(self) -> np.ndarray:
        """The share of each pitch class (C to B) in each window, shape (windows, 12); zeros where there is none."""
        return np.concatenate([np.zeros((0, 12)), *self._chroma])

    @property
    def partials(self) -> np.ndarray:
        """How many partials were found in each window."""
        return np.concatenate([[], *self._partials])


def key_correlation(chroma: np.ndarray, key: str) -> float:
    """The correlation, -1 to 1, of a chroma vector with the profile of a key such as `D dorian`.

    `chroma` has shape (12,), from C, and must not be constant. Raises ValueError for text that is not a key.
    """
    base, exchanged = _MODES[parse_key(key).split()[1]]
    profile = base.copy()
    for a, b in exchanged:
        profile[[a, b]] = profile[[b, a]]
    return float(np.corrcoef(chroma, np.roll(profile, Scale.of(key).tonic))[0, 1])


def why_no_key(seconds: float, chroma: np.ndarray, partials: np.ndarray, notes: int = MIN_NOTES) -> str:
    """Tell why sound has no key.

    Parameters
    ----------
    seconds : float
        Its length in s.
    chroma : np.ndarray
        The chroma of its windows, shape (windows, 12).
    partials : np.ndarray
        The number of partials in each window.
    notes : int
        How many different notes there must be.

    Returns
    -------
    str
        The reason; "" if it may have one.
    """
    if seconds < _MIN_S or not len(chroma):
        return f"too short for a key: under {_MIN_S:g} s"
    if partials.mean() < _MIN_PARTIALS:
        return "it has no pitch: silence or drums"
    total = chroma.sum(axis=0)
    if (total >= _NOTE * total.max()).sum() < notes:
        return f"fewer than {notes} different notes: a chord, not a key"
    return ""


def best_key(chroma: np.ndarray) -> str:
    """The major or minor key whose profile correlates best with a chroma vector of shape (12,), from C."""
    return ranked_keys(chroma)[0]


def ranked_keys(chroma: np.ndarray) -> list[str]:
    """The major and minor keys by how well their profiles correlate with a chroma vector of shape (12,), from C."""
    keys = [f"{name} {mode}" for name in NAMES for mode in ("major", "minor")]
    return sorted(keys, key=lambda key: -key_correlation(chroma, key))


def same_scale(one: str, other: str) -> bool:
    """Whether two keys have the same scale, as relative keys do."""
    return scale_distance(one, other) == 0


def scale_distance(one: str, other: str) -> int:
    """How many notes of a key are not in the scale of another: 0 for relative keys, 1 for keys a fifth apart."""
    return len(Scale.of(one).notes - Scale.of(other).notes)


def out_of_key_share(chroma: np.ndarray, key: str) -> float:
    """The share, 0 to 1, of a chroma vector (12, from C) outside a key's scale.

    A minor key's scale includes its leading note here.
    """
    scale = Scale.of(key)
    leading = {(scale.tonic - 1) % 12} if parse_key(key).endswith("minor") else set()
    return float(1 - chroma[sorted(scale.notes | leading)].sum() / chroma.sum())
