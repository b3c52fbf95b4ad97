"""The pitch shifter: pitch by the spectrum, purity, level and time."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, mono_and_stereo, noise, sine

BIN = 0.25  # Hz


def spectrum(samples):
    """The magnitudes of the middle second, at multiples of BIN."""
    middle = samples[RATE // 2 : -RATE // 2, 0]
    return np.abs(np.fft.rfft(middle * np.blackman(len(middle)), round(RATE / BIN)))


@pytest.mark.parametrize("semitones, cents", [(-24, 0), (-7, -50), (0, 31), (12, 100), (24, 0)])
@pytest.mark.parametrize("hertz", [110.0, 1_500.0])
def test_the_pitch(semitones, cents, hertz):
    keys = {"semitones": float(semitones), "cents": float(cents)}
    found = spectrum(apply({"pitch_shift": keys}, sine(hertz, -6, 2 * RATE)))
    expected = hertz * 2 ** ((semitones + cents / 100) / 12)
    assert BIN * np.argmax(found) == pytest.approx(expected, abs=BIN)
    away = np.abs(BIN * np.arange(len(found)) - expected) > 12
    assert decibels(found[away].max() / found.max()) < -50


@pytest.mark.parametrize("semitones", [-7.0, 4.0, 12.0])
def test_a_chord_is_a_chord(semitones):
    """Each tone moves by the same ratio and keeps its level."""
    tones = np.array([220, 277.2, 329.6, 440])
    found = spectrum(
        apply({"pitch_shift": {"semitones": semitones}}, sum(sine(f, -20, 2 * RATE) for f in tones))
    )
    levels = [found[np.abs(BIN * np.arange(len(found)) - f * 2 ** (semitones / 12)) < 6].max() for f in tones]
    expected = 0.1 * np.blackman(RATE).sum() / 2
    assert decibels(np.array(levels) / expected) == pytest.approx(np.zeros(4), abs=0.6)


@mono_and_stereo
@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_no_change_changes_nothing(channels, rate):
    samples = noise(20_000, channels)
    assert np.abs(apply({"pitch_shift": {"semitones": 0.0}}, samples, rate=rate) - samples).max() < 1e-14


@pytest.mark.parametrize("semitones, tolerance_ms", [(-12.0, 10), (-3.0, 2), (0.5, 1), (3.0, 2), (12.0, 4)])
def test_attacks_stay_where_they_are(semitones, tolerance_ms):
    samples, starts = np.zeros((4 * RATE, 1)), np.arange(10_000, 4 * RATE - 10_000, 37_003)
    for start in starts:
        samples[start : start + 400] = noise(400, 1) * np.exp(-np.arange(400) / 60)[:, None]
    power = apply({"pitch_shift": {"semitones": semitones}}, samples)[:, 0] ** 2
    for start in starts:
        around = slice(start - 6_000, start + 6_000)
        middles = [
            np.searchsorted(np.cumsum(x[around]), x[around].sum() / 2) for x in (power, samples[:, 0] ** 2)
        ]
        assert abs(middles[0] - middles[1]) < tolerance_ms * RATE / 1_000


def test_the_image_stays():
    left, right = apply({"pitch_shift": {"semitones": 5.0}}, noise(20_000, 1) * np.array([0.2, 1.0])).T
    assert np.abs(left - 0.2 * right).max() < 1e-12
