"""The base class of the bands of an equaliser, and the keys that several of them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from stemwright.audio.biquads import butterworth
from stemwright.validation.fields import Configurable, Field

Gain = Annotated[float, Field("Boost, or cut if it is negative.", "dB", ge=-40, le=40)]
Q = Annotated[
    float, Field("Steepness of its slope; above 0.71 it overshoots before and after it.", ge=0.1, le=4)
]


@dataclass(frozen=True)
class Band(Configurable):
    """Base of a band: a frozen dataclass of its keys. `example` stands in the reference."""

    example: ClassVar[str] = ""

    frequency_hz: Annotated[float, Field("Its frequency.", "Hz", ge=10, le=96_000)]

    def sections(self, rate: int, passes: int) -> np.ndarray:
        """Its filter for one of `passes` equal ones that have its gain together: rows b0 b1 b2 a0 a1 a2."""
        raise NotImplementedError


@dataclass(frozen=True)
class Butterworth(Band):
    """Base of the low-pass and the high-pass."""

    shape: ClassVar[str]
    """`low` or `high`."""

    frequency_hz: Annotated[
        float, Field("Cut-off frequency: 3 dB down (6 dB with zero_phase).", "Hz", ge=10, le=96_000)
    ]
    order: Annotated[int, Field("Order of the filter: a slope of 6 dB per octave for each.", ge=1, le=16)] = 2

    def sections(self, rate: int, passes: int) -> np.ndarray:
        return butterworth(self.order, self.frequency_hz, self.shape, rate)
