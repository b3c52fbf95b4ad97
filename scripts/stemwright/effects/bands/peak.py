"""A peak or a dip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import biquads
from stemwright.effects.bands._base import Band, Gain
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Peak(Band):
    """A peak around a frequency, or a dip if its gain is negative."""

    example = "{frequency_hz: 400, gain_db: -3, q: 1.2}"

    gain_db: Gain
    q: Annotated[
        float,
        Field(
            "Its frequency divided by its bandwidth: 1.4 is one octave wide.",
            ge=0.1,
            le=100,
            automatable=True,
        ),
    ] = 1.0

    def sections(self, rate: int, passes: int) -> np.ndarray:
        return biquads.peak(self.frequency_hz, self.gain_db / passes, self.q, rate)
