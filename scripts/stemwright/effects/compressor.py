"""A compressor (pedalboard's) whose channels are linked, with a knee, make-up gain and a side-chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude
from stemwright.effects._base import with_values
from stemwright.effects._dynamics import KeyedEffect, KeyName, compressed, loudest
from stemwright.effects._reach import Reach, settled
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Compressor(KeyedEffect):
    """A compressor: reduces the level above a threshold."""

    example = "{threshold_db: -18, ratio: 3, attack_ms: 10, release_ms: 120}"
    adds_frequencies = False

    threshold_db: Annotated[
        float, Field("Level above which it compresses.", "dBFS", ge=-80, le=0, automatable=True)
    ]
    ratio: Annotated[
        float, Field("Ratio of input to output decibels above the threshold.", ge=1, le=100, automatable=True)
    ] = 4.0
    attack_ms: Annotated[
        float, Field("Attack time, to 99.8 % of a step.", "ms", ge=0.01, le=1_000, automatable=True)
    ] = 1.0
    release_ms: Annotated[
        float, Field("Release time, to 99.8 % of a step.", "ms", ge=1, le=10_000, automatable=True)
    ] = 100.0
    knee_db: Annotated[
        float,
        Field(
            "Width of the knee: the range of levels around the threshold in which the ratio sets in.",
            "dB",
            ge=0,
            le=40,
            automatable=True,
        ),
    ] = 0.0
    make_up_db: Annotated[
        float, Field("Gain after the compression.", "dB", ge=0, le=40, automatable=True)
    ] = 0.0
    link: Annotated[
        bool,
        Field("Whether the louder channel sets the gain of both, so that the stereo image stays in place."),
    ] = True
    key: KeyName | None = None

    def reach(self, context: RenderContext) -> Reach:
        return Reach(settled(self.key_curves(context), context.rate))

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        levels, channels = self.levels(blocks, context), context.channels
        if self.link:
            levels, channels = loudest(levels), 1
        curves = self.key_curves(context)
        hard = compressed(levels, channels, context, curves)
        for gains, _, knee_db, ratio, make_up_db in with_values(
            hard, curves["knee_db"], curves["ratio"], curves["make_up_db"]
        ):
            yield _with_knee(gains, knee_db * (1 - 1 / ratio)) * amplitude(make_up_db)

    def apply(self, blocks: Stream, gains: Stream, context: RenderContext) -> Stream:
        """The input, in 32-bit float as pedalboard has it, at a gain curve."""
        return super().apply((block.astype(np.float32) for block in blocks), gains, context)


def _with_knee(gains: np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """The gains of a hard knee at the lower end of the knee, with the knee rounded to a parabola.

    Giannoulis, Massberg and Reiss, "Digital dynamic range compressor design", J. Audio Eng. Soc. 60 (2012), eq. 4,
    written for the reduction r: r² / 2w within the knee, r − w / 2 above it, where the width w is the reduction at its
    end, in dB.
    """
    if not np.any(width):
        return gains
    reduction = -20 * np.log10(gains)
    within = reduction < width
    rounded = np.where(within, reduction**2 / np.where(within, 2 * width, 1), reduction - width / 2)
    return 10 ** (-rounded / 20)
