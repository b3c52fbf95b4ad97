"""The limiter: true and sample peaks under its ceiling, and quiet audio untouched."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest
from effect_runs import RATE, apply, decibels, gains_of, mono_and_stereo, noise, sine
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


# --- the gain curve: mastered stems add up to the master -------------------------------------------


@pytest.mark.parametrize("drive", [3, 6, 9, 12])
@pytest.mark.parametrize("is_true_peak", [True, False])
@mono_and_stereo
def test_shares_of_stems_add_up_to_the_limited_sum(drive, is_true_peak, channels):
    """Five stems at the gain curve of their sum, against the sum that pedalboard limits."""
    rng = np.random.default_rng(drive)
    swell = np.abs(np.sin(np.outer(np.arange(2 * RATE), rng.uniform(1, 40, 5)) / RATE))
    stems = rng.normal(0, 0.12, (5, 2 * RATE, channels)) * swell.T[:, :, None]
    stems *= 10 ** (drive / 20)
    mix = stems.sum(axis=0)
    plugin = pedalboard.BrickwallLimiter(-1, 100, 5, is_true_peak)
    limited = plugin(mix.T.astype(np.float32), RATE).T.astype(np.float64)
    gains = gains_of({"limiter": {"true_peak": is_true_peak}}, mix)
    assert gains.shape == (2 * RATE, 1)
    assert gains.min() < 10 ** (-drive / 20)
    ceiling = np.float32(10 ** (-1 / 20))  # to which it clips what rounding puts above
    product = (mix.astype(np.float32) * gains).astype(np.float32)
    assert np.array_equal(np.clip(product, -ceiling, ceiling), limited)
    residual = (stems * gains).sum(axis=0) - limited
    assert np.abs(residual).max() < 2**-24 + 2**-25  # the 32-bit rounding of the input and of the output


def test_the_gain_curve_begins_where_the_input_does():
    samples = np.full((20_000, 2), 0.5)
    samples[10_000, 0] = 4.0
    gains = gains_of({"limiter": {"ceiling_db": 0.0, "true_peak": False, "release_ms": 10.0}}, samples)
    assert gains[10_000, 0] == pytest.approx(0.25, abs=1e-6)
    assert (gains[:9_700] == 1).all()
    assert (gains[9_761:10_000] < 1).any()
