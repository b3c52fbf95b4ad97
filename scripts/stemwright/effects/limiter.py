"""True-peak limiter (pedalboard's BrickwallLimiter), its look-ahead taken out again."""

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
    """Hold peaks under a ceiling without distorting them."""

    example = "{ceiling_db: -1, release_ms: 80}"

    ceiling_db: Annotated[float, Field("The highest level let through.", "dB", ge=-24, le=0)] = -1.0
    release_ms: Annotated[float, Field("Time to let go.", "ms", ge=1, le=5_000)] = 100.0
    lookahead_ms: Annotated[float, Field("How far ahead it sees a peak.", "ms", ge=0.1, le=50)] = 5.0
    true_peak: Annotated[bool, Field("Watch the peaks between samples too (4 times oversampled).")] = True

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        return _pedalboard.stream(pedalboard.BrickwallLimiter(**asdict(self)), blocks, context)
