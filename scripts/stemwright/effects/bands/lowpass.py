"""A low-pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stemwright.effects.bands._base import Butterworth


@dataclass(frozen=True)
class Lowpass(Butterworth):
    """A low-pass (Butterworth): removes what is above a frequency."""

    example = "{frequency_hz: 16000}"

    shape: ClassVar[str] = "low"
