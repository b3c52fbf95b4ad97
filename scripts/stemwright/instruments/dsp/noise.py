"""White noise through a filter that may move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_HOPS = 250  # a second


def noise(frames: int, rate: int, rng: np.random.Generator, top: float = np.inf) -> np.ndarray:
    """White noise of as much power in each hertz at every sample rate: RMS 1 where it reaches to 24 kHz.

    Above `top` in Hz, where it is 6 dB down, it falls by 24 dB an octave.

    Its spectrum is drawn upwards, for a length in tenths of a second: a higher rate adds to the same noise.
    """
    tenth = rate // 10
    size = tenth * -(-frames // tenth)
    spectrum = rng.standard_normal((size // 2 + 1, 2)) @ (1, 1j)
    spectrum[[0, -1]] = 0
    if top < np.inf:
        spectrum /= 1 + (np.fft.rfftfreq(size, 1 / rate) / top) ** 4
    return np.fft.irfft(spectrum, size)[:frames] * np.sqrt(size * rate / 48_000 / 2)


def swept_noise(
    shape: tuple[int, int],
    rate: int,
    rng: np.random.Generator,
    cutoff: np.ndarray,
    response: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Noise of shape (channels, frames), each channel its own, through a filter.

    `response(hertz, cutoffs)` gives its response, shape (cutoffs, frequencies), and `cutoff` where it is at
    each frame, or at all of them. Overlapping windows are filtered one by one: in and out of a window goes by
    the root of Hann's, and their squares add up to 1 (Crochiere 1980).
    """
    channels, frames = shape
    hop = rate // _HOPS
    size = 2 * hop
    count = frames // hop + 2
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    middles = np.clip(np.arange(count) * hop, 0, len(cutoff) - 1)
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / rate), 1.0)
    gain = np.abs(response(hertz, cutoff[middles]))
    out = np.zeros((channels, (count + 1) * hop))
    for channel in out:
        halves = noise((count + 1) * hop, rate, rng).reshape(-1, hop)
        windows = np.concatenate([halves[:-1], halves[1:]], axis=1) * window
        windows = np.fft.irfft(np.fft.rfft(windows) * gain, size) * window
        channel[: count * hop] += windows[:, :hop].ravel()
        channel[hop:] += windows[:, hop:].ravel()
    return out[:, hop : hop + frames]
