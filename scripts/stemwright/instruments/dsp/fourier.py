"""Lengths for which an FFT is fast, and complex exponentials at many equidistant points."""

from __future__ import annotations

import numpy as np


def fast_length(frames: int) -> int:
    """The shortest length of at least `frames` that is 2^n, or 3/4 or 5/8 of it, for which an FFT is fast."""
    power = 1 << max(4, (frames - 1).bit_length())
    return next(size for size in (power * 5 // 8, power * 3 // 4, power) if size >= frames)


def exponentials(exponent: complex, count: int, first: float = 0, dtype: type = complex) -> np.ndarray:
    """Compute exp(exponent · n) for n = first, first + 1, …

    Only some of the exponentials are computed; the rest are their products.

    Parameters
    ----------
    exponent : complex
        The exponent of one step.
    count : int
        Values to compute.
    first : float
        The first n.
    dtype : type
        The dtype of the result, and of the products.

    Returns
    -------
    np.ndarray
        Shape (count,).
    """
    fine = np.exp(exponent * np.arange(min(256, count))).astype(dtype)
    coarse = np.exp(exponent * (first + 256 * np.arange(-(-count // 256)))).astype(dtype)
    return np.multiply.outer(coarse, fine).ravel()[:count]
