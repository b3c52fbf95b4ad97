"""A high-pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stemwright.effects.bands._base import Butterworth


@dataclass(frozen=True)
class Highpass(Butterworth):
    """A high-pass (Butterworth): removes what is below a frequency."""

    example = "{frequency_hz: 80, order: 4}"

    shape: ClassVar[str] = "high"
