"""What every sound ends with: faded edges, and no offset."""

from __future__ import annotations

import numpy as np

from stemwright.ramps import ramp


def faded(sound: np.ndarray, rise: int, fall: int) -> np.ndarray:
    """A sound with its first `rise` and its last `fall` frames faded, in place."""
    rise, fall = min(rise, len(sound)), min(fall, len(sound))
    sound[:rise] *= ramp(np.arange(rise), rise)
    sound[len(sound) - fall :] *= ramp(np.arange(fall), fall)[::-1]
    return sound


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
