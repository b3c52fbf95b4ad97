"""Fade curves, as gains for frames counted from where a fade begins."""

from __future__ import annotations

import numpy as np


def ramp(n: np.ndarray, frames: int, curve: str = "cosine") -> np.ndarray:
    """The gain at frame numbers `n` of a fade-in of `frames`: 0 before it, 1 after it.

    Frame n lies in the middle of its step, (n + 1/2) / frames, so that in and out mirror each other.
    """
    if frames < 1:
        return (n >= 0).astype(float)
    x = np.clip((n + 0.5) / frames, 0.0, 1.0)
    x[n < 0] = 0.0
    return x if curve == "linear" else 0.5 - 0.5 * np.cos(np.pi * x)


def spans_gain(n: np.ndarray, spans: list[tuple[int, int]], fade_in: int, fade_out: int) -> np.ndarray:
    """The gain at frame numbers `n` that lets through only `spans` (start, end), with fades inside their edges."""
    gain = np.zeros(len(n))
    for start, end in spans:
        if n[0] < end and n[-1] >= start:
            inside = ramp(n - start, min(fade_in, (end - start) // 2))
            gain = np.maximum(gain, inside * ramp(end - 1 - n, min(fade_out, (end - start) // 2)))
    return gain
