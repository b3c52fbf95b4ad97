"""Splitting a file into equal steps, and sliding windows over one value per step."""

from __future__ import annotations

import numpy as np

STEP_MS = 10
"""The hop of all sliding windows, in ms. EBU Tech 3341 asks for an update rate of at least 10 Hz (100 ms)."""


def frames_of_a_step(rate: int) -> int:
    """The number of whole frames in a step: 220 at 22,050 Hz, which is 0.2 % short of 10 ms."""
    return rate * STEP_MS // 1000


def whole_steps(rest: np.ndarray, block: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Split samples into whole steps and a remainder.

    Parameters
    ----------
    rest : np.ndarray
        The remainder of the call before, shape (frames, ...); empty at first.
    block : np.ndarray
        The samples that follow it, of the same shape but for the number of frames.
    size : int
        Frames in a step.

    Returns
    -------
    whole : np.ndarray
        The samples of all whole steps; its length is a multiple of `size`.
    rest : np.ndarray
        A copy of the remaining samples, fewer than `size` frames.
    """
    joined = np.concatenate((rest, block)) if len(rest) else block
    whole = len(joined) - len(joined) % size
    return joined[:whole], joined[whole:].copy()


def sliding_means(values: np.ndarray, length: int, hop: int = 1) -> np.ndarray:
    """The mean of every window of `length` values, a multiple of ten, or of each `hop`-th one.

    Values are summed in tens, and then the tens are summed. A running sum would be faster, but the rounding errors of
    a loud passage would remain in it through the silence that follows.

    Parameters
    ----------
    values : numpy.ndarray
        The values.
    length : int
        How many a window has.
    hop : int
        From one window to the next: 1, or 10, which takes a tenth of the time and gives the same means.

    Returns
    -------
    numpy.ndarray
        The means; none if there are fewer values than a window has.
    """
    if len(values) < length:
        return np.zeros(0)
    tens = np.asarray(sum(values[i : len(values) - 9 + i : hop] for i in range(10)))
    step = 10 // hop
    count = (len(values) - length) // hop + 1
    return np.asarray(sum(tens[i : i + count] for i in range(0, length // 10 * step, step))) / length
