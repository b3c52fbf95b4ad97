"""WAV and its larger forms: read where they are whole, and refused where they can be read in more than one way."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import soundfile as sf
from audio_files import chunk, made, refusal, wav

from stemwright.audio import AudioFile, inspect

DATA = np.arange(2_000, dtype="<i2")


def read(path):
    with AudioFile(path) as file:
        assert file.container.trailing_bytes == 0
        return file.read()


@pytest.mark.parametrize("after", [b"", chunk(b"LIST", bytes(100)), chunk(b"id3 ", b"odd")])
def test_a_riff_size_that_counts_its_own_header(tmp_path, after):
    content = wav(DATA.tobytes(), after=after)
    path = tmp_path / "x.wav"
    path.write_bytes(content[:4] + struct.pack("<I", len(content)) + content[8:])
    assert np.array_equal(read(path).ravel() * 32_768, DATA)
    assert "truncated" in refusal(path, path.read_bytes()[:-8])


def test_a_pad_byte_that_was_not_written(tmp_path):
    path = tmp_path / "x.wav"
    content = wav(b"\x80\x90\xa0", channels=1, bits=8, align=1)
    path.write_bytes(content[:4] + struct.pack("<I", len(content) - 7) + content[8:])
    assert read(path).ravel() * 128 == pytest.approx([0, 16, 32])


def test_a_chunk_that_was_appended_without_the_riff_size(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(wav(DATA.tobytes()) + chunk(b"LIST", bytes(100)))
    assert len(read(path)) == 1_000


def test_bw64(tmp_path):
    path, data = made(tmp_path, "rf64.wav")
    path.write_bytes(b"BW64" + path.read_bytes()[4:])
    assert inspect(path).format == "BW64" and np.array_equal(read(path), data)
    assert "truncated" in refusal(path, path.read_bytes()[:-1_000])


def test_wave64(tmp_path):
    path = tmp_path / "x.w64"
    sf.write(path, DATA.reshape(-1, 2), 48_000, "PCM_16", format="W64")
    found = inspect(path)
    assert (found.format, found.sample_rate, found.channels, found.frames) == ("W64", 48_000, 2, 1_000)
    assert np.array_equal(read(path).ravel() * 32_768, DATA)
    content = path.read_bytes()
    assert "truncated: its header declares 4,000 bytes of audio, the file holds 3,984" in refusal(
        path, content[:-16]
    )
    at = content.index(b"data")
    halved = content[: at + 16] + struct.pack("<Q", 2_024) + content[at + 24 :]
    assert "500 frames more, if they are sound" in refusal(path, halved)
    endless = content[: at + 16] + b"\xff" * 7 + b"\x7f" + content[at + 24 :]
    assert "declares no length" in refusal(path, endless)


@pytest.mark.parametrize("frames", [1, 319, 320, 321, 8_000])
def test_gsm(tmp_path, frames):
    """Its blocks of 320 samples are filled up; the chunk `fact` says how many of them are sound."""
    sf.write(tmp_path / "x.wav", np.sin(np.arange(frames) / 5) / 2, 8_000, "GSM610")
    found = read(tmp_path / "x.wav").ravel()
    assert len(found) == inspect(tmp_path / "x.wav").frames == frames
    with AudioFile(tmp_path / "x.wav") as file:
        assert np.array_equal(np.concatenate(list(file.blocks(frames // 2))).ravel(), found[frames // 2 :])
        assert (file.subtype, file.container.kind) == ("GSM610", "WAV (GSM 6.10)")


def test_the_frames_of_adpcm_are_those_of_the_sound(tmp_path):
    sf.write(tmp_path / "x.wav", np.zeros(10_000), 48_000, "MS_ADPCM")
    assert len(read(tmp_path / "x.wav")) == 10_000


def test_mp3_in_wav(tmp_path):
    layer3, _ = made(tmp_path, "layer3.mp3")
    form = struct.pack("<HHIIHHHHIHHH", 0x55, 2, 48_000, 16_000, 1, 0, 12, 1, 2, 1_152, 1, 1_393)
    data = layer3.read_bytes()
    body = b"WAVE" + chunk(b"fmt ", form) + chunk(b"data", data)
    (tmp_path / "x.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert np.array_equal(read(tmp_path / "x.wav"), read(layer3))
    assert inspect(tmp_path / "x.wav").kind == "WAV (MP3)"


@pytest.mark.parametrize(
    "keys", [{"align": 8, "bits": 24}, {"align": 4, "bits": 24, "channels": 1}, {"align": 3}]
)
def test_frames_of_another_size_than_channels_and_bits_make(tmp_path, keys):
    """Also where faults are only recorded: 24 bits in 4 bytes may be the upper or the lower ones."""
    path = tmp_path / "x.wav"
    path.write_bytes(wav(bytes(4_800), **keys))
    with AudioFile(path, lenient=True) as file:
        assert "it can be read in more than one way" in file.container.fault
    assert "Export it again" in refusal(path)
