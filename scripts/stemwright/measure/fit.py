"""Fitting contributions to their sum: the gain, polarity and delay with which each contribution is in a mix.

Used to say which stem is at fault when the stems do not add up to the mix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from stemwright.audio import AudioFile, ReopenedFile, open_many

MAX_LAG = 1 << 15
"""The largest delay searched for, in frames (0.7 s at 48 kHz)."""

_SEGMENTS = 8  # segments in which a lag is searched for: those with the largest error
_EXPLAINED = 1e-4  # the fit ends when -40 dB of the error's power is left
_NOTABLE = 1e-2  # a contribution is reported if it accounts for more than this share of the error's power


Gains: TypeAlias = Callable[[int, int], np.ndarray]


@dataclass(frozen=True)
class Contribution:
    """A file, and the gains with which it should be in the mix.

    `gains(start, frames)` gives the amplitude factors of these frames of the mix, of shape (1, channels) or (frames,
    channels).
    """

    path: str
    gains: Gains


@dataclass(frozen=True)
class Fit:
    """How a contribution is in the mix.

    `index` is its place in the list. `gains`, by channel, are relative to what they should be; None for a channel that
    is silent in the contribution's file. `late` is the delay of its file against the mix in frames, negative if it is
    early. `silent` is true if the whole file is silent.
    """

    index: int
    gains: tuple[float | None, ...]
    late: int = 0
    silent: bool = False


def fit(whole: str, contributions: Sequence[Contribution], lenient: bool = False) -> tuple[list[Fit], float]:
    """Find the contributions that are not in the mix as they should be.

    Gains are fitted by least squares over the whole length, for each channel separately. While more than -40 dB of
    the error is left, the contribution that gains most from a lag of up to MAX_LAG, by cross-correlation, is shifted,
    and the gains are fitted again.

    Parameters
    ----------
    whole : str
        The audio file of the mix.
    contributions : sequence of Contribution
        The files it should be the sum of, with the same sample rate and channels.
    lenient : bool
        As of `AudioFile`.

    Returns
    -------
    fits : list of Fit
        The contributions that are late, silent, or account for more than a hundredth of the error's power.
    left : float
        The share, 0 to 1, of the error's power that the fit leaves. Near 1, no contribution explains the error.
    """
    solution = solve(whole, contributions, lenient)
    fits = []
    for i in range(len(contributions)):
        power = solution.products[:, i + 1, i + 1]
        factors, late = solution.factors[:, i], -solution.lags[i]
        off = float(((factors - 1) ** 2 * power).sum())
        silent = not power.any()
        if late or silent or off > _NOTABLE * solution.before:
            relative = [float(f) if p else None for f, p in zip(factors, power, strict=True)]
            fits.append(Fit(i, tuple(relative), late, silent))
    return fits, solution.left / solution.before if solution.before else 0.0


@dataclass(frozen=True)
class Solution:
    """The gains and delays at which contributions come nearest to a mix.

    Attributes
    ----------
    factors : numpy.ndarray
        The gain of each, shape (channels, contributions); 1 where it is silent.
    lags : list of int
        By how many frames each is later in the mix than in its file; negative if it is earlier.
    products : numpy.ndarray
        Inner products of the mix and the contributions at these lags, by channel, shape (channels, 1 + contributions,
        1 + contributions).
    before, left : float
        The power of the error without gains and delays, and with them.
    """

    factors: np.ndarray
    lags: list[int]
    products: np.ndarray
    before: float
    left: float

    def power_left(self, factors: np.ndarray) -> float:
        """The power of the mix minus the contributions at other gains, shape (channels, contributions)."""
        return sum(_power(table, row) for table, row in zip(self.products, factors, strict=True))

    def in_all_channels(self) -> np.ndarray:
        """The factors that fit best if each is the same in all channels, shape (channels, contributions)."""
        factors, _, _ = _least_squares(self.products.sum(axis=0, keepdims=True))
        return np.repeat(factors, len(self.products), axis=0)


def solve(whole: str, contributions: Sequence[Contribution], lenient: bool = False) -> Solution:
    """Find the gains and delays at which contributions come nearest to a mix, as `fit` does.

    Parameters
    ----------
    whole : str
        The audio file of the mix.
    contributions : sequence of Contribution
        The files it should be the sum of, with the same sample rate and channels.
    lenient : bool
        As of `AudioFile`.

    Returns
    -------
    Solution
    """
    with open_many([whole, *(c.path for c in contributions)], lenient) as files:
        max_lag = min(MAX_LAG, 1 << (files[0].frames - 1).bit_length())
        lags = [0] * len(contributions)
        gains = [contribution.gains for contribution in contributions]
        products, loudest = _products(files, gains, lags, 2 * max_lag)
        factors, before, left = _least_squares(products)
        best = Solution(factors, list(lags), products, before, left)
        for _ in range(len(contributions)):
            if left <= _EXPLAINED * before:
                break
            shift = _best_lag(files, gains, lags, factors, loudest, max_lag)
            if shift is None:
                break
            index, lag = shift
            lags[index] = lag
            products, loudest = _products(files, gains, lags, 2 * max_lag)
            factors, _, left = _least_squares(products)
            if left < best.left:
                best = Solution(factors, list(lags), products, before, left)
    return best


def _span(file: AudioFile | ReopenedFile, start: int, frames: int) -> np.ndarray:
    """Frames of a file, shape (frames, channels), with silence before its first and after its last frame."""
    begin, end = max(0, start), min(file.frames, start + frames)
    if end <= begin:
        return np.zeros((frames, file.channels))
    inside = np.concatenate(list(file.blocks(begin, end - begin)))
    return np.pad(inside, ((begin - start, start + frames - end), (0, 0)))


def _signals(
    files: Sequence[AudioFile | ReopenedFile],
    gains: Sequence[Gains],
    lags: Sequence[int],
    start: int,
    frames: int,
) -> np.ndarray:
    """The mix and its contributions, shifted and at their gains, shape (1 + contributions, frames, channels)."""
    contributions = [
        _span(file, start - lag, frames) * gain(start, frames)
        for file, gain, lag in zip(files[1:], gains, lags, strict=True)
    ]
    return np.stack([_span(files[0], start, frames), *contributions])


def _products(
    files: Sequence[AudioFile | ReopenedFile],
    gains: Sequence[Gains],
    lags: Sequence[int],
    segment: int,
) -> tuple[np.ndarray, list[int]]:
    """Inner products of all signals by channel, shape (channels, 1 + contributions, 1 + contributions).

    And the first frames of the segments with the largest error, largest first.
    """
    count = len(files)
    products, errors = np.zeros((files[0].channels, count, count)), []
    for start in range(0, files[0].frames, segment):
        signals = _signals(files, gains, lags, start, segment)
        by_channel = np.ascontiguousarray(signals.transpose(2, 0, 1))
        products = products + by_channel @ by_channel.transpose(0, 2, 1)
        errors.append((float(np.sum((signals[0] - signals[1:].sum(axis=0)) ** 2)), start))
    return products, [start for error, start in sorted(errors, reverse=True)[:_SEGMENTS] if error]


def _least_squares(products: np.ndarray) -> tuple[np.ndarray, float, float]:
    """(factors that fit best, shape (channels, contributions); the error's power before; the power they leave)."""
    error = left = 0.0
    factors = np.ones((len(products), products.shape[1] - 1))
    for row, table in zip(factors, products, strict=True):
        scale = np.sqrt(np.diag(table)[1:])
        sounding = scale > 0
        scale = scale[sounding]
        inner = table[1:, 1:][np.ix_(sounding, sounding)] / np.outer(scale, scale)
        row[sounding] = np.linalg.lstsq(inner, table[0, 1:][sounding] / scale, rcond=1e-9)[0] / scale
        error += _power(table, np.ones(len(row)))
        left += _power(table, row)
    return factors, error, left


def _power(table: np.ndarray, factors: np.ndarray) -> float:
    """The power of the mix minus the contributions at `factors`, from their inner products."""
    signs = np.concatenate(([1.0], -factors))
    return max(0.0, float(signs @ table @ signs))


@dataclass
class _Search:
    """What the segments add up to in the search for one contribution's lag."""

    spectrum: np.ndarray  # of the cross-correlation with the target
    moved_power: np.ndarray  # of the contribution under the segments, at each lag
    target_power: float = 0.0


def _best_lag(
    files: Sequence[AudioFile | ReopenedFile],
    gains: Sequence[Gains],
    lags: Sequence[int],
    factors: np.ndarray,
    segments: Sequence[int],
    max_lag: int,
) -> tuple[int, int] | None:
    """(index of the contribution not shifted yet, its lag) that explain most of the remaining error, or None.

    With x the shifted contribution and y = remaining error + contribution at its factor, the best gain at a lag leaves
    |y|² - ⟨y, x⟩² / |x|². That must be less than half of the remaining error.
    """
    segment, size = 2 * max_lag, 4 * max_lag
    best, least = None, np.inf
    searches = {
        i: _Search(np.zeros(size // 2 + 1, dtype=complex), np.zeros(2 * max_lag + 1))
        for i, lag in enumerate(lags)
        if not lag
    }
    power_left = 0.0
    for start in segments:
        signals = _signals(files, gains, lags, start, segment)
        fitted = signals[1:] * factors.T[:, None]
        rest = signals[0] - fitted.sum(axis=0)
        power_left += float(np.sum(rest**2))
        for i, search in searches.items():
            target = rest + fitted[i]
            around = _span(files[1 + i], start - max_lag, size) * gains[i](start - max_lag, size)
            spectra = np.fft.rfft(target, size, axis=0) * np.conj(np.fft.rfft(around, axis=0))
            search.spectrum = search.spectrum + spectra.sum(axis=1)
            search.target_power += float(np.sum(target**2))
            # The contribution's power under the segment, at each lag.
            running = np.concatenate(([0.0], np.cumsum(np.sum(around**2, axis=1))))
            search.moved_power = search.moved_power + (running[segment:] - running[:-segment])[::-1]
    for i, search in searches.items():
        if not np.any(search.moved_power):
            continue
        # `around` begins max_lag before the target: lag 0 of the correlation is at index -max_lag.
        products = np.fft.irfft(search.spectrum, size)
        lag = np.arange(-max_lag, max_lag + 1)
        product = products[(lag - max_lag) % size]
        gained = np.divide(
            product**2, search.moved_power, out=np.zeros_like(product), where=search.moved_power > 1e-20
        )
        left = search.target_power - gained
        # Of lags that are equally good (a steady tone has many), the nearest.
        good = lag[left <= left.min() + 1e-6 * search.target_power]
        nearest = int(good[np.argmin(np.abs(good))])
        if nearest and left.min() < least:
            best, least = (i, nearest), float(left.min())
    return best if least < 0.5 * power_left else None
