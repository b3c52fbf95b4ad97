"""Delay (pedalboard), in seconds or in note lengths."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.spec.keys import Key
from stemwright.timeline import parse_duration, round_half_up

_LONGEST_S = 30.0  # pedalboard's delay line


@dataclass(frozen=True)
class Delay(Effect):
    """Echoes. Give either delay_seconds or delay_length."""

    delay_seconds: Annotated[float, Key("Time between echoes.", "s", ge=0, le=_LONGEST_S)] | None = None
    delay_length: (
        Annotated[
            str,
            Key(
                "Time between echoes as a length such as 1/8. (at the song's first tempo).",
                parse=parse_duration,
            ),
        ]
        | None
    ) = None
    feedback: Annotated[float, Key("Level of each echo in the next.", ge=0, le=0.99)] = 0.0
    mix: Annotated[float, Key("0 is the direct sound only, 1 the echoes only.", ge=0, le=1)] = 0.5

    def __post_init__(self) -> None:
        if (self.delay_seconds is None) == (self.delay_length is None):
            raise ValueError("needs one of delay_seconds and delay_length")

    @property
    def in_time(self) -> bool:
        return self.delay_length is not None and parse_duration(self.delay_length).is_musical

    def check(self, canvas: Canvas) -> None:
        frames = self._frames(canvas)
        if not 1 <= frames <= _LONGEST_S * canvas.rate:
            written = self.delay_length or f"{self.delay_seconds:g} s"
            raise ValueError(
                f"echoes must be one frame to {_LONGEST_S:g} s apart (is {written}: {frames / canvas.rate:g} s)"
            )

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        import pedalboard

        # pedalboard rounds down, and 32-bit float may have fallen short of a whole frame.
        seconds = min((self._frames(canvas) + 0.5) / canvas.rate, _LONGEST_S)
        return _pedalboard.stream(pedalboard.Delay(seconds, self.feedback, self.mix), blocks, canvas)

    def _frames(self, canvas: Canvas) -> int:
        if self.in_time:
            return canvas.timeline.length_frames(parse_duration(self.delay_length))
        if self.delay_length is not None:
            return round_half_up(parse_duration(self.delay_length).seconds * canvas.rate)
        return round_half_up(Fraction(self.delay_seconds) * canvas.rate)
