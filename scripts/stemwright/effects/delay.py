"""A delay with a time in seconds or as a note length; its echoes may move from side to side, and grow darker."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.biquads import at_rest, butterworth, filter_rows, nyquist_problem
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect, with_values
from stemwright.effects._reach import Reach, echoing, ringing
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import parse_duration, round_half_up
from stemwright.validation.fields import Field

_LONGEST_S = 30.0  # pedalboard's delay line


@dataclass(frozen=True)
class Delay(Effect):
    """A delay: repeats the sound as echoes. Give either delay_seconds or delay_length.

    The filters, of 6 dB per octave, are in the loop: the first echo passes them once, the second twice.
    """

    example = "{delay_length: 1/8., feedback: 0.35, mix: 0.25, ping_pong: true, lowpass_hz: 4000}"
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
    feedback: Annotated[
        float, Field("Level of each echo relative to the one before it.", ge=0, le=0.99, automatable=True)
    ] = 0.0
    mix: Annotated[
        float,
        Field("Dry/wet mix: 0 is the direct sound only, 1 the echoes only.", ge=0, le=1, automatable=True),
    ] = 0.5
    ping_pong: Annotated[
        bool,
        Field("Echoes of the mono sum, (L + R) / 2, in turns on the left and the right. No effect in mono."),
    ] = False
    lowpass_hz: (
        Annotated[float, Field("Cut-off frequency of a low-pass in the loop.", "Hz", ge=10, le=96_000)] | None
    ) = None
    highpass_hz: (
        Annotated[float, Field("Cut-off frequency of a high-pass in the loop.", "Hz", ge=10, le=96_000)]
        | None
    ) = None

    def __post_init__(self) -> None:
        if (self.delay_seconds is None) == (self.delay_length is None):
            raise ValueError("needs one of delay_seconds and delay_length")

    @property
    def needs_timeline(self) -> bool:
        is_note = self.delay_length is not None and parse_duration(self.delay_length).is_musical
        return super().needs_timeline or is_note

    def check(self, context: RenderContext) -> None:
        frames = self._frames(context)
        if not 1 <= frames <= _LONGEST_S * context.rate:
            written = self.delay_length or f"{self.delay_seconds:g} s"
            raise ValueError(
                f"echoes must be one frame to {_LONGEST_S:g} s apart (is {written}: {frames / context.rate:g} s)"
            )
        for key, cutoff in (("lowpass_hz", self.lowpass_hz), ("highpass_hz", self.highpass_hz)):
            if cutoff is not None and (problem := nyquist_problem(cutoff, context.rate)):
                raise ValueError(f"{key} {problem}")

    def reach(self, context: RenderContext) -> Reach:
        loop = sum(map(ringing, self._filters(context)))
        feedback = self.curve_of("feedback", context).range[1]
        return Reach(echoing(feedback, self._frames(context)) + loop)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        curves = self.key_curves(context)
        is_moving = any(curve.constant is None for curve in curves.values())
        if is_moving or self.ping_pong or self.lowpass_hz is not None or self.highpass_hz is not None:
            return self._echoing(blocks, context)
        import pedalboard

        # pedalboard rounds down to frames, and a time in 32-bit float may be just below a whole number of them.
        seconds = min((self._frames(context) + 0.5) / context.rate, _LONGEST_S)
        return _pedalboard.run_plugin(pedalboard.Delay(seconds), blocks, context, curves)

    def _echoing(self, blocks: Stream, context: RenderContext) -> Stream:
        """The stream and its echoes, by a delay line as long as the delay, read and written in at most its length."""
        filters = self._filters(context)
        states = [at_rest(sections, context.channels) for sections in filters]
        line = np.zeros((context.channels, self._frames(context)))  # as a ring: what echoes one delay later
        at = 0
        curves = self.key_curves(context)
        for block, n, mix in with_values(blocks, curves["mix"]):
            feedback = curves["feedback"].at(n)
            echoes = np.empty((context.channels, len(block)))
            done = 0
            while done < len(block):
                count = min(len(block) - done, line.shape[1] - at)
                direct, slot = block[done : done + count].T, line[:, at : at + count]
                echo = slot.copy()
                for sections, state in zip(filters, states, strict=True):
                    filter_rows(sections, echo, state)
                echoes[:, done : done + count] = echo
                slot[:] = feedback[done : done + count] * (echo[::-1] if self.ping_pong else echo)
                if self.ping_pong:
                    slot[0] += direct.mean(axis=0)
                else:
                    slot += direct
                done += count
                at = (at + count) % line.shape[1]
            yield (1 - mix) * block + mix * echoes.T

    def _filters(self, context: RenderContext) -> list[np.ndarray]:
        """The filters of the loop, as sections."""
        shapes = (("low", self.lowpass_hz), ("high", self.highpass_hz))
        return [butterworth(1, cutoff, shape, context.rate) for shape, cutoff in shapes if cutoff is not None]

    def _frames(self, context: RenderContext) -> int:
        if self.delay_seconds is not None:
            return round_half_up(Fraction(self.delay_seconds) * context.rate)
        delay = parse_duration(self.delay_length)
        if delay.is_musical:
            return context.required_timeline().first_frames(delay)
        return round_half_up(delay.seconds * context.rate)
