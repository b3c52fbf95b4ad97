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
_SPARE_DB = 0.01
_FLATTEST = 0.25


@dataclass(frozen=True)
class Finished:
    """What the master chain ended with: the gain before the limiter, the limiter, what was measured, and the audio."""

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
    ceiling = limiter.ceiling_db if limiter else 0.0

    def error(result: Finished) -> float:
        unknown = target_lufs is None or result.integrated_lufs is None
        return 0.0 if unknown else result.integrated_lufs - target_lufs

    def over(result: Finished) -> float:
        return 0.0 if limiter is None or result.true_peak_dbtp is None else max(0.0, result.true_peak_dbtp - ceiling)

    best = last = _rendered(spool, canvas, gain_db, limiter)
    slope = 1.0  # decibels of loudness for a decibel of gain: less once the limiter holds it down
    for _ in range(_PASSES):
        if abs(error(last)) <= _CLOSE_LU and not over(last):
            break
        held = limiter
        if limiter is not None:
            spare = over(last) + _SPARE_DB if over(last) else 0.0
            held = replace(last.limiter, ceiling_db=last.limiter.ceiling_db - spare)
        step = -error(last) / slope
        result = _rendered(spool, canvas, last.gain_db + step, held)
        if abs(step) > _CLOSE_LU:
            slope = min(1.0, max(_FLATTEST, (error(result) - error(last)) / step))
        last = result
        best = min(best, last, key=lambda result: (over(result), abs(error(result))))
    return best


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
