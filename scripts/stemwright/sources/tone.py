"""A steady sine, for line-up tones, tests and drones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import BLOCK, Stream
from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.music.pitch import frequency, parse_note
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source
from stemwright.validation.fields import Field

_EDGE_S = 0.005


@dataclass(frozen=True)
class Tone(Source):
    """A sine for the whole song, with fades of 5 ms. Give either note or frequency_hz."""

    example = "{note: A2, level_db: -12}"

    note: Annotated[str, Field("Its pitch, A4 = 440 Hz.", parse=parse_note)] | None = None
    frequency_hz: Annotated[float, Field("Its frequency.", "Hz", gt=0, le=96_000)] | None = None
    level_db: Annotated[float, Field("Its peak level.", "dBFS", ge=-120, le=0)] = -6.0

    def __post_init__(self) -> None:
        if self.note is None and self.frequency_hz is None:
            raise ValueError("needs one of note and frequency_hz")
        if self.note is not None and self.frequency_hz is not None:
            raise ValueError("has both note and frequency_hz: leave one out")

    def check(self, context: RenderContext) -> None:
        if self._hertz() >= context.rate / 2:
            raise ValueError(
                f"must be below half the sample rate, {context.rate / 2:g} Hz (is {self._hertz():g} Hz)"
            )

    def _hertz(self) -> float:
        if self.frequency_hz is not None:
            return self.frequency_hz
        return frequency(parse_note(self.note))

    def render(self, context: RenderContext) -> Stream:
        hertz = self._hertz()
        peak, edge = amplitude(self.level_db), round(_EDGE_S * context.rate)
        for start in range(0, context.frames, BLOCK):
            n = np.arange(start, min(start + BLOCK, context.frames))
            # Whole turns are removed before the sine, so that it is as exact after an hour as at the start.
            turns = np.modf(n * (hertz / context.rate))[0]
            wave = peak * np.sin(2 * np.pi * turns)
            if start < edge or n[-1] >= context.frames - edge:
                wave *= ramp(n, edge) * ramp(context.frames - 1 - n, edge)
            yield np.repeat(wave[:, None], context.channels, axis=1)
