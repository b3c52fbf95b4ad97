"""Lengths that an FFT is quick at, and exponentials of many steps."""

from __future__ import annotations

import numpy as np


def fast_length(frames: int) -> int:
    """A length at least so long that an FFT is quick at: 2^n, or 3/4 or 5/8 of it."""
    power = 1 << max(4, (frames - 1).bit_length())
    return next(size for size in (power * 5 // 8, power * 3 // 4, power) if size >= frames)


def powers(exponent: complex, count: int, first: float = 0, dtype: type = complex) -> np.ndarray:
    """exp(exponent n) for `count` steps of n from `first` on: a few exponentials, and their products."""
    fine = np.exp(exponent * np.arange(min(256, count))).astype(dtype)
    coarse = np.exp(exponent * (first + 256 * np.arange(-(-count // 256)))).astype(dtype)
    return np.multiply.outer(coarse, fine).ravel()[:count]
