"""The spectrogram: tones at their place and level, compared with what they are."""

import base64

import numpy as np
import pytest

from stemwright.pages.spectrogram import Spectrogram

RATE = 8_000


def levels(samples, block=65_536, rate=RATE):
    """The drawing in dB, of shape (bands, columns), and the edges of its bands in Hz."""
    meter = Spectrogram(len(samples), rate, samples.shape[1])
    for at in range(0, len(samples), block):
        meter.feed(samples[at : at + block])
    data = meter.data()
    steps = np.frombuffer(base64.b64decode(data["data"]), np.uint8).reshape(data["bands"], data["columns"])
    edges = data["low_hz"] * (data["high_hz"] / data["low_hz"]) ** (
        np.arange(data["bands"] + 1) / data["bands"]
    )
    return data["floor_db"] * (1 - steps / 255.0), edges


def sine(hertz, seconds=2.0, level=1.0, channels=1):
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], channels, axis=1)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("level_db", [0, -40])
def test_a_tone_is_in_its_band_at_its_level(level_db, channels):
    for hertz in (700.0, 1_000.0, 3_000.0):
        drawing, edges = levels(sine(hertz, level=10 ** (level_db / 20), channels=channels))
        band = int(np.searchsorted(edges, hertz)) - 1
        middle = drawing[:, 5:-5]
        assert np.abs(middle[band - 1 : band + 2].max(axis=0) - level_db).max() < 2
        assert (
            middle[: band - 6].max() < level_db - 50 and middle[band + 6 :].max(initial=-96) < level_db - 50
        )


def test_a_burst_is_in_its_column():
    samples = np.zeros((RATE * 4, 1))
    samples[RATE * 2 : RATE * 3] = sine(500, 1)
    drawing, _ = levels(samples)
    sounding = np.flatnonzero(drawing.max(axis=0) > -20) / drawing.shape[1] * 4
    assert sounding.min() == pytest.approx(2, abs=0.1) and sounding.max() == pytest.approx(3, abs=0.1)


def test_one_channel_alone_is_3_db_less_and_silence_is_the_floor():
    samples = sine(1_000, channels=2)
    samples[:, 1] = 0
    assert levels(samples)[0][:, 5:-5].max() == pytest.approx(-3, abs=1)
    assert (levels(np.zeros((RATE, 2)))[0] == -96).all()


def test_it_does_not_depend_on_blocks_and_takes_the_shortest_files():
    samples = np.random.default_rng(1).normal(0, 0.1, (30_011, 2))
    whole, _ = levels(samples)
    for block in (97, 600, 4_096):
        assert np.abs(levels(samples, block)[0] - whole).max() <= 0.4  # a step: floats add up otherwise
    for frames in (1, 5, 511, 513):
        assert levels(samples[:frames])[0].shape[0] == 64


def test_an_hour_has_as_few_windows_as_ten_minutes():
    hour, ten = (Spectrogram(48_000 * seconds, 48_000, 2) for seconds in (3_600, 600))
    assert len(hour._starts) == 4 * 600 >= len(ten._starts)
