"""Delay (pedalboard), in seconds or in note lengths."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import parse_duration, round_half_up
from stemwright.validation.fields import Field

_LONGEST_S = 30.0  # pedalboard's delay line


@dataclass(frozen=True)
class Delay(Effect):
    """Echoes. Give either delay_seconds or delay_length."""

    example = "{delay_length: 1/8., feedback: 0.35, mix: 0.25}"

    delay_seconds: Annotated[float, Field("Time between echoes.", "s", ge=0, le=_LONGEST_S)] | None = None
    delay_length: (
        Annotated[
            str,
            Field(
                "Time between echoes as a length such as 1/8. (at the song's first tempo).",
                parse=parse_duration,
            ),
        ]
        | None
    ) = None
    feedback: Annotated[float, Field("Level of each echo in the next.", ge=0, le=0.99)] = 0.0
    mix: Annotated[float, Field("0 is the direct sound only, 1 the echoes only.", ge=0, le=1)] = 0.5

    def __post_init__(self) -> None:
        if (self.delay_seconds is None) == (self.delay_length is None):
            raise ValueError("needs one of delay_seconds and delay_length")

    @property
    def needs_timeline(self) -> bool:
        return self.delay_length is not None and parse_duration(self.delay_length).is_musical

    def check(self, context: RenderContext) -> None:
        frames = self._frames(context)
        if not 1 <= frames <= _LONGEST_S * context.rate:
            written = self.delay_length or f"{self.delay_seconds:g} s"
            raise ValueError(
                f"echoes must be one frame to {_LONGEST_S:g} s apart (is {written}: {frames / context.rate:g} s)"
            )

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        # pedalboard rounds down, and 32-bit float may have fallen short of a whole frame.
        seconds = min((self._frames(context) + 0.5) / context.rate, _LONGEST_S)
        return _pedalboard.stream(pedalboard.Delay(seconds, self.feedback, self.mix), blocks, context)

    def _frames(self, context: RenderContext) -> int:
        if self.needs_timeline:
            return context.timeline.length_frames(parse_duration(self.delay_length))
        if self.delay_length is not None:
            return round_half_up(parse_duration(self.delay_length).seconds * context.rate)
        return round_half_up(Fraction(self.delay_seconds) * context.rate)
