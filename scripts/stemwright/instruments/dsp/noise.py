"""White noise, and noise through a filter that changes over time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_HOPS = 250  # per second


def noise(frames: int, rate: int, rng: np.random.Generator, top: float = np.inf) -> np.ndarray:
    """White noise of the same power density at every sample rate: RMS 1 for a bandwidth of 24 kHz.

    Its spectrum is drawn from low to high frequencies for a length in tenths of a second, so that a higher sample rate
    extends the same noise.

    Parameters
    ----------
    frames : int
        Frames to make.
    rate : int
        Sample rate in Hz.
    rng : np.random.Generator
        The source of randomness.
    top : float
        Cut-off frequency in Hz, where the noise is 6 dB down; above it, it falls by 24 dB per octave.

    Returns
    -------
    np.ndarray
        Shape (frames,).
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
    """Noise through a filter whose cut-off changes, different in each channel.

    Overlapping windows are filtered one by one in the frequency domain. The square root of a Hann window is applied
    before and after the filter, whose squares add up to 1 (weighted overlap-add: Crochiere 1980).

    Parameters
    ----------
    shape : tuple of int
        (channels, frames) of the result.
    rate : int
        Sample rate in Hz.
    rng : np.random.Generator
        The source of randomness.
    cutoff : np.ndarray
        The cut-off frequency in Hz at each frame, shape (frames,), or at all frames, shape (1,).
    response : callable
        `response(hertz, cutoffs)` gives the filter's complex response, shape (cutoffs, frequencies).

    Returns
    -------
    np.ndarray
        Shape (channels, frames).
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
