"""A notch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import biquads
from stemwright.effects.bands._base import Band
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Notch(Band):
    """A notch: removes one frequency, such as that of mains hum."""

    example = "{frequency_hz: 50, q: 20}"

    q: Annotated[
        float,
        Field(
            "Its frequency divided by the width of what it takes out (3 dB).",
            ge=0.1,
            le=100,
            automatable=True,
        ),
    ] = 10.0

    def sections(self, rate: int, passes: int) -> np.ndarray:
        return biquads.notch(self.frequency_hz, self.q, rate)
