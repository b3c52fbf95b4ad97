"""M4A and AAC: decoded by ffmpeg where it is installed."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from audio_files import made, refusal

from stemwright.audio import AudioFile

KINDS = {
    "alac.m4a": ["-c:a", "alac"],
    "aac.m4a": ["-c:a", "aac"],
    "x.aac": [],
    "fast.m4a": ["-movflags", "+faststart"],
}


@pytest.fixture
def encoded(tmp_path, needs):
    def encode(name):
        wav, data = made(tmp_path, "16.wav")
        subprocess.run([needs("ffmpeg"), "-v", "error", "-i", wav, *KINDS[name], tmp_path / name], check=True)
        return tmp_path / name, data

    return encode


@pytest.mark.parametrize("name", KINDS)
def test_what_ffmpeg_decodes(encoded, needs, name):
    path, data = encoded(name)
    command = [needs("ffmpeg"), "-v", "error", "-i", path, "-f", "f64le", "-"]
    expected = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout).reshape(-1, 2)
    with AudioFile(path) as file:
        found = file.read()
        assert (file.rate, file.channels, file.frames) == (48_000, 2, len(found))
        assert np.array_equal(np.concatenate(list(file.blocks(1_234, 1_000))), found[1_234:2_234])
    assert np.array_equal(found, expected)
    if name == "alac.m4a":
        assert np.array_equal(found, data)
    content = path.read_bytes()
    assert "truncated" in refusal(path, content[:-100])


def test_without_ffmpeg(encoded, monkeypatch):
    path, _ = encoded("aac.m4a")
    monkeypatch.setenv("PATH", "/nowhere")
    assert "is MP4 (AAC), which needs ffmpeg, and it is not installed: apt install ffmpeg" in refusal(path)
