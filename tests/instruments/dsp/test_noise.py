"""Noise: as strong in each hertz at every rate."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.instruments.dsp import noise


def test_noise_is_as_strong_in_each_hertz_at_every_rate():
    for rate in (44_100, 48_000, 96_000):
        x = noise.noise(rate, rate, np.random.default_rng(3))
        power = np.abs(np.fft.rfft(x)) ** 2 / rate**2 * 2
        assert np.sum(power[1_000:11_000]) == pytest.approx(10_000 / 24_000, rel=0.05)
