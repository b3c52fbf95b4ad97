"""A noise gate, or at a low ratio an expander, with hold and a side-chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude
from stemwright.effects._dynamics import KeyedEffect, KeyName, envelope, held, loudest
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class NoiseGate(KeyedEffect):
    """A noise gate: reduces the level below a threshold. At a low ratio it is an expander."""

    example = "{threshold_db: -40, range_db: 30, attack_ms: 1, hold_ms: 50, release_ms: 200}"
    adds_frequencies = False

    threshold_db: Annotated[float, Field("Peak level below which it closes.", "dBFS", ge=-100, le=0)]
    ratio: Annotated[float, Field("Ratio of output to input decibels below the threshold.", ge=1, le=100)] = (
        10.0
    )
    range_db: Annotated[float, Field("The most by which it reduces the level.", "dB", ge=0, le=100)] = 60.0
    attack_ms: Annotated[float, Field("Time in which it opens, to 99.8 %.", "ms", ge=0.01, le=1_000)] = 1.0
    hold_ms: Annotated[
        float,
        Field("Time for which it stays open after the last peak above the threshold.", "ms", ge=0, le=2_000),
    ] = 50.0
    release_ms: Annotated[float, Field("Time in which it closes, to 99.8 %.", "ms", ge=1, le=10_000)] = 100.0
    key: KeyName | None = None

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        levels = held(loudest(self.levels(blocks, context)), self.hold_ms, context.rate)
        closed = amplitude(-self.range_db)
        aims = (np.maximum(self._expanded(block) - closed, 0) for block in levels)
        for opened in envelope(aims, self.attack_ms, self.release_ms, context):
            yield closed + opened

    def _expanded(self, levels: np.ndarray) -> np.ndarray:
        """The gain of an expander without a limit to its range."""
        return np.minimum(levels / amplitude(self.threshold_db), 1) ** (self.ratio - 1)
