"""Decibels and amplitudes."""

from __future__ import annotations

import math


def amplitude(db: float) -> float:
    """The factor of an amplitude for a level in dB."""
    return 10.0 ** (db / 20.0)


def decibels(value: float) -> float:
    """20 log10 of an amplitude; -inf for zero."""
    return 20.0 * math.log10(value) if value > 0 else -math.inf
