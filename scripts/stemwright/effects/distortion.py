"""A distortion (pedalboard's)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.base.decibels import amplitude
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect, with_values
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Distortion(Effect):
    """A distortion: tanh(drive · x) of each sample. Its aliases are part of its sound; `saturation` has none."""

    example = "{drive_db: 18}"

    drive_db: Annotated[float, Field("Gain before the curve.", "dB", ge=0, le=60, automatable=True)] = 25.0

    def reach(self, context: RenderContext) -> Reach:
        return Reach()

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        drive = self.curve_of("drive_db", context)
        if drive.constant is not None:
            return _pedalboard.run_plugin(pedalboard.Distortion(drive.constant), blocks, context)
        driven = (block * amplitude(drive_db) for block, _, drive_db in with_values(blocks, drive))
        return _pedalboard.run_plugin(pedalboard.Distortion(0), driven, context)
