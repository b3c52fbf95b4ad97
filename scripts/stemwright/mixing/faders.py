"""The gain laws of the mixer: fader and pan."""

from __future__ import annotations

import math
from typing import Annotated

from stemwright.base.decibels import amplitude
from stemwright.validation.fields import Field

Pan = Annotated[
    float, Field("From -1 (left) to 1 (right); a balance control, 0 dB in the centre.", ge=-1, le=1)
]
"""The type of a pan key."""


def pan_problem(pan: float, channels: int) -> str:
    """The message for a pan that a song with this number of channels cannot have, or ""."""
    return f"must be 0 in a mono song (is {pan:g})" if pan and channels == 1 else ""


def channel_gains(gain_db: float, pan: float, channels: int) -> list[float]:
    """The gain of each channel for a fader and a pan.

    Pan is a balance control with a cosine taper: both sides have 0 dB at the centre, so that a centred stem passes
    unchanged, and the opposite side fades to silence.

    Parameters
    ----------
    gain_db
        The fader, in dB.
    pan
        From -1 (left) to 1 (right); ignored in mono.
    channels
        1 or 2.

    Returns
    -------
    list of float
        One amplitude factor per channel.
    """
    gain = amplitude(gain_db)
    if channels == 1:
        return [gain]
    far = math.cos(abs(pan) * math.pi / 2) if abs(pan) < 1 else 0.0
    return [gain * far, gain] if pan > 0 else [gain, gain * far]
