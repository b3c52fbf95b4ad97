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
_ROW = 256  # frames of which one sine and one cosine are worked out


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
        step = self._hertz() / context.rate
        peak, edge = amplitude(self.level_db), round(_EDGE_S * context.rate)
        # The sine of a sum of angles: of a row's start, and of the way from there, which is the same in all rows.
        sine, cosine = _turned(np.arange(_ROW) * step)
        for start in range(0, context.frames, BLOCK):
            n = np.arange(start, min(start + BLOCK, context.frames))
            skipped = start % _ROW
            its_sine, its_cosine = _turned(np.arange(start - skipped, n[-1] + 1, _ROW)[:, None] * step)
            wave = (peak * its_sine * cosine + peak * its_cosine * sine).ravel()[skipped : skipped + len(n)]
            if start < edge or n[-1] >= context.frames - edge:
                wave *= ramp(n, edge) * ramp(context.frames - 1 - n, edge)
            yield np.repeat(wave[:, None], context.channels, axis=1)


def _turned(turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine. Whole turns are removed before, so that they are as exact after an hour as at the start."""
    angles = 2 * np.pi * (turns - np.floor(turns))
    return np.sin(angles), np.cos(angles)
