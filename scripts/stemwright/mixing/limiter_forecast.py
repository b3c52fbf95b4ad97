"""What a limiter will take from the loudness of a mix, forecast from its peaks, so that one pass of it is enough.

The model is of pedalboard's BrickwallLimiter (spotify/pedalboard, plugins/BrickwallLimiter.h): `lookahead_ms` before a
peak, the gain falls at once to what it needs; it stays until no sample has exceeded the ceiling for `lookahead_ms`;
then it returns exponentially. Time has steps of about 1 ms here, and peaks are those of samples. Of four mixes and
three recordings, the forecast loss of loudness was up to 0.04 LU too small where it was below 0.8 LU, and by 9 % at
most where it was higher. The result is measured in any case, and the search for the gain goes on from there.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from stemwright.audio import Spool, Stream
from stemwright.effects.limiter import Limiter
from stemwright.measure.loudness import STEP_MS, Loudness, steps_of

_PARTS = STEP_MS  # of a step of the loudness: each is 1 ms long
_PARTS_AT_ONCE = 60_000
_TRIES, _NEAR_LU, _SPAN_DB = 8, 0.005, 12.0


class LimiterForecast:
    """The peaks and powers of a mix, kept on disk, and its loudness, from which that of the limited mix follows.

    Parameters
    ----------
    blocks : Stream
        The mix.
    rate : int
        Its sample rate in Hz.
    loudness : Loudness
        The meter that has measured it.
    """

    def __init__(self, blocks: Stream, rate: int, loudness: Loudness):
        self._loudness = loudness
        self._parts = Spool(2, map(_parts, steps_of(blocks, rate)), single=True)

    def gain(self, first_db: float, limiter: Limiter, deviation: Callable[[Loudness], float]) -> float:
        """The gain at which the limited mix is expected to have its loudness.

        Parameters
        ----------
        first_db : float
            The gain in dB that would be right without the limiter.
        limiter : Limiter
            The limiter.
        deviation : callable
            How far a loudness is above the wanted one, in LU.

        Returns
        -------
        float
            The gain in dB; `first_db` if none up to 12 dB above it is expected to do.
        """
        gain, before = first_db, (first_db, math.nan)
        for _ in range(_TRIES):
            off = deviation(self.limited(gain, limiter))
            if abs(off) <= _NEAR_LU:
                return gain
            slope = 1.0 if gain == first_db else (off - before[1]) / (gain - before[0])
            before = gain, off
            gain -= off / slope if slope > 0 else math.inf
            if not first_db <= gain <= first_db + _SPAN_DB:
                break
        return first_db

    def limited(self, gain_db: float, limiter: Limiter) -> Loudness:
        """The loudness that the mix is expected to have behind the limiter, with this gain in dB before it."""
        ceiling = 10 ** ((limiter.ceiling_db - gain_db) / 20)
        hold = max(1, round(limiter.lookahead_ms))
        envelope = _Envelope(hold, math.exp(-1 / limiter.release_ms))
        factors = []
        # A gain comes `hold` parts before the peak that needs it.
        envelope.over(self._needs(0, hold, ceiling))
        for start in range(0, self._parts.frames, _PARTS_AT_ONCE):
            powers = self._parts.read(start, min(_PARTS_AT_ONCE, self._parts.frames - start))[:, 1]
            gains = 1 - envelope.over(self._needs(start + hold, len(powers), ceiling))
            left = (powers * gains**2).reshape(-1, _PARTS).sum(axis=1)
            whole = powers.reshape(-1, _PARTS).sum(axis=1)
            factors.append(np.divide(left, whole, out=np.ones(len(whole)), where=whole > 0))
        return self._loudness.scaled(np.concatenate(factors or [np.zeros(0)]), gain_db)

    def _needs(self, start: int, count: int, ceiling: float) -> np.ndarray:
        """By how much each part must be reduced, from 0 to 1. There is silence after the end."""
        needs = np.zeros(count)
        first = min(start, self._parts.frames)
        peaks = self._parts.read(first, min(count, self._parts.frames - first))[:, 0]
        needs[: len(peaks)] = 1 - ceiling / np.maximum(peaks, ceiling)
        return needs


class _Envelope:
    """The reduction of the gain: at once where more is needed, held for so many parts, and released by `decay`."""

    def __init__(self, hold: int, decay: float):
        self._hold, self._decay = hold, decay
        self._now, self._held = 0.0, 0

    def over(self, needs: np.ndarray) -> np.ndarray:
        """The reduction in each part, of what each needs: the parts that follow those of the call before."""
        reductions, at = np.empty(len(needs)), 0
        exceeding = np.flatnonzero(needs)
        for run in (
            np.split(exceeding, np.flatnonzero(np.diff(exceeding) > self._hold) + 1) if len(exceeding) else ()
        ):
            first, end = int(run[0]), int(run[-1]) + 1
            self._release(reductions[at:first])
            reductions[first:end] = np.maximum.accumulate(np.maximum(needs[first:end], self._now))
            self._now, self._held, at = float(reductions[end - 1]), self._hold, end
        self._release(reductions[at:])
        return reductions

    def _release(self, reductions: np.ndarray) -> None:
        held = min(self._held, len(reductions))
        self._held -= held
        reductions[:held] = self._now
        reductions[held:] = self._now * self._decay ** np.arange(1, len(reductions) - held + 1)
        if len(reductions):
            self._now = float(reductions[-1])


def _parts(steps: np.ndarray) -> np.ndarray:
    """The peak and the power of each part of steps of shape (steps, frames, channels)."""
    starts = np.arange(_PARTS) * steps.shape[1] // _PARTS
    channels = np.abs(np.moveaxis(steps, 2, 0), order="C")
    peaks = np.maximum.reduceat(channels.max(axis=0), starts, axis=1)
    np.multiply(channels, channels, out=channels)
    powers = np.add.reduceat(channels.sum(axis=0), starts, axis=1)
    return np.stack((peaks.ravel(), powers.ravel()), axis=1)
