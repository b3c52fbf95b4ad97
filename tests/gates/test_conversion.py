"""The gate of converted files: a delivered file is what it was made from, at its level and in its place."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from marks import long_but

from stemwright.delivery.encoding import Sound, encode
from stemwright.gates import Subject, make, verify

RATE, FRAMES = 16_000, 16_000
MP3 = {"container": "MP3", "bitrate_kbps": 64}
FORMATS = {
    "mp3": (MP3, "MPEG_LAYER_III"),
    "ogg": ({"container": "OGG", "quality": 3}, "VORBIS"),
    "opus": ({"container": "OPUS", "bitrate_kbps": 64}, "OPUS"),
    "slower": ({"container": "WAV", "subtype": "PCM_16", "sample_rate": 11_025}, "PCM_16"),
    "mono": ({"container": "FLAC", "subtype": "PCM_24", "channels": 1}, "PCM_24"),
    "right": ({"container": "WAV", "subtype": "FLOAT", "channels": "R"}, "FLOAT"),
}


def music(seed=1):
    """Decaying tones over some noise, different on both sides."""
    time, random = np.arange(FRAMES) / RATE, np.random.default_rng(seed)
    tones = sum(np.sin(2 * np.pi * f * time + p) for f, p in random.uniform((80, 0), (3_000, 6), (6, 2)))
    both = 0.1 * tones * np.exp(-3 * (time % 0.25)) + random.normal(0, 0.003, (2, FRAMES))
    return both.T * [1, 0.7]


def low_tone():
    return 0.3 * np.sin(2 * np.pi * 110 * np.arange(FRAMES) / RATE)[:, None].repeat(2, 1)


def checked(tmp_path, name="mp3", made_of=None, delivered=None, role="master"):
    """The checks, by name, of a file in a format, that was made of some samples and holds others."""
    keys, subtype = FORMATS[name]
    made_of = music() if made_of is None else made_of
    held = made_of if delivered is None else delivered
    sf.write(tmp_path / "before.wav", made_of, RATE, "FLOAT")
    encode("x", tmp_path / "x", Sound(lambda: iter([held]), RATE, 2, len(held)), keys, 1)
    channels = keys.get("channels", 2)
    planned = {"sample_rate": keys.get("sample_rate", RATE), "channels": 2, "subtype": subtype}
    context = {
        "faders": {},
        "before": {"sample_rate": RATE, "channels": 2, "frames": FRAMES},
        "channels": channels,
        "is_lossy": not keys.get("subtype"),
        "step": {"PCM_16": 2.0**-15, "PCM_24": 2.0**-23}.get(subtype, 0.0),
        "may_be_lowered": role == "master",
    }
    subject = Subject(
        str(tmp_path / "x"),
        "delivered",
        planned,
        {"conversion": context},
        {"parts": [str(tmp_path / "before.wav")]},
    )
    return {check.id: check for check in verify(subject, make({"conversion": {}})).checks}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("sound", long_but([music], [music, low_tone]))
def test_what_was_converted_passes(tmp_path, name, sound):
    checks = checked(tmp_path, name, sound(), role="stem")
    assert {check.status for check in checks.values()} == {"pass"}, checks
    assert abs(checks["conversion.gain"].measured) <= 0.2
    assert ("conversion.delay" in checks) == (name in ("mp3", "ogg", "opus"))


def late(samples, frames):
    return np.roll(samples, frames, axis=0)


FAULTS = {
    "another sound": (lambda samples: music(2), "likeness"),
    "inverted": (lambda samples: -samples, "likeness"),
    "1.5 dB quieter": (lambda samples: samples * 10 ** (-1.5 / 20), "gain"),
    "1.5 dB louder": (lambda samples: samples * 10 ** (1.5 / 20), "gain"),
    "a decoder's delay late": (lambda samples: late(samples, 529), "delay"),
    "two frames early": (lambda samples: late(samples, -2), "delay"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", long_but(["mp3"], ["mp3", "opus"]))
def test_a_lossy_file_that_is_another_is_refused(tmp_path, name, fault):
    change, check = FAULTS[fault]
    checks = checked(tmp_path, name, delivered=change(music()), role="stem")
    assert checks[f"conversion.{check}"].status == "fail"
    if check == "delay":
        assert abs(checks["conversion.delay"].measured) in (2, 529)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", long_but(["slower"], ["slower", "mono", "right"]))
def test_a_lossless_file_that_is_another_is_refused(tmp_path, name, fault):
    change, check = FAULTS[fault]
    checks = checked(tmp_path, name, delivered=change(music()), role="stem")
    assert "fail" in {found.status for found in checks.values()}
    if check == "gain":
        assert abs(abs(checks["conversion.gain"].measured) - 1.5) < 0.02


@pytest.mark.parametrize("lowered, status", [(0.4, "pass"), (5.5, "pass"), (7.5, "fail")])
def test_a_master_may_be_turned_down_and_it_is_said_by_how_much(tmp_path, lowered, status):
    checks = checked(tmp_path, delivered=music() * 10 ** (-lowered / 20))
    assert checks["conversion.gain"].status == status
    assert checks["conversion.gain"].measured == pytest.approx(-lowered, abs=0.1)


@pytest.mark.parametrize("delivered, status", [(0.0, "pass"), (0.1, "fail")])
def test_silence_stays_silent(tmp_path, delivered, status):
    made_of = np.zeros((FRAMES, 2))
    (check,) = checked(tmp_path, made_of=made_of, delivered=made_of + delivered * music()).values()
    assert check.status == status


def test_another_length_is_refused(tmp_path):
    (check,) = checked(tmp_path, delivered=music()[:-5]).values()
    assert check.status == "fail" and "frames" in check.reason


@pytest.mark.parametrize("dbfs", [-84, -105, -130])
def test_rounding_is_no_change_of_the_level_of_a_very_quiet_sound(tmp_path, dbfs):
    made_of = np.random.default_rng(3).normal(0, 10 ** (dbfs / 20), (FRAMES, 2))
    checks = checked(tmp_path, "slower", made_of, role="stem")
    assert {check.status for check in checks.values()} == {"pass"}, checks


def test_what_is_cut_off_at_full_scale_is_told_apart_from_a_changed_file(tmp_path):
    square = np.sign(np.sin(2 * np.pi * 220.5 * np.arange(FRAMES) / RATE) + 1e-9)[:, None].repeat(2, 1)
    check = checked(tmp_path, "slower", 0.98 * square, role="stem")["conversion.likeness"]
    assert check.status == "fail" and "lower its level, or choose FLOAT" in check.remedy


def test_noise_that_a_codec_left_out_has_a_remedy(tmp_path):
    check = checked(tmp_path, delivered=music(2), role="stem")["conversion.likeness"]
    assert check.status == "fail" and "choose a higher bit rate" in check.remedy
