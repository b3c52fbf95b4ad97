"""A compressor (pedalboard's)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Compressor(Effect):
    """A compressor: reduces the level above a threshold."""

    example = "{threshold_db: -18, ratio: 3, attack_ms: 10, release_ms: 120}"

    threshold_db: Annotated[float, Field("Level above which it compresses.", "dBFS", ge=-80, le=0)]
    ratio: Annotated[float, Field("Ratio of input to output decibels above the threshold.", ge=1, le=100)] = (
        4.0
    )
    attack_ms: Annotated[float, Field("Attack time.", "ms", ge=0.01, le=1_000)] = 1.0
    release_ms: Annotated[float, Field("Release time.", "ms", ge=1, le=10_000)] = 100.0

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        return _pedalboard.run_plugin(pedalboard.Compressor(**asdict(self)), blocks, context)
