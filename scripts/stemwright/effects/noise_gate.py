"""A noise gate, or at a low ratio an expander, with hold and a side-chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude
from stemwright.effects._base import with_values
from stemwright.effects._dynamics import KeyedEffect, KeyName, envelope, held, loudest
from stemwright.effects._reach import Reach, settled
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_LEAST_WAY = 1e-9
"""The way from closed to open that stands for none, at a range of 0 dB."""


@dataclass(frozen=True)
class NoiseGate(KeyedEffect):
    """A noise gate: reduces the level below a threshold. At a low ratio it is an expander."""

    example = "{threshold_db: -40, range_db: 30, attack_ms: 1, hold_ms: 50, release_ms: 200}"
    adds_frequencies = False

    threshold_db: Annotated[
        float, Field("Peak level below which it closes.", "dBFS", ge=-100, le=0, automatable=True)
    ]
    ratio: Annotated[
        float, Field("Ratio of output to input decibels below the threshold.", ge=1, le=100, automatable=True)
    ] = 10.0
    range_db: Annotated[
        float, Field("The most by which it reduces the level.", "dB", ge=0, le=100, automatable=True)
    ] = 60.0
    attack_ms: Annotated[
        float, Field("Time in which it opens, to 99.8 %.", "ms", ge=0.01, le=1_000, automatable=True)
    ] = 1.0
    hold_ms: Annotated[
        float,
        Field("Time for which it stays open after the last peak above the threshold.", "ms", ge=0, le=2_000),
    ] = 50.0
    release_ms: Annotated[
        float, Field("Time in which it closes, to 99.8 %.", "ms", ge=1, le=10_000, automatable=True)
    ] = 100.0
    key: KeyName | None = None

    def reach(self, context: RenderContext) -> Reach:
        hold = round(self.hold_ms / 1_000 * context.rate)
        return Reach(hold + settled(self.key_curves(context), context.rate))

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        curves = self.key_curves(context)
        levels = held(loudest(self.levels(blocks, context)), self.hold_ms, context.rate)
        opened = envelope(_aims(levels, curves), 1, context, curves)
        for share, _, range_db in with_values(opened, curves["range_db"]):
            closed = amplitude(-range_db)
            yield closed + share * _way(closed)


def _aims(levels: Stream, curves: dict[str, Curve]) -> Stream:
    """How far an expander is to be open, of the way from closed."""
    for level, _, threshold_db, ratio, range_db in with_values(
        levels, curves["threshold_db"], curves["ratio"], curves["range_db"]
    ):
        closed = amplitude(-range_db)
        unlimited = np.minimum(level / amplitude(threshold_db), 1) ** (ratio - 1)
        yield np.maximum(unlimited - closed, 0) / _way(closed)


def _way(closed: float | np.ndarray) -> float | np.ndarray:
    """The way from closed to open, in which shares count while the range moves: then open remains open."""
    return 1.0 if isinstance(closed, float) else np.maximum(1 - closed, _LEAST_WAY)
