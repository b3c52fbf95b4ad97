"""The limiter: true and sample peaks under its ceiling, and quiet audio untouched."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, mono_and_stereo, noise, sine
from scipy import signal

from stemwright.audio import BLOCK


def true_peak(samples):
    return decibels(np.abs(signal.resample_poly(samples, 8, 1, axis=0)).max())


LOUD = {
    "sine at fs/4, 45°": sine(RATE / 4, 3, phase=np.pi / 4),
    "sine at fs/6, 60°": sine(RATE / 6, 3, phase=np.pi / 3),
    "bass": sine(50, 10),
    "square": 1.5 * np.sign(sine(97, 0) + 1e-9),
    "drums": noise(RATE, 1, 1.0) * np.exp(-30 * (np.arange(RATE) / RATE % 0.5))[:, None],
    "bursts": sine(3_000, 5) * np.where(np.arange(RATE) % 12_000 < 2_400, 1, 0.05)[:, None],
}


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("ceiling, lookahead", [(-1.0, 5.0), (-6.0, 1.0)])
@mono_and_stereo
def test_limiter_holds_the_true_peak(name, ceiling, lookahead, channels):
    samples = LOUD[name] * np.array([1.0, 0.5])[:channels]
    assert true_peak(samples) > 0
    result = apply({"limiter": {"ceiling_db": ceiling, "lookahead_ms": lookahead}}, samples)
    assert true_peak(result) < ceiling + 0.2
    assert true_peak(result) > ceiling - 0.5
    sampled = apply({"limiter": {"ceiling_db": ceiling, "true_peak": False}}, samples)
    assert decibels(np.abs(sampled).max()) == pytest.approx(ceiling, abs=0.01)


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000, 384_000])
@pytest.mark.parametrize("lookahead", [0.1, 5.0, 50.0])
@pytest.mark.parametrize("is_true_peak", [True, False])
def test_limiter_leaves_quiet_audio_to_the_bit(rate, lookahead, is_true_peak):
    samples = noise(30_000, 2, 0.05)
    entry = {"limiter": {"lookahead_ms": lookahead, "true_peak": is_true_peak}}
    assert np.array_equal(apply(entry, samples, rate=rate), samples.astype(np.float32))


@pytest.mark.parametrize("frames", [BLOCK - 10, BLOCK + 1_000])
def test_limiter_sees_silence_after_the_end(frames):
    samples = np.full((frames, 1), 0.1)
    samples[:1_500] = 4.0
    result = apply({"limiter": {}}, samples)
    assert result[:1_500].max() < 1
    assert result[-1_000:] == pytest.approx(0.1, rel=1e-3)


def test_limiter_turns_both_sides_down():
    samples = np.full((10_000, 2), 0.1)
    samples[5_000, 0] = 4.0
    result = apply({"limiter": {}}, samples)
    assert result[5_001, 0] == result[5_001, 1] < 0.05
