"""The saturation: its static curve, its delay and its aliases."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, decibels, mono_and_stereo, sine


@pytest.mark.parametrize("drive_db", [-12.0, 0.0, 6.0, 12.0])
@mono_and_stereo
def test_static_curve(drive_db, channels):
    """Of a low tone all harmonics that count are below half the sample rate: the curve holds for each sample."""
    samples = np.repeat(sine(100, -1), channels, axis=1)
    drive = 10 ** (drive_db / 20)
    result = apply({"saturation": {"drive_db": drive_db}}, samples)
    assert np.abs(result - np.tanh(drive * samples) / np.tanh(drive))[1_000:-1_000].max() < 1e-8


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("drive_db, limit", [(12.0, -120), (18.0, -115), (24.0, -70)])
def test_aliases_are_low(rate, drive_db, limit):
    """What is not at a multiple of the tone, relative to it. Without oversampling there is much of it."""
    hertz = 5_003
    window = np.blackman(rate)

    def worst_alias(samples):
        spectrum = np.abs(np.fft.rfft(samples[:, 0] * window))
        is_alias = np.abs((np.arange(len(spectrum)) + hertz / 2) % hertz - hertz / 2) > 5
        return decibels(spectrum[is_alias].max() / spectrum.max())

    samples = sine(hertz, 0, rate, rate)
    assert worst_alias(apply({"saturation": {"drive_db": drive_db}}, samples, rate=rate)) < limit
    assert worst_alias(np.tanh(10 ** (drive_db / 20) * samples)) > -45


@pytest.mark.parametrize("rate", [22_050, 44_100, 192_000])
def test_an_impulse_stays_on_its_frame(rate):
    impulse = np.zeros((4_001, 1))
    impulse[2_000] = 1e-3  # the curve is straight there: only the resampling is heard
    result = apply({"saturation": {"drive_db": 0.0}}, impulse, rate=rate)[:, 0]
    assert np.argmax(np.abs(result)) == 2_000
    assert result == pytest.approx(result[::-1], abs=1e-9)
