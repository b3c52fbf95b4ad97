"""True peak against the EBU's test signals (Tech 3341), its definition and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from audio_signals import RATE, fed, music, sine

from stemwright.measure.true_peak import TruePeak

SIZES = [65_536] * 99

# --- EBU Tech 3341 ----------------------------------------------------------------------------

TRUE_PEAKS = {
    15: (0.50, 4, 0.0, -6.0),
    16: (0.50, 4, 45.0, -6.0),
    17: (0.50, 6, 60.0, -6.0),
    18: (0.50, 8, 67.5, -6.0),
    19: (1.41, 4, 45.0, 3.0),
}


def faded(samples):
    """A sine that begins at once does overshoot, between samples; this one does not."""
    return samples * np.hanning(len(samples))[:, None]


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200])
@pytest.mark.parametrize("case", TRUE_PEAKS)
def test_true_peak_of_ebu_signals(case, rate):
    amplitude, parts, degrees, expected = TRUE_PEAKS[case]
    samples = faded(sine(20 * math.log10(amplitude), 1, rate / parts, rate=rate, degrees=degrees))
    assert expected - 0.4 <= fed(TruePeak(), samples, SIZES, rate).true_peak <= expected + 0.2


# --- the definitions, written out --------------------------------------------------------------


@pytest.mark.parametrize("rate, channels", [(44_100, 2), (48_000, 1), (48_000, 2), (96_000, 2), (192_000, 1)])
def test_true_peak_is_as_defined(rate, channels):
    """All samples between, by one convolution with all taps: ours lie on a grid of -120 dB."""
    samples = music(rate, channels)[: 2 * rate]
    factor = 4 if rate < 96_000 else 2 if rate < 192_000 else 1
    half = 24 // factor  # samples on each side
    away = np.arange(-half * factor, half * factor + 1) / factor
    taps = np.sinc(away) * np.cos(np.pi * away / (2 * half)) ** 2
    between = np.zeros((len(samples) * factor, channels))
    between[::factor] = samples
    levels = np.max([np.abs(np.convolve(between[:, channel], taps)) for channel in range(channels)], axis=0)
    meter = fed(TruePeak(), samples, [4_001] * 99, rate)
    assert meter.true_peak == pytest.approx(20 * math.log10(levels.max()), abs=0.001)
    assert abs(meter.frame - (levels.argmax() / factor - half)) < 1


# --- closed forms -----------------------------------------------------------------------------


@pytest.mark.parametrize("rate, most", [(48_000, 0.05), (96_000, 0.05), (192_000, 0.3)])
@pytest.mark.parametrize("degrees", [0, 17, 45, 80])
def test_true_peak_of_a_sine_below_8_kHz(rate, most, degrees):
    samples = faded(sine(-6, 0.5, 7_919, rate=rate, degrees=degrees))
    assert fed(TruePeak(), samples, SIZES, rate).true_peak == pytest.approx(-6, abs=most)


@pytest.mark.parametrize("place", ["start", "end"])
def test_true_peak_at_the_very_ends(place):
    """Between two equal samples that stand alone lies 2 sinc(1/2) of them: 4/π, 2.1 dB more."""
    samples = np.zeros((100, 1))
    samples[slice(0, 2) if place == "start" else slice(98, 100)] = 0.5
    expected = 20 * math.log10(0.5 * 4 / math.pi)
    assert fed(TruePeak(), samples, [50]).true_peak == pytest.approx(expected, abs=0.2)  # the window's part


@pytest.mark.parametrize("low_db", [-6, -4.5])
@pytest.mark.parametrize("rate, above_db", [(48_000, 3.01), (88_200, 3.01), (96_000, 3.01)])
def test_a_high_tone_that_peaks_between_its_samples_beside_a_loud_low_one(rate, above_db, low_db):
    """A sine of a quarter of the rate, at 45 degrees, has all its samples 3.01 dB below its peak."""
    samples = np.zeros((6 * rate // 10, 1))
    low, high = slice(0, 2 * rate // 10), slice(3 * rate // 10, 5 * rate // 10)
    samples[low] = faded(sine(low_db, 0.2, 50, rate=rate))[:, :1]
    samples[high] = faded(sine(-4, 0.2, rate / 4, rate=rate, degrees=45))[:, :1]
    assert 20 * math.log10(np.abs(samples[high]).max()) < -4 - above_db + 0.01 < low_db
    meter = fed(TruePeak(), samples, SIZES, rate)
    assert meter.true_peak == pytest.approx(-4, abs=0.2)  # the window's part
    assert high.start < meter.frame < high.stop


def test_a_peak_between_two_samples_wherever_they_are():
    """Two equal samples among zeros have a peak of 4 / pi between them; only that is above the low tone before them."""
    low = faded(sine(1, 0.05, 100))[:, :1]
    for place in range(0, 800, 5):
        pair = np.zeros((1_200, 1))
        pair[place + 100 : place + 102] = 1
        meter = fed(TruePeak(), np.concatenate((low, pair)), SIZES)
        assert meter.true_peak == pytest.approx(20 * math.log10(4 / math.pi), abs=0.2), (
            place
        )  # the window's part


def test_true_peak_is_that_of_the_highest_channel_and_of_negative_peaks_too():
    samples = faded(sine(-20, 0.2))
    samples[:, 1] *= -3
    assert fed(TruePeak(), samples).true_peak == pytest.approx(-20 + 20 * math.log10(3), abs=0.05)
    assert fed(TruePeak(), -samples[:, ::-1]).true_peak == fed(TruePeak(), samples).true_peak


# --- what cannot be measured ------------------------------------------------------------------


def test_silence_has_no_true_peak():
    meter = fed(TruePeak(), np.zeros((RATE, 2)))
    assert (meter.true_peak, meter.fault) == (None, "it is silent")
