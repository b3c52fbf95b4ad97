"""How much a limiter works: its greatest gain reduction, and for how much of the time it reduces the gain at all."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude, decibels
from stemwright.effects import GainEffect
from stemwright.music.render_context import RenderContext

AUDIBLE_DB = 0.1
"""A gain reduction that counts as work, in dB."""


class GainReduction(NamedTuple):
    """The greatest reduction in dB, and the share of the time (0 to 1) with more than `AUDIBLE_DB`."""

    max_db: float
    share: float


def gain_reduction(blocks: Stream, effect: GainEffect, context: RenderContext) -> GainReduction:
    """Measure the gain curve of an effect.

    Parameters
    ----------
    blocks : Stream
        What comes into the effect.
    effect : GainEffect
        A limiter or compressor.
    context : RenderContext
        The render context.

    Returns
    -------
    GainReduction
    """
    lowest, working, frames = 1.0, 0, 0
    limit = amplitude(-AUDIBLE_DB)
    for gains in effect.gains(blocks, context):
        gains = gains[: context.frames - frames].min(axis=1)
        if not len(gains):
            break
        lowest = min(lowest, float(gains.min()))
        working += int(np.count_nonzero(gains < limit))
        frames += len(gains)
    return GainReduction(max(0.0, -decibels(lowest)) if lowest else math.inf, working / max(1, frames))
