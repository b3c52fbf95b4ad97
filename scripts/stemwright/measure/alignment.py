"""Alignment: how late one recording lies within another that contains it, among other things."""

from __future__ import annotations

import math

import numpy as np

from stemwright.audio import AudioFile
from stemwright.base.decibels import decibels

SEARCH_S = 1.0
"""How far the lag is searched for, either way."""

_THIN_HZ = 12_000  # samples a second that are left: far finer than what is asked, and a quarter of the work
_ALONE_S = 0.02


def lag(path: str, reference: str, start: int, frames: int) -> tuple[float, float]:
    """(seconds by which `reference` lies late in the file `path`, how surely), from `frames` at `start`.

    The reference is divided out of the file's spectrum (Wiener deconvolution: a cross-correlation whose peak does
    not hang on the colour of the sound). The lag is where the strongest answer is; `surely` is its height over the
    next best, over 20 ms away: near 1 in unrelated music, 0 where either is silent, NaN where either is not finite.
    Both files have the same sample rate.
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
    answer = np.fft.irfft(whole * part.conj() / (power + 0.1 * mean), size) if mean else np.zeros(size)
    near = np.abs(np.concatenate((answer[-reach:], answer[: reach + 1])))
    best, alone = int(np.argmax(near)), round(_ALONE_S * rate)
    others = np.concatenate((near[: max(0, best - alone)], near[best + alone :]))
    return (best - reach) / rate, float(near[best] / others.max()) if others.max() else 0.0


def level_db(path: str, start: int, frames: int) -> float:
    """The RMS of a stretch of a file, all channels as one, in dBFS; NaN if a sample is not finite."""
    samples, _ = _window(path, start, frames)
    power = float(np.mean(samples**2))
    return power if math.isnan(power) else decibels(math.sqrt(power))


def _window(path: str, start: int, frames: int) -> tuple[np.ndarray, float]:
    """Mono samples of a stretch of a file, thinned by averaging, and how many a second they are."""
    with AudioFile(path, lenient=True) as file:
        factor = max(1, file.rate // _THIN_HZ)
        samples = np.concatenate([block.mean(axis=1) for block in file.blocks(start, frames)])
        whole = len(samples) // factor * factor
        return samples[:whole].reshape(-1, factor).mean(axis=1), file.rate / factor
