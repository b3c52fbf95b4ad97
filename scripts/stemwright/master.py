"""The master: the mix through its effects, brought to its loudness, under its ceiling.

A limiter changes loudness and leaves a little over its ceiling between samples, so neither can be
set beforehand: both are reached by measuring the result and correcting, a few times at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stemwright.audio import AudioFile, Spool
from stemwright.canvas import Canvas
from stemwright.effects import Effect, chain
from stemwright.effects.gain import Gain
from stemwright.effects.limiter import Limiter
from stemwright.measure.loudness import Loudness

_CLOSE_LU = 0.05
_PASSES = 8
_SPARE_DB = 0.01  # lowered besides what the ceiling was passed by
_MOST_DB = 60.0  # as for master.gain_db: beyond it, only noise gets louder


@dataclass(frozen=True)
class Finished:
    """What the chain ended with: the gain before the limiter, the limiter, what was measured, the audio."""

    gain_db: float
    limiter: Limiter | None
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    audio: Spool


def finish(
    mix: str,
    effects: Sequence[Effect],
    canvas: Canvas,
    *,
    gain_db: float,
    limiter: Limiter | None,
    target_lufs: float | None,
) -> Finished:
    """The master of a mix, at `target_lufs` and under the limiter's ceiling.

    Without a target the gain stays as given. If the target cannot be reached (the limiter has nothing
    left to give, or the mix has no loudness), the nearest result is the answer: the gate will refuse it.
    """
    with AudioFile(mix) as file:
        spool = Spool(canvas.channels, chain(effects, file.blocks(), canvas))

    def off(result: Finished) -> float:
        unknown = target_lufs is None or result.integrated_lufs is None
        return 0.0 if unknown else result.integrated_lufs - target_lufs

    def at(gain: float, held: Limiter | None) -> Finished:
        """The result at a gain. What stays under the ceiling needs no limiter: it would change no bit of it."""
        if plain.true_peak_dbtp is None or limiter is None or _peak(plain, gain) <= limiter.ceiling_db:
            result = plain if gain == plain.gain_db else _rendered(spool, canvas, gain, None)
            if limiter is None or (result.true_peak_dbtp or -np.inf) <= limiter.ceiling_db:
                return replace(result, limiter=held)
        return _under_ceiling(spool, canvas, gain, held, limiter)

    plain = _rendered(spool, canvas, gain_db, None)
    best = at(_within(gain_db - off(plain)) if abs(off(plain)) > _CLOSE_LU else gain_db, limiter)
    slope = 1.0  # decibels of loudness for a decibel of gain: less once the limiter holds it down
    for _ in range(_PASSES):
        if abs(off(best)) <= _CLOSE_LU:
            break
        gain = _within(best.gain_db - off(best) / slope)
        if abs(gain - best.gain_db) < _CLOSE_LU:
            break
        result = at(gain, best.limiter)
        if abs(off(result)) < abs(off(best)):
            secant = (off(result) - off(best)) / (gain - best.gain_db)
            slope = min(max(secant, 0.25), 1.0) if secant > 0 else slope
            best = result
        else:  # a limiter driven too far gives less again: back, in smaller steps
            slope *= -4
    return best


def _within(gain_db: float) -> float:
    return min(max(gain_db, -_MOST_DB), _MOST_DB)


def _peak(plain: Finished, gain_db: float) -> float:
    """The true peak that a result without a limiter would have at another gain, in dBTP."""
    return plain.true_peak_dbtp + gain_db - plain.gain_db


def _under_ceiling(spool: Spool, canvas: Canvas, gain_db: float, held: Limiter, limiter: Limiter) -> Finished:
    """The result with `held`, lowered as far as it takes to have nothing over the ceiling of `limiter`."""
    for _ in range(_PASSES):
        result = _rendered(spool, canvas, gain_db, held)
        if result.true_peak_dbtp is None or result.true_peak_dbtp <= limiter.ceiling_db:
            break
        spare = result.true_peak_dbtp - limiter.ceiling_db + _SPARE_DB
        held = replace(held, ceiling_db=held.ceiling_db - spare)
    return result


def _rendered(spool: Spool, canvas: Canvas, gain_db: float, limiter: Limiter | None) -> Finished:
    steps: list[Effect] = [*([Gain(gain_db)] if gain_db else []), *([limiter] if limiter else [])]
    meter = Loudness(true_peak=True)
    meter.start(canvas.rate, canvas.channels)
    out = Spool(canvas.channels)
    for block in chain(steps, spool.blocks(), canvas):
        stored = block.astype(np.float32).astype(np.float64)  # what the file will hold
        meter.feed(stored)
        out.append(stored)
    return Finished(gain_db, limiter, meter.integrated, meter.true_peak, out)
