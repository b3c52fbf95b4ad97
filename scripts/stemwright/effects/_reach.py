"""How far an effect hears: what of its input its output at a moment depends on.

A stretch of a song that is rendered alone begins as much before as its effects reach. What lies further away changes
the output by less than -120 dB of the loudest sample of the input.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stemwright.music.curve import Curve

FAINT = 1e-6
"""An amplitude of -120 dB: what is not heard."""

_SETTLED = math.log(1e9)
"""Time constants in which a gain, whose error is heard beside any level, has settled to -180 dB."""

_BALLISTICS = 2 * math.pi
"""Time constants in an attack or release time of `_dynamics`."""


@dataclass(frozen=True)
class Reach:
    """How many frames before and after a moment are heard in it."""

    before: int = 0
    after: int = 0

    def __add__(self, other: Reach) -> Reach:
        """The reach of two effects, one after the other."""
        return Reach(self.before + other.before, self.after + other.after)


def decaying(seconds: float, rate: int) -> int:
    """Frames in which what decays with a time constant in s has become faint."""
    return math.ceil(-math.log(FAINT) * seconds * rate)


def settling(milliseconds: float, rate: int) -> int:
    """Frames in which a level that rises or falls in this time, as `_dynamics` has them, has settled."""
    return math.ceil(_SETTLED * milliseconds / 1_000 / _BALLISTICS * rate)


def settled(curves: Mapping[str, Curve], rate: int) -> int:
    """The same for the longer of the two times of a dynamics processor, `attack_ms` and `release_ms`."""
    return settling(max(curves[name].range[1] for name in ("attack_ms", "release_ms")), rate)


def echoing(feedback: float, frames: float) -> int:
    """Frames in which echoes, each `frames` after the one before and at `feedback` of its level, have become faint."""
    return math.ceil(frames * (1 + (math.log(FAINT) / math.log(feedback) if feedback > FAINT else 0)))


def ringing(sections: np.ndarray) -> int:
    """Frames in which stable filters, rows b0 b1 b2 a0 a1 a2 one after the other, have rung out.

    Of all of them together, the slowest pole counts; equal poles, which add a power of the time, are given twice the
    decay.
    """
    radius = max((abs(pole) for row in sections for pole in np.roots(row[3:])), default=0.0)
    return (
        math.ceil(2 * math.log(FAINT) / math.log(radius)) + 2 * len(sections)
        if radius > 0
        else 2 * len(sections)
    )
