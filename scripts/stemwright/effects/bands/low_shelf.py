"""A low shelf."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.audio import biquads
from stemwright.effects.bands._base import Band, Gain, Q


@dataclass(frozen=True)
class LowShelf(Band):
    """A low shelf: raises or lowers all that is below a frequency, at which it has half its gain in dB."""

    example = "{frequency_hz: 120, gain_db: 2}"

    gain_db: Gain
    q: Q = 0.71

    def sections(self, rate: int, passes: int) -> np.ndarray:
        return biquads.shelf(self.frequency_hz, self.gain_db / passes, self.q, "low", rate)
