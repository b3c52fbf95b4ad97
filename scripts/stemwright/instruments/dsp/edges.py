"""What every sound ends with: faded edges, and no offset."""

from __future__ import annotations

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.instruments.dsp.pieces import pieces


def faded(sound: np.ndarray, rise: int, fall: int) -> np.ndarray:
    """A sound with its first `rise` and its last `fall` frames faded, in place."""
    rise, fall = min(rise, len(sound)), min(fall, len(sound))
    sound[:rise] *= ramp(np.arange(rise), rise)
    sound[len(sound) - fall :] *= ramp(np.arange(fall), fall)[::-1]
    return sound


def remove_dc(sound: np.ndarray) -> np.ndarray:
    """A sound of shape (frames, channels) with its mean taken out by a bow as long as itself.

    A wave cut to a length has a mean, however small, though none of its periods has. The bow begins and ends
    at 0, with no corner, so that the sound's edges stay silent.
    """
    last = len(sound) - 1
    if last < 2:
        return np.zeros_like(sound)
    strength = sound.sum(axis=0) / ((last**4 - 1) / (30 * last**3))  # for that is the sum of the bow
    for piece in pieces(len(sound)):
        bow = np.arange(piece.start, piece.stop) / last
        bow *= 1 - bow
        bow *= bow
        for channel, much in zip(sound.T, strength, strict=True):
            channel[piece] -= bow * much
    return sound
