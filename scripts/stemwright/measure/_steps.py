"""Files cut into equal steps, and sliding windows over a value of each."""

from __future__ import annotations

import numpy as np

STEP_MS = 10
"""The step of every meter that looks through sliding windows; EBU Tech 3341 polls its own at 10 Hz or more."""


def frames_of_a_step(rate: int) -> int:
    """Whole frames: at 22,050 Hz a step is 220 of them, 0.2 % short."""
    return rate * STEP_MS // 1000


def whole_steps(rest: np.ndarray, block: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """What `rest` and `block` hold of whole steps of `size`, and a copy of what is left for the next time."""
    joined = np.concatenate((rest, block)) if len(rest) else block
    whole = len(joined) - len(joined) % size
    return joined[:whole], joined[whole:].copy()


def sliding_means(values: np.ndarray, length: int) -> np.ndarray:
    """The mean of every window of `length` values, a multiple of ten; empty where there are fewer.

    Ten at a time, then the tens: no running sum, in which what is loud would leave its rounding on what is silent.
    """
    if len(values) < length:
        return np.zeros(0)
    tens = sum(values[i : len(values) - 9 + i] for i in range(10))
    return sum(tens[i : len(values) - length + 1 + i] for i in range(0, length, 10)) / length
