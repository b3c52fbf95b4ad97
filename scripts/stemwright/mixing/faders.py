"""The two laws of the mixer: fader and pan."""

from __future__ import annotations

import math
from typing import Annotated

from stemwright.base.decibels import amplitude
from stemwright.validation.fields import Field

Pan = Annotated[float, Field("From -1 (left) to 1 (right); a balance, 0 dB in the centre.", ge=-1, le=1)]
"""The key of a pan."""


def pan_problem(pan: float, channels: int) -> str:
    """What is wrong with a pan in a song of so many channels, if anything."""
    return f"must be 0 in a mono song (is {pan:g})" if pan and channels == 1 else ""


def channel_gains(gain_db: float, pan: float, channels: int) -> list[float]:
    """The factor of each channel for a fader in dB and a pan from -1 (left) to 1 (right).

    Pan is a balance with a cosine taper: 0 dB on both sides at the centre, so that a centred stem
    passes unchanged, and the far side fades to nothing. A mono song has no pan.
    """
    gain = amplitude(gain_db)
    if channels == 1:
        return [gain]
    far = math.cos(abs(pan) * math.pi / 2) if abs(pan) < 1 else 0.0
    return [gain * far, gain] if pan > 0 else [gain, gain * far]
