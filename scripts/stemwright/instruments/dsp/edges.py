"""The last steps of every sound: fades at its edges, and no DC offset."""

from __future__ import annotations

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.instruments.dsp.chunks import chunks


def fade_edges(sound: np.ndarray, rise: int, fall: int) -> np.ndarray:
    """Fade the first `rise` and the last `fall` frames of a sound, in place.

    Parameters
    ----------
    sound : np.ndarray
        A mono sound, shape (frames,).
    rise, fall : int
        Frames of the fade-in and the fade-out; no more than the sound has.

    Returns
    -------
    np.ndarray
        The same array.
    """
    rise, fall = min(rise, len(sound)), min(fall, len(sound))
    sound[:rise] *= ramp(np.arange(rise), rise)
    sound[len(sound) - fall :] *= ramp(np.arange(fall), fall)[::-1]
    return sound


def remove_dc(sound: np.ndarray) -> np.ndarray:
    """Remove the mean of a sound of shape (frames, channels), in place, and return it.

    A wave cut to a length has a small mean although none of its periods has. What is subtracted is the curve
    x² (1 - x)² over the length of the sound, scaled to the sound's sum: it is 0 and flat at both ends, so that the
    sound's edges stay silent.
    """
    last = len(sound) - 1
    if last < 2:
        return np.zeros_like(sound)
    amounts = sound.sum(axis=0) / ((last**4 - 1) / (30 * last**3))  # the sum of the curve
    for chunk in chunks(len(sound)):
        curve = np.arange(chunk.start, chunk.stop) / last
        curve *= 1 - curve
        curve *= curve
        for channel, amount in zip(sound.T, amounts, strict=True):
            channel[chunk] -= curve * amount
    return sound
