"""A true-peak limiter (pedalboard's BrickwallLimiter), with its look-ahead compensated."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Limiter(Effect):
    """A brick-wall limiter: keeps peaks below a ceiling, with look-ahead."""

    example = "{ceiling_db: -1, release_ms: 80}"

    ceiling_db: Annotated[float, Field("Highest level of the output.", "dB", ge=-24, le=0)] = -1.0
    release_ms: Annotated[float, Field("Release time.", "ms", ge=1, le=5_000)] = 100.0
    lookahead_ms: Annotated[float, Field("Look-ahead time.", "ms", ge=0.1, le=50)] = 5.0
    true_peak: Annotated[bool, Field("Limit true peaks (4 times oversampled), not only sample peaks.")] = True

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        return _pedalboard.run_plugin(pedalboard.BrickwallLimiter(**asdict(self)), blocks, context)
