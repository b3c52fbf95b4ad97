"""A pitch shifter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream, fit, resample
from stemwright.audio.phase_vocoder import stretched
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class PitchShift(Effect):
    """A change of pitch that keeps the time: stretched by a phase vocoder, then resampled to its old length. Formants
    move with the pitch. Attacks get a few milliseconds softer; an octave down, they move by up to 8 ms.
    """

    # Our own: pedalboard's PitchShift is late or early by up to 15 ms and its time_stretch drifts by 0.1 % at many
    # pitches (both Rubber Band, pedalboard 0.9.26), and both need the whole file in memory.

    example = "{semitones: -2, cents: 15}"

    semitones: Annotated[float, Field("Change of pitch.", "semitones", ge=-24, le=24)] = 0.0
    cents: Annotated[
        float, Field("Change of pitch, added to that in semitones.", "cents", ge=-100, le=100)
    ] = 0.0

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        rate, channels = context.rate, context.channels
        played_at = round(rate * 2 ** ((self.semitones + self.cents / 100) / 12))  # within 0.1 cents
        frames = -(-context.frames * played_at // rate)
        longer = fit(stretched(blocks, channels, rate, played_at, rate), frames, channels)
        return resample(longer, frames, channels, played_at, rate)
