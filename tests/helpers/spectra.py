"""Samples of a known spectrum."""

from __future__ import annotations

import numpy as np

from stemwright.effects import Chain
from stemwright.music.render_context import RenderContext

RATE, FRAMES = 48_000, 4 * 48_000


def noise(frames=FRAMES, channels=1, level=0.1, seed=1):
    return np.random.default_rng(seed).normal(scale=level, size=(frames, channels))


def shaped(samples, gain_db):
    """Samples with a gain in dB for each frequency, without any phase."""
    spectrum = np.fft.rfft(samples, axis=0)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    gains = np.array([10 ** (gain_db(f) / 20) for f in hertz])
    return np.fft.irfft(spectrum * gains[:, None], len(samples), axis=0)


def lowpass(cutoff_hz, order=4, zero_phase=False):
    return {"lowpass": {"cutoff_hz": cutoff_hz, "order": order, "zero_phase": zero_phase}}


def through(effects, samples):
    context = RenderContext(RATE, samples.shape[1], len(samples))
    return np.concatenate(list(Chain.make(effects).process([samples], context)))
