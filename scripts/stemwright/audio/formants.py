"""Formants: the spectral envelope of a sound, moved against its partials."""

from __future__ import annotations

import math

import numpy as np

_WINDOW_S, _OVERLAP = 0.043, 4
_FINEST_HZ = 650.0  # quefrencies below a period of it are the envelope, as in Rubber Band (`analyseFormant`)
_HIGHEST_HZ, _MOST = 10_000.0, 60.0  # up to where it is moved, and the most that a bin changes: as there
_FLOOR = 1e-6  # of the loudest bin: how low a gap between partials may be


def with_moved_formants(samples: np.ndarray, rate: int, ratio: float) -> np.ndarray:
    """Move the spectral envelope down by a ratio, and leave the partials where they are.

    When all of it is then moved up by the same ratio, the envelope is where it was. The envelope is that of the
    cepstrum's low quefrencies, of all channels together; bins are only changed in level.

    Parameters
    ----------
    samples : numpy.ndarray
        The audio, of shape (frames, channels).
    rate : int
        Its sample rate in Hz.
    ratio : float
        1/4 to 4; more than 1 moves the envelope down.

    Returns
    -------
    numpy.ndarray
        The audio, of the same shape.
    """
    size = 1 << round(math.log2(_WINDOW_S * rate))
    hop = size // _OVERLAP
    window = np.hanning(size + 1)[:-1, None]
    padded = np.concatenate(
        [np.zeros((size, samples.shape[1])), samples, np.zeros((2 * size, samples.shape[1]))]
    )
    result = np.zeros_like(padded)
    bins = np.arange(size // 2 + 1)
    cutoff, top = max(1, int(rate / _FINEST_HZ)), int(size * _HIGHEST_HZ / rate)
    for start in range(0, len(padded) - size, hop):
        spectrum = np.fft.rfft(padded[start : start + size] * window, axis=0)
        power = np.sum(spectrum.real**2 + spectrum.imag**2, axis=1)
        if power.max() > 0:
            cepstrum = np.fft.irfft(np.log(power + _FLOOR**2 * power.max()) / 2)
            cepstrum[cutoff : size - cutoff + 1] = 0
            envelope = np.fft.rfft(cepstrum).real
            change = np.interp(bins * ratio, bins, envelope) - envelope
            change[top:] = 0
            limit = math.log(_MOST)
            spectrum *= np.exp(np.clip(change, -limit, limit))[:, None]
        result[start : start + size] += np.fft.irfft(spectrum, axis=0) * window
    return result[size : size + len(samples)] / (0.375 * _OVERLAP)
