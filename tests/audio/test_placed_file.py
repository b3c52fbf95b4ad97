"""Files that stand in a song: where they begin and end, to the frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile as sf

from stemwright.audio import AudioFile
from stemwright.audio.placed_file import PlacedFile, rate_and_frames
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
