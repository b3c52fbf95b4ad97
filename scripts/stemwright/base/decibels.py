"""Conversion between decibels and amplitude factors (20 dB per decade)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

_Levels = TypeVar("_Levels", float, "np.ndarray")


def amplitude(db: _Levels) -> _Levels:
    """The amplitude factor of a level in dB, or of each level of an array: 10 ** (db / 20)."""
    return 10.0 ** (db / 20.0)


def decibels(value: float) -> float:
    """The level in dB of an amplitude: 20 log10(value), and -inf for zero or less."""
    return 20.0 * math.log10(value) if value > 0 else -math.inf
