"""Fitting parts to a whole: with which gain, polarity and delay each part is in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from stemwright.audio import AudioFile

MOST_LAG = 1 << 15
"""The furthest that a part is sought, in frames (0.7 s at 48 kHz)."""

_LOUDEST = 8  # segments in which a lag is sought: those with the most error
_EXPLAINED = 1e-4  # -40 dB of the error may be left
_NOTABLE = 1e-2  # a part is named if it makes more than this share of the error


@dataclass(frozen=True)
class Part:
    """A file and the factor of each channel with which it should be in the whole."""

    path: str
    gains: Sequence[float]


@dataclass(frozen=True)
class Fit:
    """How a part is in the whole: `gains` by channel, times what it should be (None where it should be silent).

    `late` is how many frames the part's file is behind the whole; negative if it is early.
    `silent` says that there is nothing in its file.
    """

    part: int
    gains: tuple[float | None, ...]
    late: int = 0
    silent: bool = False


def fit(whole: str, parts: Sequence[Part]) -> tuple[list[Fit], float]:
    """The parts that are not in the whole as they should be, and the share of the error's power left then.

    Gains come from least squares over the whole length, each channel by itself. While these leave over -40 dB of
    the error, the one part that a lag of up to MOST_LAG improves most, by cross-correlation, is moved, and gains
    are fitted again. A share near 1 means that no part explains the error.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(_Reader(path)) for path in (whole, *(part.path for part in parts))]
        most = min(MOST_LAG, 1 << (files[0].frames - 1).bit_length())
        lags, gains = [0] * len(parts), [np.array(part.gains, dtype=float) for part in parts]
        best, first = None, None
        for _ in range(len(parts) + 1):
            products, loudest = _products(files, gains, lags, 2 * most)
            factors, error, left = _least_squares(products)
            first = error if first is None else first
            if best is None or left < best[2]:
                best = factors, list(lags), left
            if left <= _EXPLAINED * first:
                break
            place = _late(files, gains, lags, factors, loudest, most)
            if place is None:
                break
            part, lags[part] = place
    factors, lags, left = best
    power = products.diagonal(axis1=1, axis2=2)[:, 1:]
    fits = []
    for i in range(len(parts)):
        off = float(((factors[:, i] - 1) ** 2 * power[:, i]).sum())
        silent = not power[:, i].any()
        if lags[i] or silent or off > _NOTABLE * first:
            its = [float(f) if p else None for f, p in zip(factors[:, i], power[:, i], strict=True)]
            fits.append(Fit(i, tuple(its), -lags[i], silent))
    return fits, left / first if first else 0.0


class _Reader(AudioFile):
    """A file that is silent before its start and after its end."""

    def span(self, start: int, frames: int) -> np.ndarray:
        begin, end = max(0, start), min(self.frames, start + frames)
        if end <= begin:
            return np.zeros((frames, self.channels))
        inside = np.concatenate(list(self.blocks(begin, end - begin)))
        return np.pad(inside, ((begin - start, start + frames - end), (0, 0)))


def _signals(files: Sequence[_Reader], gains, lags, start: int, frames: int) -> np.ndarray:
    """The whole and its parts, moved and at their gains, shape (1 + parts, frames, channels)."""
    parts = [
        file.span(start - lag, frames) * gain for file, gain, lag in zip(files[1:], gains, lags, strict=True)
    ]
    return np.stack([files[0].span(start, frames), *parts])


def _products(files, gains, lags, segment: int) -> tuple[np.ndarray, list[int]]:
    """Inner products of all signals by channel, (channels, 1 + parts, 1 + parts), and the worst segments."""
    products, errors = 0.0, []
    for start in range(0, files[0].frames, segment):
        signals = _signals(files, gains, lags, start, segment)
        by_channel = np.ascontiguousarray(signals.transpose(2, 0, 1))
        products = products + by_channel @ by_channel.transpose(0, 2, 1)
        errors.append((float(np.sum((signals[0] - signals[1:].sum(axis=0)) ** 2)), start))
    return products, [start for error, start in sorted(errors, reverse=True)[:_LOUDEST] if error]


def _least_squares(products: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Factors (channels, parts) that fit best, the power of the error as it is, and what they leave of it."""
    error = left = 0.0
    factors = np.ones((len(products), products.shape[1] - 1))
    for its, table in zip(factors, products, strict=True):
        scale = np.sqrt(np.diag(table)[1:])
        heard = scale > 0
        scale = scale[heard]
        inner = table[1:, 1:][np.ix_(heard, heard)] / np.outer(scale, scale)
        its[heard] = np.linalg.lstsq(inner, table[0, 1:][heard] / scale, rcond=1e-9)[0] / scale
        error += _power(table, np.ones(len(its)))
        left += _power(table, its)
    return factors, error, left


def _power(table: np.ndarray, factors: np.ndarray) -> float:
    """The power of whole minus factors times parts, from their products."""
    signs = np.concatenate(([1.0], -factors))
    return max(0.0, float(signs @ table @ signs))


def _late(files, gains, lags, factors, segments: Sequence[int], most: int) -> tuple[int, int] | None:
    """The part, of those not moved yet, and its lag in the whole, that explain most of what is left; or None.

    With y = what is left + the part at its factor, the best gain at a lag leaves |y|² - ⟨y, moved part⟩² /
    |moved part|². It must be less than half of what is left.
    """
    segment, size = 2 * most, 4 * most
    best, least = None, np.inf
    sums = {i: [0.0, 0.0, 0.0] for i, lag in enumerate(lags) if not lag}
    power_left = 0.0
    for start in segments:
        signals = _signals(files, gains, lags, start, segment)
        fitted = signals[1:] * factors.T[:, None]
        rest = signals[0] - fitted.sum(axis=0)
        power_left += float(np.sum(rest**2))
        for i, its in sums.items():
            target = rest + fitted[i]
            around = files[1 + i].span(start - most, size) * gains[i]
            spectra = np.fft.rfft(target, size, axis=0) * np.conj(np.fft.rfft(around, axis=0))
            its[0] = its[0] + spectra.sum(axis=1)
            its[1] += float(np.sum(target**2))
            # The power of what lies under the segment, at each lag.
            running = np.concatenate(([0.0], np.cumsum(np.sum(around**2, axis=1))))
            its[2] = its[2] + (running[segment:] - running[:-segment])[::-1]
    for i, (spectrum, power, moved_power) in sums.items():
        if not np.any(moved_power):
            continue
        # Around begins most before the target: at no lag, the correlation's place is -most.
        products = np.fft.irfft(spectrum, size)
        lag = np.arange(-most, most + 1)
        product = products[(lag - most) % size]
        gained = np.divide(product**2, moved_power, out=np.zeros_like(product), where=moved_power > 1e-20)
        left = power - gained
        # Of lags as good (a steady tone has many), the nearest.
        good = lag[left <= left.min() + 1e-6 * power]
        nearest = int(good[np.argmin(np.abs(good))])
        if nearest and left.min() < least:
            best, least = (i, nearest), float(left.min())
    return best if least < 0.5 * power_left else None
