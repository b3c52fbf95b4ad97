"""What ends every sound: no offset, and two channels where two are asked for."""

from __future__ import annotations

import numpy as np


def finished(sound: np.ndarray) -> np.ndarray:
    """A sound of shape (frames, channels) with its mean taken out by a bow as long as itself.

    A wave cut to a length has a mean, however small, though none of its periods has. The bow begins and ends
    at 0, with no corner, so that the sound's edges stay silent.
    """
    frames = len(sound)
    if frames < 3:
        return np.zeros_like(sound)
    x = np.arange(frames) / (frames - 1)
    bow = (x * (1 - x)) ** 2
    sound -= bow[:, None] * (sound.sum(axis=0) / bow.sum())
    return sound
