"""The gate of formats: rate, channels and subtype as asked for."""

from __future__ import annotations

from functools import partial

import pytest
import soundfile as sf
from gate_files import judge, only, tone

from stemwright.gates import Subject, make, verify


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "written, found",
    [
        ({"rate": 8_001}, "8,001 Hz, stereo, FLOAT"),
        ({"samples": tone()[:, :1]}, "8,000 Hz, mono, FLOAT"),
        ({"subtype": "PCM_16"}, "8,000 Hz, stereo, PCM_16"),
        ({"subtype": "DOUBLE"}, "8,000 Hz, stereo, DOUBLE"),
    ],
)
def test_format(judged, written, found):
    check = judged("format", **({"samples": tone()} | written))
    assert (check.status, check.measured, check.limit) == ("fail", found, "= 8,000 Hz, stereo, FLOAT")


def test_a_format_that_nobody_asked_for_does_not_pass(judged):
    with pytest.raises(KeyError):
        judged("format", tone(), expect={})


def _mp3(path, cbr):
    mode = {"bitrate_mode": "CONSTANT" if cbr else "VARIABLE", "compression_level": 0.5}
    with sf.SoundFile(path, "w", 48_000, 2, "MPEG_LAYER_III", format="MP3", **mode) as file:
        file.write(tone()[:5_000])


@pytest.mark.parametrize(
    "cbr, asked, found",
    [(True, 160, ""), (True, 192, "160 kbit/s, constant"), (False, 160, "of varying bit rate")],
)
def test_the_bit_rate_of_an_mp3(tmp_path, cbr, asked, found):
    """Libsndfile's level 0.5 between 32 and 320 is 176, and LAME takes the next that there is, 160."""
    _mp3(tmp_path / "x.mp3", cbr)
    planned = {"sample_rate": 48_000, "channels": 2, "subtype": "MPEG_LAYER_III"}
    planned |= {"container": "MP3", "bitrate_kbps": asked}
    check = only(verify(Subject(str(tmp_path / "x.mp3"), "delivered", planned), make({"format": {}})))
    assert check.status == ("fail" if found else "pass")
    assert check.measured.endswith(found) and check.limit.endswith(f"{asked} kbit/s, constant")


@pytest.mark.parametrize("container, planned", [("OGG", "OPUS"), ("AIFF", "WAV"), ("FLAC", "ALAC")])
def test_another_container(tmp_path, container, planned):
    subtype = {"OGG": "VORBIS"}.get(container, "PCM_16")
    sf.write(tmp_path / "x", tone()[:2_000], 8_000, subtype, format=container)
    asked = {"sample_rate": 8_000, "channels": 2, "container": planned}
    asked["subtype"] = {"OPUS": "OPUS", "ALAC": "ALAC"}.get(planned, "PCM_16")
    check = only(verify(Subject(str(tmp_path / "x"), "delivered", asked), make({"format": {}})))
    assert check.status == "fail" and subtype in check.measured
