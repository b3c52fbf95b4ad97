"""An equaliser that matches a recording, against the equaliser that it has to undo."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from effect_runs import apply, decibels
from scipy import signal

from stemwright.base.errors import StemwrightError
from stemwright.effects import make
from stemwright.music.render_context import RenderContext

RATE = 8_000
HERTZ = np.geomspace(60, 2_500, 40)
BANDS = [(hz * 2 ** (-1 / 6), hz * 2 ** (1 / 6)) for hz in 1_000 * 2 ** (np.arange(-12, 5) / 3)]


def noise(seconds, seed, channels=2):
    return 0.1 * np.random.default_rng(seed).standard_normal((seconds * RATE, channels))


# Low shelf and peak of the Audio EQ Cookbook, here from their analogue prototypes.
A, B = 10 ** (4 / 40), 10 ** (-5 / 40)
PROTOTYPES = [
    ([1, A**0.5 / 0.7, A], [1, 1 / (A**0.5 * 0.7), 1 / A], 200),
    ([1, B / 0.9, 1], [1, 1 / B / 0.9, 1], 1_200),
]


def known_eq(samples):
    """The samples through the equaliser, and its response at frequencies."""
    response = 1
    for b, a, hz in PROTOTYPES:
        scale = (2 * np.pi * hz) ** np.array([-2, -1, 0.0])
        digital = signal.bilinear(b * scale, a * scale, RATE)
        samples = signal.lfilter(*digital, samples, axis=0)
        response = response * signal.freqz(*digital, worN=HERTZ, fs=RATE)[1]
    return samples, response


@pytest.fixture
def matched(tmp_path):
    """`matched(samples, recording)`: what the effect makes of the samples, and its gain in dB at HERTZ."""

    def match(samples, recording, rate=RATE, **keys):
        sf.write(tmp_path / "recording.wav", recording, rate, "DOUBLE")
        silence = np.zeros((RATE, samples.shape[1]))
        padded = np.concatenate((silence, samples, silence))
        result = apply({"match_eq": {"file": str(tmp_path / "recording.wav"), **keys}}, padded, rate=RATE)
        ratio = np.fft.rfft(result[:, 0]) / np.fft.rfft(padded[:, 0])
        bins = np.round(HERTZ * len(padded) / RATE).astype(int)
        return result[RATE:-RATE], ratio[bins]

    return match


def band_levels(samples):
    hertz, density = signal.welch(samples, RATE, nperseg=8_192, axis=0)
    return np.array([10 * np.log10(density[(hertz >= lo) & (hertz < hi)].sum()) for lo, hi in BANDS])


def test_a_known_eq_is_undone(matched):
    """Other noise through it, at another level: each third of an octave comes back, and the filter is its inverse."""
    white, (coloured, response) = noise(60, 1), known_eq(0.2 * noise(60, 2))
    result, gain = matched(coloured, white, max_boost_db=12, max_cut_db=12)
    before, after = (band_levels(each) - band_levels(white) for each in (coloured, result))
    assert np.ptp(before) > 6 and np.abs(after - np.median(after)).max() < 0.5
    left = decibels(np.abs(gain * response))
    assert np.abs(left - np.median(left)).max() < 1


def test_a_recording_of_itself_changes_nothing(matched):
    """But for where its windows lie in it, which is elsewhere in the padded samples."""
    samples = known_eq(noise(5, 3))[0]
    _, gain = matched(samples, 4 * samples)
    assert np.abs(decibels(np.abs(gain))).max() < 0.02


def test_it_has_no_phase(matched):
    _, gain = matched(noise(5, 4, 1), known_eq(noise(5, 5, 1))[0])
    assert np.abs(gain.imag).max() < 1e-11 and gain.real.min() > 0 and np.ptp(gain.real) > 0.3


def test_strength_and_limits(matched):
    samples, recording = noise(30, 6), known_eq(noise(30, 7))[0]
    full, half, limited = (
        decibels(np.abs(matched(samples, recording, **keys)[1]))
        for keys in (
            {"max_cut_db": 12, "max_boost_db": 12},
            {"max_cut_db": 12, "max_boost_db": 12, "strength": 0.5},
            {"max_cut_db": 3, "max_boost_db": 2},
        )
    )
    assert full.min() < -4 and full.max() > 3
    assert half == pytest.approx(full / 2, abs=0.05)
    assert limited == pytest.approx(np.clip(full, -3, 2), abs=0.15)


def test_smoothing(matched):
    """A line in the recording is no wider than the band it is averaged over."""
    t = np.arange(30 * RATE) / RATE
    recording = noise(30, 8, 1) + 0.1 * np.sin(2 * np.pi * 490 * t)[:, None]
    for octaves in (0.2, 1.0):
        _, gain = matched(noise(30, 9, 1), recording, smoothing_octaves=octaves, max_boost_db=24)
        raised = HERTZ[decibels(np.abs(gain)) > 3]
        assert np.log2(raised.max() / raised.min()) == pytest.approx(octaves, abs=0.2)


@pytest.mark.parametrize("keys, rate", [({"high_hz": 1_000}, RATE), ({}, 4_000)])
def test_what_is_not_matched_is_not_changed(matched, keys, rate):
    """Above the highest frequency, or that which the recording has, by half an octave; and below the lowest."""
    highest = keys.get("high_hz", 0.45 * rate)
    samples, dull = noise(10, 10), np.cumsum(noise(10, 11), axis=0)
    gain = decibels(np.abs(matched(samples, dull[: 10 * rate], rate, low_hz=100, **keys)[1]))
    assert np.abs(gain[(highest * 1.45 < HERTZ) | (HERTZ < 68)]).max() < 0.05
    assert gain[(HERTZ > 100) & (HERTZ < 130)].min() > 4 and gain[np.searchsorted(HERTZ, highest) - 1] < -4


def test_a_silent_recording(matched):
    with pytest.raises(StemwrightError, match=r"recording\.wav: is silent; expected a recording"):
        matched(noise(1, 1), np.zeros((RATE, 1)))


@pytest.mark.parametrize("keys", [{"low_hz": 500, "high_hz": 400}, {"low_hz": 3_600}])
def test_frequencies_that_cannot_be(keys):
    with pytest.raises(ValueError, match=r"low_hz must be below high_hz and 3600 \(is"):
        make({"match_eq": {"file": "a.wav", **keys}}).check(RenderContext(RATE, 1, RATE))
