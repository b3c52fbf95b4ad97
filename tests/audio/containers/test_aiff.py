"""AIFF: what is whole is read, though its sizes are not quite as they should be."""

from __future__ import annotations

import struct

import numpy as np
from audio_files import FRAMES, made, refusal

from stemwright.audio import AudioFile


def test_a_form_size_that_counts_its_own_header(tmp_path):
    path, data = made(tmp_path, "24.aiff")
    content = path.read_bytes()
    path.write_bytes(content[:4] + struct.pack(">I", len(content)) + content[8:])
    with AudioFile(path) as file:
        assert np.array_equal(file.read(), data)


def test_more_sound_than_it_declares(tmp_path):
    path, _ = made(tmp_path, "16.aiff")
    content = path.read_bytes()
    at = content.index(b"SSND") + 4
    halved = content[:at] + struct.pack(">I", 8 + 8_000) + content[at + 4 :]
    text = refusal(path, halved)
    assert (
        f"declares {FRAMES:,} frames (COMM), its audio chunk (SSND) has 2,000" in text
        or "frames more" in text
    )
    unfinished = content[:at] + struct.pack(">I", 8) + content[at + 4 :]
    assert "declares 0 bytes of audio, but 16,004 bytes follow it" in refusal(path, unfinished)


def test_an_audio_chunk_smaller_than_its_own_header(tmp_path):
    path, _ = made(tmp_path, "16.aiff")
    content = path.read_bytes()
    at = content.index(b"SSND") + 4
    text = refusal(path, content[:at] + struct.pack(">I", 0) + content[at + 4 :])
    assert "declares fewer bytes than its own header has" in text
