"""Convolution with a file, against numpy.convolve and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from effect_runs import RATE, apply, mono_and_stereo, noise

from stemwright.base.errors import AudioFileError, StemwrightError


@pytest.fixture
def response(tmp_path):
    """Saves samples as a file, and gives the effect of it."""

    def save(samples, rate=RATE, **keys):
        path = tmp_path / "response.wav"
        sf.write(path, samples, rate, "DOUBLE")
        return {"convolution": {"file": str(path), "normalize": False, **keys}}

    return save


def by_numpy(samples, responses):
    columns = [np.convolve(x, h)[: len(samples)] for x, h in zip(samples.T, responses.T, strict=True)]
    return np.stack(columns, axis=1)


@mono_and_stereo
@pytest.mark.parametrize("file_channels", [1, 2])
def test_channels(response, channels, file_channels):
    samples, written = noise(9_000, channels), noise(1_500, file_channels)
    each = np.broadcast_to(
        written.mean(axis=1, keepdims=True) if channels == 1 else written, (1_500, channels)
    )
    assert np.abs(apply(response(written), samples) - by_numpy(samples, each)).max() < 1e-13


def test_levels_and_pre_delay(response):
    samples, written = noise(9_000), noise(500)
    expected = 0.8 * samples
    expected[1_200:] += 0.25 * by_numpy(samples, written)[:-1_200]
    entry = response(written, wet_level=0.25, dry_level=0.8, pre_delay_ms=25.0)
    assert np.abs(apply(entry, samples) - expected).max() < 1e-13


@mono_and_stereo
def test_normalized_noise_keeps_its_level(response, channels):
    written = noise(4_000) * np.array([5.0, 1.0])
    result = apply(response(written[:, :channels], normalize=True), noise(200_000, channels))
    assert np.std(result[4_000:], axis=0) == pytest.approx(0.3 * np.array([1, 0.2])[:channels], rel=0.02)


@pytest.mark.parametrize("file_rate", [24_000, 44_100, 96_000, 192_000])
def test_a_response_at_another_rate_keeps_its_frequency_response(response, file_rate):
    """A band-limited response, cos² in time times a tone, is the same function of time at any rate."""

    def at(rate):
        t = np.arange(round(0.02 * rate)) / rate
        return np.sin(np.pi * t / 0.02) ** 4 * np.cos(2 * np.pi * 3_000 * t) / rate

    impulse = np.zeros((3_000, 1))
    impulse[1_000] = 1
    result = apply(response(at(file_rate), file_rate), impulse)[:, 0]
    assert np.abs(result[1_000:1_960] - at(RATE)).max() < 1e-6 * at(RATE).max()
    assert np.abs(result[:1_000]).max() < 1e-6 * at(RATE).max()


@pytest.mark.parametrize("file_rate", [44_100, 48_000, 88_200])
def test_an_impulse_stays_on_its_frame(response, file_rate):
    """A unit impulse as the response: the low-pass of the resampling around that frame, and a gain of 1 in its band."""
    impulse = np.zeros((40_000, 1))
    impulse[20_000] = 1
    result = apply(response([1.0, 0.0], file_rate), impulse)[:, 0]
    spectrum = np.fft.rfft(np.roll(result, -20_000))[: round(15_000 / RATE * 40_000)]
    assert np.abs(spectrum - 1).max() < 1e-5


def test_exact_files_are_silent_before_the_sound_to_rounding(response):
    impulse = np.zeros((40_000, 2))
    impulse[20_000] = 1
    result = apply(response(noise(1_000)), impulse)
    assert np.abs(result[:20_000]).max() < 1e-15
    assert np.abs(result[20_000:21_000] - noise(1_000)).max() < 1e-15


@pytest.mark.parametrize(
    "samples, rate, message",
    [
        (np.zeros(100), RATE, "is silent; expected an impulse response"),
        (np.ones(61 * 4_000), 4_000, "is 61.0 s long; expected an impulse response of at most 60 s"),
    ],
)
def test_files_that_are_no_impulse_responses(response, samples, rate, message):
    with pytest.raises(StemwrightError, match=message):
        apply(response(samples, rate), noise(100))


def test_four_channels(response):
    with pytest.raises(AudioFileError, match="4 channels; expected 1 or 2"):
        apply(response(np.ones((10, 4))), noise(100))
