"""The low-pass and the high-pass, against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, mono_and_stereo, noise
from scipy import signal

from stemwright.effects import make
from stemwright.music.render_context import RenderContext

FREQUENCIES = np.array([20, 50, 100, 440, 999, 1_000, 1_001, 2_000, 5_000, 10_000, 20_000])
FOURIER = np.exp(-2j * np.pi * FREQUENCIES[:, None] * np.arange(40_000) / RATE)


def response(entry):
    """The magnitude at `FREQUENCIES`, from the Fourier transform of the impulse response."""
    impulse = np.zeros((40_000, 1))
    impulse[20_000] = 1
    return np.abs(FOURIER @ apply(entry, impulse)[:, 0])


@pytest.mark.parametrize("kind, sign", [("lowpass", 1), ("highpass", -1)])
@pytest.mark.parametrize("order", [1, 2, 4, 7, 16])
@pytest.mark.parametrize("cutoff", [100.0, 1_000.0, 12_000.0])
def test_butterworth_magnitude(kind, sign, order, cutoff):
    """Butterworth by the bilinear transform: 1 / √(1 + (tan(π f / fs) / tan(π fc / fs))^±2n)."""
    warped = np.tan(np.pi * FREQUENCIES / RATE) / np.tan(np.pi * cutoff / RATE)
    expected = 1 / np.sqrt(1 + warped ** (sign * 2 * order))
    keys = {"cutoff_hz": cutoff, "order": order}
    assert response({kind: keys}) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert response({kind: keys | {"zero_phase": True}}) == pytest.approx(expected**2, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind, shape", [("lowpass", "low"), ("highpass", "high")])
@mono_and_stereo
def test_zero_phase_is_scipys(kind, shape, channels):
    samples = noise(40_000, channels)
    sections = signal.butter(4, 1_000, shape, fs=RATE, output="sos")
    expected = signal.sosfiltfilt(sections, samples, axis=0)
    result = apply({kind: {"cutoff_hz": 1_000.0, "zero_phase": True}}, samples)
    assert np.abs(result - expected)[10_000:-10_000].max() < 1e-12


def test_zero_phase_is_even_in_time():
    impulse = np.zeros((20_001, 1))
    impulse[10_000] = 1
    result = apply({"lowpass": {"cutoff_hz": 500.0, "zero_phase": True}}, impulse)
    assert np.allclose(result, result[::-1], rtol=0, atol=1e-12)
    assert np.argmax(result) == 10_000


def test_zero_phase_starts_and_ends_in_silence():
    """What rings over the canvas's ends is cut, and changes nothing within."""
    samples = noise(3_000, 1)
    entry = {"lowpass": {"cutoff_hz": 300.0, "zero_phase": True}}
    padded = apply(entry, np.concatenate([np.zeros((9_000, 1)), samples, np.zeros((9_000, 1))]))
    assert np.allclose(apply(entry, samples), padded[9_000:12_000], rtol=0, atol=1e-12)


@pytest.mark.parametrize("cutoff", [4_000.0, 5_000.0])
def test_a_cutoff_that_the_sample_rate_does_not_hold(cutoff):
    effect = make({"highpass": {"cutoff_hz": cutoff}})
    effect.check(RenderContext(48_000, 1, 100))
    with pytest.raises(ValueError, match=rf"must be below half the sample rate, 4000 \(is {cutoff:g}\)"):
        effect.check(RenderContext(8_000, 1, 100))
