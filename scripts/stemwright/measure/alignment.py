"""Alignment: the delay of one recording within another that contains it among other sounds."""

from __future__ import annotations

import math

import numpy as np

from stemwright.audio import AudioFile, mean_of_channels
from stemwright.base.decibels import decibels

SEARCH_S = 1.0
"""The largest lag searched for, in s, in either direction."""

_DECIMATED_HZ = (
    12_000  # sample rate of the comparison: finer than the precision asked for, at a quarter of the work
)
_PEAK_EXCLUSION_S = 0.02


def lag(path: str, reference: str, start: int, frames: int) -> tuple[float, float]:
    """Measure how late a reference lies in a file that contains it.

    The reference is divided out of the file's spectrum by Wiener deconvolution, a cross-correlation whose peak does
    not depend on the spectrum of the sound. The lag is the place of the strongest response.

    Parameters
    ----------
    path, reference : str
        The two audio files, at the same sample rate.
    start, frames : int
        The stretch of both files that is compared, in frames.

    Returns
    -------
    seconds : float
        How late the reference lies in the file, in s; negative if it is early. Between -SEARCH_S and SEARCH_S.
    confidence : float
        The height of the strongest response over the next best more than 20 ms away: near 1 for unrelated music,
        0 if either file is silent, NaN if either has a non-finite sample.
    """
    a, rate = _window(path, start, frames)
    b, _ = _window(reference, start, frames)
    if not np.isfinite(a.sum() + b.sum()):
        return 0.0, math.nan
    reach = round(SEARCH_S * rate)
    size = 1 << (len(a) + reach).bit_length()
    whole, part = np.fft.rfft(a, size), np.fft.rfft(b, size)
    power = np.abs(part) ** 2
    mean = power.mean()
    response = np.fft.irfft(whole * part.conj() / (power + 0.1 * mean), size) if mean else np.zeros(size)
    near = np.abs(np.concatenate((response[-reach:], response[: reach + 1])))
    best, excluded = int(np.argmax(near)), round(_PEAK_EXCLUSION_S * rate)
    others = np.concatenate((near[: max(0, best - excluded)], near[best + excluded :]))
    return (best - reach) / rate, float(near[best] / others.max()) if others.max() else 0.0


def level_db(path: str, start: int, frames: int) -> float:
    """Measure the RMS of a stretch of a file after a mono downmix and decimation to about 12 kHz.

    Parameters
    ----------
    path : str
        The audio file.
    start, frames : int
        The stretch, in frames.

    Returns
    -------
    float
        The level in dBFS; NaN if a sample is not finite.
    """
    samples, _ = _window(path, start, frames)
    power = float(np.mean(samples**2))
    return power if math.isnan(power) else decibels(math.sqrt(power))


def _window(path: str, start: int, frames: int) -> tuple[np.ndarray, float]:
    """A stretch of a file as mono, decimated by averaging: (samples, their rate in Hz)."""
    with AudioFile(path, lenient=True) as file:
        factor = max(1, file.rate // _DECIMATED_HZ)
        samples = np.concatenate([mean_of_channels(block) for block in file.blocks(start, frames)])
        whole = len(samples) // factor * factor
        return samples[:whole].reshape(-1, factor).mean(axis=1), file.rate / factor
