"""Signals that tests of meters and gates measure."""

from __future__ import annotations

import numpy as np

RATE = 48_000


def fed(meter, samples, sizes=(), rate=RATE):
    """The meter after samples, shape (frames, channels), in blocks of these sizes and the rest in one."""
    meter.start(rate, samples.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):
        for block in np.split(samples, np.minimum(np.cumsum(sizes or [0]), len(samples))):
            if len(block):
                meter.feed(block)
    return meter


def sine(level_db, seconds, hertz=1000, channels=2, rate=RATE, degrees=0.0):
    """A sine of a peak level in dBFS on every channel."""
    n = np.arange(round(seconds * rate))
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz / rate * n + np.radians(degrees))
    return np.repeat(wave[:, None], channels, axis=1)


def music(rate, channels):
    """Ten seconds of kicks, a chord and hiss, getting louder, with pauses."""
    t = np.arange(10 * rate) / rate
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-(t % 0.5) / 0.1)
    chord = sum(np.sin(2 * np.pi * f * t + f) for f in (196.0, 246.94, 293.66, 1_567.98)) * (t % 4 < 3)
    hiss = (
        np.random.default_rng(7).normal(0, 1, (len(t), channels))
        * np.exp(-((t + 0.25) % 0.5) / 0.03)[:, None]
    )
    return (0.5 * kick + 0.15 * chord)[:, None] * (0.2 + 0.08 * t)[:, None] + 0.12 * hiss
