"""A high shelf."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.audio import biquads
from stemwright.effects.bands._base import Band, Gain, Q


@dataclass(frozen=True)
class HighShelf(Band):
    """A high shelf: raises or lowers all that is above a frequency, at which it has half its gain in dB."""

    example = "{frequency_hz: 8000, gain_db: 2.5}"

    gain_db: Gain
    q: Q = 0.71

    def sections(self, rate: int, passes: int) -> np.ndarray:
        return biquads.shelf(self.frequency_hz, self.gain_db / passes, self.q, "high", rate)
