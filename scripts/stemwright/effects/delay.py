"""A delay (pedalboard's) with a time in seconds or as a note length."""

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
    """A delay: repeats the sound as echoes. Give either delay_seconds or delay_length."""

    example = "{delay_length: 1/8., feedback: 0.35, mix: 0.25}"
    adds_frequencies = False
    sum_law = "linear"

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
    feedback: Annotated[float, Field("Level of each echo relative to the one before it.", ge=0, le=0.99)] = (
        0.0
    )
    mix: Annotated[
        float, Field("Dry/wet mix: 0 is the direct sound only, 1 the echoes only.", ge=0, le=1)
    ] = 0.5

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

        # pedalboard rounds down to frames, and a time in 32-bit float may be just below a whole number of them.
        seconds = min((self._frames(context) + 0.5) / context.rate, _LONGEST_S)
        return _pedalboard.run_plugin(pedalboard.Delay(seconds, self.feedback, self.mix), blocks, context)

    def _frames(self, context: RenderContext) -> int:
        if self.delay_seconds is not None:
            return round_half_up(Fraction(self.delay_seconds) * context.rate)
        delay = parse_duration(self.delay_length)
        if delay.is_musical:
            return context.required_timeline().length_frames(delay)
        return round_half_up(delay.seconds * context.rate)
