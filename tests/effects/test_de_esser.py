"""The de-esser: the response of its shelf, its static curve, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, gains_of, noise, sine

from stemwright.effects import make
from stemwright.music.render_context import RenderContext


def shelf(hertz, corner, gain, rate=RATE):
    """The magnitude of a Butterworth high shelf of second order, brought over by the bilinear transform."""
    w = np.tan(np.pi * hertz / rate) / np.tan(np.pi * corner / rate)
    return np.sqrt((1 + gain**2 * w**4) / (1 + w**4))


@pytest.mark.parametrize("corner", [1_000, 6_000, 15_000])
@pytest.mark.parametrize("gain", [1, 0.5, 0.1])
def test_response_of_the_shelf(corner, gain):
    effect = make({"de_esser": {"threshold_db": -20.0, "frequency_hz": float(corner)}})
    impulse = np.zeros((RATE, 1))
    impulse[0] = 1
    gains = np.full((RATE, 1), float(gain))
    (response,) = effect.apply(iter([impulse]), iter([gains]), RenderContext(RATE, 1, RATE))
    hertz = np.arange(20, 23_000)
    found = decibels(np.abs(np.fft.rfft(response[:, 0]))[hertz])
    assert np.allclose(found, decibels(shelf(hertz, corner, gain)), rtol=0, atol=1e-6)


@pytest.mark.parametrize("level, expected", [(-40, 0), (-24, -4.5), (-18, -9), (-6, -10), (0, -10)])
def test_static_curve(level, expected):
    """A tone far above the corner, at a ratio of 4 and a range of 10 dB."""
    entry = {"de_esser": {"threshold_db": -30.0, "frequency_hz": 2_000.0, "range_db": 10.0, "attack_ms": 0.1}}
    samples = sine(15_000, level)
    result = apply(entry, samples)
    change = decibels(np.std(result[RATE // 2 :]) / np.std(samples[RATE // 2 :]))
    assert change == pytest.approx(expected, abs=0.2)


def test_a_loud_low_voice_is_left_to_the_bit():
    samples = sine(150, 0) + sine(300, -6)
    assert np.array_equal(apply({"de_esser": {"threshold_db": -40.0}}, samples), samples)


def test_only_the_hiss_is_lowered():
    """A vowel of harmonics of 200 Hz, with hiss from 0.4 s to 0.6 s: the vowel's level stays within 0.2 dB."""
    hiss = sine(9_000, -12) * ((np.arange(RATE) > 19_200) & (np.arange(RATE) < 28_800))[:, None]
    vowel = sum(sine(200 * n, -12 - 6 * n) for n in range(1, 6))
    result = apply({"de_esser": {"threshold_db": -40.0, "range_db": 12.0}}, vowel + hiss)[20_000:28_000, 0]
    spectrum, before = (
        np.abs(np.fft.rfft(x * np.hanning(8_000))) for x in (result, (vowel + hiss)[20_000:28_000, 0])
    )
    change = decibels(spectrum / before)
    assert change[round(9_000 / 6)] == pytest.approx(decibels(shelf(9_000, 6_000, 10 ** (-12 / 20))), abs=0.2)
    for n in range(1, 6):
        assert change[round(200 * n / 6)] == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("levels", [(-6, -60), (-60, -6)])
def test_both_channels_have_one_gain(levels):
    samples = np.hstack([sine(9_000, level) for level in levels])
    assert gains_of({"de_esser": {"threshold_db": -40.0}}, samples).shape == (RATE, 1)
    result = apply({"de_esser": {"threshold_db": -40.0}}, samples)[RATE // 2 :]
    change = decibels(np.std(result, axis=0) / np.std(samples[RATE // 2 :], axis=0))
    assert change[0] < -5
    assert change[0] == pytest.approx(change[1], abs=1e-3)


def test_stems_that_are_given_the_same_gains_add_up():
    effect, context = make({"de_esser": {"threshold_db": -40.0}}), RenderContext(RATE, 2, RATE)
    a, b = noise(RATE), np.repeat(sine(7_000, -6), 2, axis=1)
    gains = gains_of({"de_esser": {"threshold_db": -40.0}}, a + b)
    shares = [np.concatenate(list(effect.apply(iter([x]), iter([gains]), context))) for x in (a, b, a + b)]
    assert np.allclose(shares[0] + shares[1], shares[2], rtol=0, atol=1e-12)


def test_its_band_must_be_below_half_the_sample_rate():
    with pytest.raises(
        ValueError, match=r"frequency_hz must be below half the sample rate, 11025 \(is 12000\)"
    ):
        make({"de_esser": {"threshold_db": -40.0, "frequency_hz": 12_000.0}}).check(
            RenderContext(22_050, 2, 100)
        )


@pytest.mark.parametrize(
    "key, first, last", [("threshold_db", -40, -20), ("ratio", 1, 6), ("range_db", 2, 12)]
)
def test_the_static_curve_of_what_moves(key, first, last):
    """A tone of -6 dB far above the corner, whose level in the band is all that counts."""
    still = {"threshold_db": -30.0, "ratio": 3.0, "range_db": 40.0, "attack_ms": 0.1, "release_ms": 200.0}
    points = [{"at": "0.2 s", "value": float(first)}, {"at": "0.8 s", "value": float(last)}]
    entry = {"de_esser": still | {"frequency_hz": 2_000.0, key: points}}
    found = decibels(gains_of(entry, sine(15_100, -6))[:, 0])
    for at in (0.15, 0.35, 0.5, 0.65, 0.9):
        now = still | {key: np.interp(at, [0.2, 0.8], [first, last])}
        expected = -min((-6 - now["threshold_db"]) * (1 - 1 / now["ratio"]), now["range_db"])
        assert found[round(at * RATE)] == pytest.approx(expected, abs=0.2)
