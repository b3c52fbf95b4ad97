"""Fade curves: gains for arrays of frame numbers."""

from __future__ import annotations

import numpy as np


def ramp(n: np.ndarray, frames: int, curve: str = "cosine") -> np.ndarray:
    """The gain of a fade-in: 0 before its first frame, 1 after its last.

    The gain of frame n is taken at the middle of the frame, (n + 1/2) / frames, so that a fade-in and a fade-out
    mirror each other.

    Parameters
    ----------
    n
        Frame numbers counted from the start of the fade, shape (count,).
    frames
        Length of the fade. With 0, the gain steps from 0 to 1 at frame 0.
    curve
        `linear`; `cosine` for a raised cosine, whose fade-in and fade-out add up to 1; or `equal_power` for a quarter
        of a sine, whose squares do.

    Returns
    -------
    numpy.ndarray
        Gains from 0 to 1, shape (count,).
    """
    if frames < 1:
        return (n >= 0).astype(float)
    x = np.clip((n + 0.5) / frames, 0.0, 1.0)
    x[n < 0] = 0.0
    if curve == "equal_power":
        return np.sin(np.pi / 2 * x)
    return x if curve == "linear" else 0.5 - 0.5 * np.cos(np.pi * x)


def spans_gain(n: np.ndarray, spans: list[tuple[int, int]], fade_in: int, fade_out: int) -> np.ndarray:
    """The gain that passes only some spans, with raised-cosine fades inside their edges.

    Parameters
    ----------
    n
        Consecutive frame numbers, rising, shape (count,).
    spans
        (start, end) of each span in frames, end exclusive.
    fade_in, fade_out
        Lengths of the fades in frames; each is at most half its span.

    Returns
    -------
    numpy.ndarray
        Gains from 0 to 1, shape (count,).
    """
    gain = np.zeros(len(n))
    for start, end in spans:
        if n[0] < end and n[-1] >= start:
            inside = ramp(n - start, min(fade_in, (end - start) // 2))
            gain = np.maximum(gain, inside * ramp(end - 1 - n, min(fade_out, (end - start) // 2)))
    return gain
