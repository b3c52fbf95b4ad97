"""A balance control: where a sound lies between the channels."""

from __future__ import annotations

import numpy as np


def balance(pan: float, channels: int) -> np.ndarray:
    """The gain of each channel, shape (channels,): the far side falls by a cosine, the near side stays at 1.

    Parameters
    ----------
    pan : float
        From -1 (left) to 1 (right); ignored in mono.
    channels : int
        1 or 2.

    Returns
    -------
    np.ndarray
    """
    if channels == 1:
        return np.ones(1)
    far = float(np.cos(abs(pan) * np.pi / 2))
    return np.array([1.0, far] if pan < 0 else [far, 1.0])
