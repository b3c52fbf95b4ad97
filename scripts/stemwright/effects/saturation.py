"""A saturation: a soft static curve, oversampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import RESAMPLER_MARGIN, Stream, resample
from stemwright.base.decibels import amplitude
from stemwright.effects._base import Effect, with_values
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_OVERSAMPLED_HZ = 352_800


@dataclass(frozen=True)
class Saturation(Effect):
    """A saturation: tanh(drive · x) / tanh(drive), which rounds off peaks, lifts what is quiet, and leaves full scale
    where it is. It is computed at 352.8 kHz or more, so that harmonics above half the sample rate are left out, not
    mirrored down: aliases of a tone of 5 kHz at full scale are below -120 dB at 18 dB of drive, and below -70 at 24.
    What is above 0.91 of half the sample rate is cut. Where the two halves of a wave differ, as a plucked string's do,
    an offset comes out: a high-pass after it removes that.
    """

    example = "{drive_db: 6}"

    drive_db: Annotated[float, Field("Gain before the curve.", "dB", ge=-24, le=24, automatable=True)] = 6.0

    def reach(self, context: RenderContext) -> Reach:
        return Reach(RESAMPLER_MARGIN, RESAMPLER_MARGIN)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        factor = -(-_OVERSAMPLED_HZ // context.rate)
        frames, channels, rate = context.frames, context.channels, context.rate
        oversampled = resample(blocks, frames, channels, rate, factor * rate)
        curved = (
            np.tanh(amplitude(drive_db) * block) / np.tanh(amplitude(drive_db))
            for block, _, drive_db in with_values(
                oversampled, self.curve_of("drive_db", context), factor=factor
            )
        )
        return resample(curved, factor * frames, channels, factor * rate, rate)
