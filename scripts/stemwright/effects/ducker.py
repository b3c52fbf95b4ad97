"""A ducker: makes room for another stem or bus while that one sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude
from stemwright.effects._base import with_values
from stemwright.effects._dynamics import KeyedEffect, KeyName, envelope, held, loudest
from stemwright.effects._reach import Reach, settled
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Ducker(KeyedEffect):
    """A ducker: lowers the level while another stem or bus sounds."""

    example = "{key: voice, depth_db: 9, attack_ms: 50, hold_ms: 300, release_ms: 800}"
    adds_frequencies = False

    key: KeyName
    depth_db: Annotated[
        float, Field("By how much it lowers the level.", "dB", ge=0, le=60, automatable=True)
    ] = 12.0
    threshold_db: Annotated[
        float, Field("Peak level of the key above which it sounds.", "dBFS", ge=-100, le=0, automatable=True)
    ] = -40.0
    attack_ms: Annotated[
        float,
        Field("Time in which the level is lowered, to 99.8 %.", "ms", ge=0.01, le=1_000, automatable=True),
    ] = 10.0
    hold_ms: Annotated[
        float,
        Field(
            "Time for which it stays lowered after the key's last peak above the threshold.",
            "ms",
            ge=0,
            le=5_000,
        ),
    ] = 50.0
    release_ms: Annotated[
        float, Field("Time in which the level returns, to 99.8 %.", "ms", ge=1, le=10_000, automatable=True)
    ] = 250.0

    def reach(self, context: RenderContext) -> Reach:
        hold = round(self.hold_ms / 1_000 * context.rate)
        return Reach(hold + settled(self.key_curves(context), context.rate))

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        curves = self.key_curves(context)
        levels = held(loudest(self.levels(blocks, context)), self.hold_ms, context.rate)
        sounding = (
            (level > amplitude(threshold_db)).astype(np.float64)
            for level, _, threshold_db in with_values(levels, curves["threshold_db"])
        )
        lowered = envelope(sounding, 1, context, curves)
        for share, _, depth_db in with_values(lowered, curves["depth_db"]):
            yield amplitude(-depth_db) ** share
