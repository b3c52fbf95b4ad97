"""Core Audio Format: as libsndfile and ffmpeg write it, cut off, and without a length."""

from __future__ import annotations

import struct
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_files import made, refusal

from stemwright.audio import AudioFile, inspect

DATA = np.arange(2_000, dtype="<i2")


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("endian", ["BIG", "LITTLE"])
def test_caf(tmp_path, subtype, endian):
    path = tmp_path / "x.caf"
    sf.write(path, DATA.reshape(-1, 2) / 32_768, 44_100, subtype, endian, "CAF")
    found = inspect(path)
    assert (found.format, found.sample_rate, found.channels, found.frames) == ("CAF", 44_100, 2, 1_000)
    with AudioFile(path) as file:
        assert np.abs(file.read().ravel() * 32_768 - DATA).max() < 1.01
    content = path.read_bytes()
    assert "truncated" in refusal(path, content[:-100])
    at = content.index(b"data") + 4
    assert "declares no length" in refusal(path, content[:at] + b"\xff" * 8 + content[at + 8 :])
    size = int.from_bytes(content[at : at + 8]) - 4
    halved = content[:at] + struct.pack(">Q", 4 + size // 2) + content[at + 8 :]
    assert "500 frames more, if they are sound" in refusal(path, halved)


def test_alac_by_ffmpeg(tmp_path, needs):
    wav, data = made(tmp_path, "16.wav")
    command = [needs("ffmpeg"), "-v", "error", "-i", wav, "-c:a", "alac", tmp_path / "x.caf"]
    subprocess.run(command, check=True)
    with AudioFile(tmp_path / "x.caf") as file:
        assert file.container.kind == "CAF (ALAC)" and np.array_equal(file.read(), data)
