"""Octave bands and width: sines and mid/side in closed form, noise against filters of SciPy's, any block size."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from scipy.signal import butter, freqz, sosfilt

from stemwright.measure import measure
from stemwright.measure.octaves import NOMINAL_HZ, OctaveBands

RATE = 48_000
# ITU-R BS.1770-5, annex 1, tables 1 and 2
STAGES = (
    ([1.53512485958697, -2.69169619938640, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585]),
    ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]),
)


def measured(samples, rate=RATE, size=10_000):
    meter = OctaveBands()
    meter.start(rate, samples.shape[1])
    for at in range(0, len(samples), size):
        meter.feed(samples[at : at + size])
    return meter


def sine(hertz, seconds=4.0, channels=2, rate=RATE):
    return 0.1 * np.tile(
        np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)[:, None], channels
    )


def k_db(hertz):
    return sum(20 * np.log10(abs(freqz(b, a, [hertz], fs=RATE)[1][0])) for b, a in STAGES)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("band", range(10))
def test_a_sine_is_in_its_band_and_as_far_from_its_loudness_as_k_weighting_takes_it(band, channels):
    levels = measured(sine(1_000 * 10 ** (0.3 * (band - 5)), channels=channels)).levels
    assert levels[band] == pytest.approx(0.691 - k_db(1_000 * 10 ** (0.3 * (band - 5))), abs=0.03)
    assert np.delete(levels, band).max() < levels[band] - 30


def test_1_khz_is_as_loud_as_it_is_high():
    """A sine of 997 Hz at 0 dBFS in one channel is -3.01 LUFS (BS.1770-5, annex 1)."""
    assert measured(sine(997, channels=1)).levels[5] == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_noise_is_split_as_steep_filters_split_it(rate):
    noise = np.random.default_rng(5).normal(0, 0.1, (20 * rate, 1))
    levels = measured(noise, rate).levels
    for band in range(2, 9):
        edges = 1_000 * 10 ** (0.3 * (band - 5) + np.array([-0.15, 0.15]))
        passed = sosfilt(butter(12, edges, "bandpass", fs=rate, output="sos"), noise[:, 0])
        power = 10 * np.log10(np.mean(passed**2))
        if band == 2:
            first = levels[band] - power
        assert levels[band] - power == pytest.approx(first, abs=0.25)


def test_no_power_is_lost_at_ends_and_none_counted_twice():
    clicks = np.zeros((30_000, 2))
    clicks[[0, 4_095, 16_384, 29_999]] = 1.0
    meter = measured(clicks, size=777)
    powers = meter._all_powers().sum(axis=0)
    total = (powers[0] + 2 * powers[1:-1].sum() + powers[-1]) / meter._size
    assert total == pytest.approx(8.0, rel=1e-9)


@pytest.mark.parametrize("side, expected", [(0.1, 0.0), (0.01, -20.0), (0.0, -np.inf)])
def test_the_width_is_side_to_mid(side, expected):
    mid = sine(440, channels=1)
    other = side / 0.1 * np.roll(mid, 7)
    found = measured(np.concatenate((mid + other, mid - other), axis=1)).width
    assert found == pytest.approx(expected, abs=0.01)


def test_a_side_alone_is_infinitely_wide_and_mono_has_no_width():
    tone = sine(440, channels=1)
    assert measured(np.concatenate((tone, -tone), axis=1)).width == np.inf
    assert measured(tone).width is None


def test_pauses_and_faders_shift_nothing():
    noise = np.random.default_rng(5).normal(0, 0.1, (5 * RATE, 2))
    paused = np.concatenate((np.zeros((3 * RATE, 2)), 0.01 * noise, np.zeros((2 * RATE, 2))))
    assert measured(paused).levels == pytest.approx(measured(noise).levels, abs=0.05)


def test_blocks_do_not_matter(tmp_path):
    noise = np.random.default_rng(5).normal(0, 0.1, (50_001, 2)).astype(np.float32)
    sf.write(tmp_path / "a.wav", noise, RATE, "FLOAT")
    meter = OctaveBands()
    measure(str(tmp_path / "a.wav"), [meter])
    for size in (64, 4_096, 50_001):
        other = measured(noise.astype(np.float64), size=size)
        assert other.levels == pytest.approx(meter.levels, abs=1e-9)
        assert other.width == pytest.approx(meter.width, abs=1e-9)


def test_bands_beyond_the_sample_rate_are_not_measured():
    for rate, count in ((48_000, 10), (44_100, 10), (24_000, 9), (22_050, 9), (8_000, 7)):
        assert (
            np.isfinite(measured(np.random.default_rng(1).normal(0, 1, (rate, 1)), rate).levels).sum()
            == count
        )
    assert len(NOMINAL_HZ) == 10


@pytest.mark.parametrize("samples", [np.zeros((RATE, 2)), np.full((RATE, 2), np.nan), np.zeros((0, 2))])
def test_silence_and_what_is_not_finite_have_no_bands(samples):
    meter = measured(samples)
    assert len(meter.levels) == 0 and meter.width is None
