"""The master: the mix through its effects, brought to its loudness, under its ceiling.

A limiter changes loudness and leaves a little over its ceiling between samples, so neither can be
set beforehand: both are reached by measuring the result and correcting, a few times at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from stemwright.audio import AudioFile, Spool
from stemwright.effects import Chain, Effect
from stemwright.effects.gain import Gain
from stemwright.effects.limiter import Limiter
from stemwright.measure.loudness import Loudness
from stemwright.measure.rms import Rms
from stemwright.measure.true_peak import TruePeak
from stemwright.music.render_context import RenderContext

_CLOSE_LU = 0.05
_PASSES = 8
_SPARE_DB = 0.01  # lowered besides what the ceiling was passed by
_MOST_DB = 60.0  # as for master.gain_db: beyond it, only noise gets louder


@dataclass(frozen=True)
class Finished:
    """What the chain ended with: the gain before the limiter, the limiter, what was measured, the audio.

    `rms_dbfs` is measured only where it is aimed at.
    """

    gain_db: float
    limiter: Limiter | None
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    rms_dbfs: float | None
    audio: Spool


def finish(
    mix: str,
    effects: Chain,
    context: RenderContext,
    *,
    gain_db: float,
    limiter: Limiter | None,
    target: Mapping[str, float] | None,
) -> Finished:
    """The master of a mix, at its target and under the limiter's ceiling.

    The target is `{"integrated_lufs": value}` or `{"rms_dbfs": value}`; without one the gain stays as given. If it
    cannot be reached (the limiter has nothing left to give, or the mix has no loudness), the nearest result is the
    answer: the gate will refuse it.
    """
    with AudioFile(mix) as file:
        spool = Spool(context.channels, effects.process(file.blocks(), context))

    ((quantity, wanted),) = (target or {"integrated_lufs": None}).items()

    def off(result: Finished) -> float:
        found = getattr(result, quantity)
        return 0.0 if wanted is None or found is None else found - wanted

    def rendered(gain: float, held: Limiter | None) -> Finished:
        return _rendered(spool, context, gain, held, quantity == "rms_dbfs")

    def under_ceiling(gain: float, held: Limiter | None) -> Finished:
        """The result at a gain. What stays under the ceiling needs no limiter: it would change no bit of it."""
        if limiter is None or _peak(plain, gain) <= limiter.ceiling_db:
            result = plain if gain == plain.gain_db else rendered(gain, None)
            if limiter is None or _peak(result, gain) <= limiter.ceiling_db:
                return replace(result, limiter=held)
        for _ in range(_PASSES):
            result = rendered(gain, held)
            if _peak(result, gain) <= limiter.ceiling_db:
                break
            spare = result.true_peak_dbtp - limiter.ceiling_db + _SPARE_DB
            held = replace(held, ceiling_db=held.ceiling_db - spare)
        return result

    plain = rendered(gain_db, None)
    best = under_ceiling(_within(gain_db - off(plain)) if abs(off(plain)) > _CLOSE_LU else gain_db, limiter)
    slope = 1.0  # decibels of loudness for a decibel of gain: less once the limiter holds it down
    for _ in range(_PASSES):
        if abs(off(best)) <= _CLOSE_LU:
            break
        gain = _within(best.gain_db - off(best) / slope)
        if abs(gain - best.gain_db) < _CLOSE_LU:
            break
        result = under_ceiling(gain, best.limiter)
        if abs(off(result)) < abs(off(best)):
            secant = (off(result) - off(best)) / (gain - best.gain_db)
            slope = min(max(secant, 0.25), 1.0) if secant > 0 else slope
            best = result
        else:  # a limiter driven too far gives less again: back, in smaller steps
            slope *= -4
    return best


def _within(gain_db: float) -> float:
    return min(max(gain_db, -_MOST_DB), _MOST_DB)


def _peak(result: Finished, gain_db: float) -> float:
    """The true peak in dBTP that a result would have at another gain, if no limiter came after it."""
    return -math.inf if result.true_peak_dbtp is None else result.true_peak_dbtp + gain_db - result.gain_db


def _rendered(
    spool: Spool, context: RenderContext, gain_db: float, limiter: Limiter | None, wants_rms: bool
) -> Finished:
    steps: list[Effect] = [*([Gain(gain_db)] if gain_db else []), *([limiter] if limiter else [])]
    loudness, peak, rms = meters = Loudness(), TruePeak(), Rms()
    for meter in meters:
        meter.start(context.rate, context.channels)
    out = Spool(context.channels)
    for block in Chain(steps).process(spool.blocks(), context):
        stored = block.astype(np.float32).astype(np.float64)  # what the file will hold
        for meter in meters if wants_rms else meters[:2]:
            meter.feed(stored)
        out.append(stored)
    level = rms.rms if wants_rms else None
    level = level if level is not None and math.isfinite(level) else None
    return Finished(gain_db, limiter, loudness.integrated, peak.true_peak, level, out)
