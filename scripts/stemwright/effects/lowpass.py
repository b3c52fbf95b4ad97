"""A Butterworth low-pass filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stemwright.effects._butterworth import Butterworth


@dataclass(frozen=True)
class Lowpass(Butterworth):
    """A low-pass filter (Butterworth): removes what is above a frequency."""

    example = "{cutoff_hz: 8000}"

    shape: ClassVar[str] = "low"
