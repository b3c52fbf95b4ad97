"""Encoding: other rates and channels, and a master whose peaks a codec would raise."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import scipy.signal
from marks import long_but

from stemwright.audio import AudioFile
from stemwright.base.errors import StemwrightError
from stemwright.delivery import encoding
from stemwright.delivery.encoding import Sound, converted, encode

RATE = 16_000


def sound(samples, rate=RATE):
    return Sound(lambda: iter(np.array_split(samples, 7)), rate, samples.shape[1], len(samples))


def read(sound):
    return np.concatenate(list(sound.blocks()))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_is_the_same_tone_at_another_rate_and_as_long_to_the_frame(rate, channels):
    frames, hertz = 5_003, 1_000
    tone = np.sin(2 * np.pi * hertz * np.arange(frames) / RATE)[:, None].repeat(channels, 1)
    found = read(converted(sound(tone), rate, channels))
    assert len(found) == round(frames * rate / RATE)
    middle = slice(len(found) // 4, -len(found) // 4)  # away from where the tone is cut off
    expected = np.sin(2 * np.pi * hertz * np.arange(len(found)) / rate)[:, None]
    assert np.abs(found - expected)[middle].max() < 1e-5


@pytest.mark.parametrize("rate", [11_025, 44_100])
@pytest.mark.parametrize("frames", [16_000, 3_200])
def test_a_loop_at_another_rate_is_that_of_its_repetition(rate, frames):
    time = np.arange(frames) / RATE
    loop = (np.sin(2 * np.pi * 440 * time + 1) + np.sin(2 * np.pi * 1_000 * time))[:, None]
    sounding = Sound(lambda: iter(np.array_split(loop, 7)), RATE, 1, frames, is_loop=True)
    found = read(converted(sounding, rate, 1))
    repeated = scipy.signal.resample(loop, frames * rate // RATE)  # by FFT, which takes it for periodic
    assert len(found) == len(repeated)
    assert np.abs(found - repeated).max() < 1e-4
    alone = read(converted(sound(loop), rate, 1))
    assert np.abs(alone - repeated).max() > 0.1


def test_channels(tmp_path):
    left, right = np.random.default_rng(1).normal(0, 0.1, (2, 1_000))
    stereo, mono = sound(np.stack([left, right], 1)), sound(left[:, None])
    assert np.array_equal(read(converted(stereo, RATE, 1))[:, 0], (left + right) / 2)
    assert np.array_equal(read(converted(stereo, RATE, "L"))[:, 0], left)
    assert np.array_equal(read(converted(stereo, RATE, "R"))[:, 0], right)
    assert np.array_equal(read(converted(mono, RATE, 2)), np.stack([left, left], 1))


def loud():
    """Square waves and noise at -1 dBFS: a codec has to leave out what makes them flat."""
    time = np.arange(RATE) / RATE
    square = np.sign(np.sin(2 * np.pi * 220 * time)) + np.random.default_rng(3).uniform(-0.5, 0.5, RATE)
    return 10 ** (-1 / 20) * np.clip(square, -1, 1)[:, None].repeat(2, 1)


CODECS = [
    {"container": "MP3", "bitrate_kbps": 64},
    {"container": "OGG", "quality": 1},
    {"container": "OPUS", "bitrate_kbps": 48},
    {"container": "WAV", "subtype": "PCM_24", "sample_rate": 11_025},
]


@pytest.mark.parametrize("keys", long_but(CODECS[:1], CODECS))
def test_a_master_is_turned_down_until_its_decoded_true_peak_is_under_the_ceiling(tmp_path, needs, keys):
    def peak(name, ceiling):
        lowered = encode("x", tmp_path / name, sound(loud()), keys | ceiling, 1)
        command = [
            needs("ffmpeg"),
            "-v",
            "error",
            "-i",
            tmp_path / name,
            "-f",
            "f64le",
            "-c:a",
            "pcm_f64le",
            "-",
        ]
        decoded = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        samples = np.frombuffer(decoded).reshape(-1, 2)
        between = scipy.signal.resample_poly(samples, 4, 1)  # in another filter's eyes
        return lowered, 20 * np.log10(np.abs(between).max())

    (none, before), (lowered, after) = peak("as it is", {}), peak("lowered", {"ceiling_dbtp": -1.0})
    assert none == 0 and before > -0.5
    assert before - after == pytest.approx(lowered, abs=0.4) and -2.5 < after < -0.8
    assert encode("x", tmp_path / "again", sound(loud()), keys | {"ceiling_dbtp": -1.0}, 1) == lowered
    assert (tmp_path / "again").read_bytes() == (tmp_path / "lowered").read_bytes()


def test_a_codec_that_does_not_come_under_the_ceiling_is_an_error_with_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "_TRIES", 1)
    with pytest.raises(StemwrightError, match=r"^x: its true peak .* \d\.\d\d dB above -1 dBTP .* bit rate"):
        encode("x", tmp_path / "x", sound(loud()), CODECS[0] | {"ceiling_dbtp": -1.0}, 1)


def test_only_integers_are_dithered(tmp_path):
    quiet = np.full((1_000, 1), 0.3 / 2**15)
    for keys, is_dithered in [({"subtype": "PCM_16"}, True), ({"subtype": "FLOAT"}, False)]:
        encode("x", tmp_path / "x", sound(quiet), {"container": "AIFF", **keys}, 1)
        with AudioFile(tmp_path / "x") as file:
            assert (len(np.unique(file.read())) > 1) == is_dithered
