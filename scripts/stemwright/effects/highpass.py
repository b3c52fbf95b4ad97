"""A Butterworth high-pass filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stemwright.effects._butterworth import Butterworth


@dataclass(frozen=True)
class Highpass(Butterworth):
    """A high-pass filter (Butterworth): removes what is below a frequency."""

    example = "{cutoff_hz: 120, order: 2}"

    shape: ClassVar[str] = "high"
