"""Conversion between decibels and amplitude factors (20 dB per decade)."""

from __future__ import annotations

import math


def amplitude(db: float) -> float:
    """The amplitude factor of a level in dB: 10 ** (db / 20)."""
    return 10.0 ** (db / 20.0)


def decibels(value: float) -> float:
    """The level in dB of an amplitude: 20 log10(value), and -inf for zero or less."""
    return 20.0 * math.log10(value) if value > 0 else -math.inf
