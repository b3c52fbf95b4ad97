"""Files that stand in a song: where they begin and end, to the frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile as sf

from stemwright.audio import AudioFile
from stemwright.audio.placed_file import PlacedFile, beyond_end, rate_and_frames
from stemwright.base.errors import AudioFileError


@pytest.fixture
def path(tmp_path):
    sf.write(tmp_path / "a.wav", np.linspace(-0.9, 0.9, 1_000), 8_000, "DOUBLE")
    return str(tmp_path / "a.wav")


@pytest.mark.parametrize("start, begin", [("0", 0), ("1/80", 0), ("0", 300), ("1/80", 300), ("0.02506", 1)])
def test_silence_then_the_file(path, start, begin):
    placed = PlacedFile(path, Fraction(start), begin)
    first = round(float(Fraction(start)) * 8_000)
    with AudioFile(path) as file:
        out = np.concatenate(list(placed.stream(file, 8_000, 1)))[:, 0]
    assert len(out) == placed.end(1_000, 8_000, 8_000) == begin + 1_000 - first
    assert not out[:begin].any()
    assert np.array_equal(out[begin:], np.linspace(-0.9, 0.9, 1_000)[first:])
    assert placed.end(1_000, 8_000, 16_000) == begin + 2 * (1_000 - first)
    assert PlacedFile.from_dict(path, placed.to_dict()) == placed


def test_a_start_beyond_its_end(path):
    placed = PlacedFile(path, Fraction(1, 8))
    assert placed.end(1_000, 8_000, 8_000) == 0
    with (
        AudioFile(path) as file,
        pytest.raises(AudioFileError, match=r"start 0.125 s is beyond its end \(0.125 s\)"),
    ):
        list(placed.stream(file, 8_000, 1))


def test_what_a_file_declares(path, tmp_path):
    (tmp_path / "no.wav").write_text("no audio")
    assert rate_and_frames(path) == (8_000, 1_000)
    assert rate_and_frames(str(tmp_path / "no.wav")) is None


def test_a_header_without_a_rate_says_nothing(path):
    """Edits and alignments divide by the rate."""
    with open(path, "r+b") as file:
        file.seek(24)
        file.write(bytes(4))
    assert rate_and_frames(path) is None


def test_a_file_without_frames_is_said_to_have_none():
    assert beyond_end(Fraction(0), 0, 8_000) == "the file has no audio in it (0 frames)"
