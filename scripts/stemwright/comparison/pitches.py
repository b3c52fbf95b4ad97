"""Pitch before and after: spectra on a scale of quarter tones, moved against each other."""

from __future__ import annotations

import numpy as np

_WINDOW_S = 0.17
_PER_SEMITONE = 2
_LOWEST_HZ, _MOST = 55.0, 24


class Pitches:
    """How alike the spectra of old and new are, moved by -24 to 24 semitones.

    Windows of 170 ms; each spectrum is the root of the amplitude, on a scale of quarter tones, without its mean over
    an octave: partials count, and the shape of the spectrum does not.
    """

    def __init__(self, rate: int):
        self.size = 1 << round(np.log2(_WINDOW_S * rate))
        self._hann = np.hanning(self.size + 1)[:-1]
        octaves = np.log2(0.45 * rate / _LOWEST_HZ)
        pitches = _LOWEST_HZ * 2 ** (np.arange(int(12 * _PER_SEMITONE * octaves)) / (12 * _PER_SEMITONE))
        self._at = pitches * self.size / rate
        self.similar: list[np.ndarray] = []
        self._moved: list[np.ndarray] = []

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take in mono windows of both, shape (windows, size)."""
        a, b = self._spectra(x), self._spectra(y)
        self.similar.append(np.sum(a * b, axis=1))
        padded = np.pad(b, ((0, 0), (_MOST * _PER_SEMITONE, _MOST * _PER_SEMITONE)))
        moves = [
            np.sum(a * padded[:, k : k + a.shape[1]], axis=1)
            for k in range(0, 2 * _MOST * _PER_SEMITONE + 1, _PER_SEMITONE)
        ]
        self._moved.append(np.stack(moves, axis=1))

    def _spectra(self, windows: np.ndarray) -> np.ndarray:
        found = np.sqrt(np.abs(np.fft.rfft(windows * self._hann, axis=1)))
        bins = np.arange(found.shape[1])
        scaled = np.stack([np.interp(self._at, bins, row) for row in found])
        width = 12 * _PER_SEMITONE
        kernel = np.ones(width + 1) / (width + 1)
        scaled -= np.stack([np.convolve(row, kernel, "same") for row in scaled])
        return scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-9)

    @property
    def similarity(self) -> float:
        """The mean likeness of the windows where they are, -1 to 1."""
        return float(np.concatenate(self.similar).mean()) if self.similar else 1.0

    @property
    def move(self) -> tuple[int, float]:
        """The move that makes old most like new.

        Returns
        -------
        semitones : int
            How far up.
        alike : float
            How alike they are then, -1 to 1.
        """
        if not self._moved:
            return 0, 1.0
        means = np.concatenate(self._moved).mean(axis=0)
        best = int(np.argmax(means))
        return best - _MOST, float(means[best])
