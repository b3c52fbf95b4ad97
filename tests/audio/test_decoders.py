"""Decoders: who reads what, and that nothing of them is left behind."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_files import made

from stemwright.audio import AudioFile
from stemwright.audio.decoders import programs_for


def crc(data, polynomial, bits):
    """By the book, bit by bit (RFC 9639, 9.1.8 and 9.3)."""
    value = 0
    for bit in "".join(f"{byte:08b}" for byte in data):
        value = value << 1 ^ (polynomial if (value >> bits - 1 ^ int(bit)) & 1 else 0)
        value &= (1 << bits) - 1
    return value.to_bytes(bits // 8)


def flac_of(samples, bits):
    """A FLAC of one verbatim frame (RFC 9639): mono, 48 kHz."""
    grid = {12: 2, 20: 5}[bits]
    digest = hashlib.md5(
        samples.astype("<i4").view(np.uint8).reshape(-1, 4)[:, : -(-bits // 8)].tobytes()
    ).digest()
    count = len(samples)
    packed = 48_000 << 44 | bits - 1 << 36 | count
    info = struct.pack(">HH6xQ", count, count, packed) + digest
    head = bytes([0xFF, 0xF8, 7 << 4 | 10, grid << 1, 0]) + struct.pack(">H", count - 1)
    text = "".join(f"{value & (1 << bits) - 1:0{bits}b}" for value in [*samples.tolist()])
    text += "0" * (-len(text) % 8)
    body = head + crc(head, 0x07, 8) + b"\x02" + int(text, 2).to_bytes(len(text) // 8)
    return b"fLaC\x80\0\0\x22" + info + body + crc(body, 0x8005, 16)


@pytest.mark.parametrize("bits", [12, 20])
def test_flac_of_odd_depths_by_ffmpeg(tmp_path, needs, bits):
    """Libsndfile reads 8, 16 and 24 bits."""
    needs("ffmpeg")
    data = np.random.default_rng(1).integers(-(1 << bits - 1), 1 << bits - 1, 1_000)
    (tmp_path / "x.flac").write_bytes(flac_of(data, bits))
    with AudioFile(tmp_path / "x.flac") as file:
        assert (file.container.bits, file.container.fault) == (bits, None)
        assert np.array_equal(file.read()[:, 0] * 2.0 ** (bits - 1), data)


def test_programs_that_decode_a_file(tmp_path, needs):
    wav, _ = made(tmp_path, "16.wav")
    ffmpeg = needs("ffmpeg")
    subprocess.run([ffmpeg, "-v", "error", "-i", wav, tmp_path / "x.m4a"], check=True)
    version = subprocess.run([ffmpeg, "-version"], capture_output=True, text=True, check=True).stdout.split()[
        2
    ]
    assert programs_for(str(tmp_path / "x.m4a")) == {"ffmpeg": version}
    assert programs_for(str(wav)) == programs_for(str(tmp_path / "none")) == programs_for("a\0b") == {}


def test_nothing_is_left_of_a_reading_that_ended_early(tmp_path, needs):
    wav, _ = made(tmp_path, "16.wav", frames=200_000)
    subprocess.run(
        [needs("ffmpeg"), "-v", "error", "-i", wav, "-c:a", "alac", tmp_path / "x.m4a"], check=True
    )
    sf.write(tmp_path / "x.mp3", np.zeros(200_000), 48_000)
    before = len(os.listdir("/proc/self/fd"))
    for name in ("x.m4a", "x.mp3", "16.wav"):
        with AudioFile(tmp_path / name) as file:
            blocks = file.blocks()
            next(blocks)
            blocks.close()
    assert len(os.listdir("/proc/self/fd")) == before
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not children.exists() or not children.read_text().split()


@pytest.mark.parametrize("format", ["WAV", "WAVEX", "RF64", "W64", "AIFF", "CAF"])
@pytest.mark.parametrize("channels", [1, 2])
def test_24_bits_as_libsndfile_reads_them(tmp_path, format, channels):
    path = tmp_path / "x"
    samples = np.clip(np.random.default_rng(1).normal(0, 0.5, (70_001, channels)), -1, 1)
    samples[0], samples[1] = -1, 1
    sf.write(path, samples, 48_000, "PCM_24", format=format)
    expected = sf.read(path, always_2d=True)[0]
    with AudioFile(path) as file:
        assert np.array_equal(np.concatenate(list(file.blocks())), expected)
        assert np.array_equal(np.concatenate(list(file.blocks(333, 7))), expected[333:340])
