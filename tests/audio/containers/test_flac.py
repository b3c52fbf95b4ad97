"""FLAC: as long as it declares, every frame there, and its samples those that were written."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_files import made, refusal

from stemwright.audio import AudioFile, inspect
from stemwright.audio.containers import flac

FRAMES = 40_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return made(tmp_path_factory.mktemp("flac"), "16.flac", frames=FRAMES)[0].read_bytes()


def declaring(content, frames):
    packed = int.from_bytes(content[18:26]) >> 36 << 36 | frames
    return content[:18] + packed.to_bytes(8) + content[26:]


def starts(content):
    """The offsets of its frames of 4,096 samples: by their numbers, at 48 kHz, 16 bits, two channels."""
    found = [
        re.search(b"\xff\xf8[\xca\x7a\xba][\\x00-\xaf]" + re.escape(bytes([n])), content) for n in range(10)
    ]
    return [match.start() for match in found if match]


@pytest.mark.parametrize(
    "frames, told", [(20_000, "but the file holds 40,000"), (50_000, "the file holds 40,000")]
)
def test_a_declared_length_that_is_not_that_of_its_frames(tmp_path, whole, frames, told):
    text = refusal(tmp_path / "x.flac", declaring(whole, frames))
    assert f"its header declares {frames:,} frames" in text and told in text


def test_several_recordings_in_one_file(tmp_path, whole):
    text = refusal(tmp_path / "x.flac", whole + whole)
    assert f"several recordings, one after another; the second begins at byte {len(whole):,}" in text


def test_a_frame_that_is_missing(tmp_path, whole):
    begins = starts(whole)
    assert len(begins) == 10  # 9 of 4,096 and one of 3,136
    text = refusal(tmp_path / "x.flac", whole[: begins[3]] + whole[begins[4] :])
    assert "damaged: samples 12,288 to 16,383 are missing" in text
    text = refusal(tmp_path / "x.flac", whole[: begins[8]] + whole[begins[9] :])
    assert "damaged: samples 32,768 to 36,863 are missing" in text


def test_a_flipped_byte_is_seen_wherever_it_is(tmp_path, whole):
    rng = np.random.default_rng(2)
    for at in rng.integers(starts(whole)[0], len(whole), 40).tolist():
        refusal(tmp_path / "x.flac", whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])


@pytest.mark.parametrize("name", ["16.flac", "24.flac"])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_md5_of_the_samples(tmp_path, name, channels):
    """As libFLAC has computed it; all frames are sound, but another header is before them."""
    path, _ = made(tmp_path, name, channels)
    content = path.read_bytes()
    with AudioFile(path) as file:
        assert (
            file.container.checks_of_decoder[-1] == "the MD5 of all samples"
            and len(file.read()) == file.frames
        )
    wrong = content[:26] + bytes([content[26] ^ 1]) + content[27:]
    assert "the MD5 of its samples is not the one that its header declares" in refusal(path, wrong)
    path.write_bytes(content[:26] + bytes(16) + content[42:])  # none is declared
    with AudioFile(path) as file:
        assert len(file.read()) == file.frames and "MD5" not in file.container.evidence()


@pytest.mark.parametrize("size", [10, 1_024, 100_000])
def test_behind_an_id3_tag(tmp_path, whole, size):
    """For which it was taken for an MP3."""
    path = tmp_path / "x.flac"
    path.write_bytes(whole)
    with AudioFile(path) as file:
        expected = file.read()
    path.write_bytes(b"ID3\3\0\0" + bytes(size >> 7 * n & 127 for n in (3, 2, 1, 0)) + bytes(size) + whole)
    with AudioFile(path) as file:
        assert (file.format, inspect(path).fault) == ("FLAC", None) and np.array_equal(file.read(), expected)


@pytest.mark.parametrize(
    "options", [[], ["-compression_level", "12"], ["-sample_fmt", "s32"], ["-frame_size", "192"]]
)
def test_what_ffmpeg_writes(tmp_path, needs, options):
    data = np.random.default_rng(1).normal(0, 0.1, (50_000, 2))
    sf.write(tmp_path / "x.wav", data, 44_100, "PCM_24")
    command = [needs("ffmpeg"), "-v", "error", "-i", tmp_path / "x.wav", *options, tmp_path / "x.flac"]
    subprocess.run(command, check=True)
    with AudioFile(tmp_path / "x.flac") as file:
        assert np.abs(file.read() - data).max() < (2**-22 if "s32" in options else 2**-14)


def test_headers_across_the_windows_of_a_search(tmp_path, whole, monkeypatch):
    (tmp_path / "x.flac").write_bytes(whole)
    for size in (17, 100, 4_096):
        monkeypatch.setattr(flac, "_WINDOW", size)
        assert inspect(tmp_path / "x.flac").fault is None
