"""The gate of lengths, to the frame."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import soundfile as sf
from gate_files import EXPECT, FRAMES, RATE, judge, only, tone

from stemwright.gates import Subject, make, verify


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize("frames, status", [(FRAMES - 1, "fail"), (FRAMES, "pass"), (FRAMES + 1, "fail")])
def test_frames(judged, frames, status):
    check = judged("frames", np.resize(tone(), (frames, 2)))
    assert (check.status, check.measured, check.limit) == (status, frames, "= 16,000")


def test_frames_are_counted_not_believed(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    path.write_bytes(path.read_bytes()[:-8])  # the header still says 16,000
    check = only(verify(Subject(str(path), "stem", EXPECT), make({"frames": {}})))
    assert (check.status, check.measured) == ("fail", FRAMES - 1)


def test_frames_of_a_source_that_declares_none_are_skipped(judged):
    check = judged("frames", tone(), "reference", expect=EXPECT | {"frames": None})
    assert (check.status, check.measured, check.reason) == (
        "skip",
        FRAMES,
        "its source does not declare a length",
    )


@pytest.mark.parametrize("song, expected", [(8_000, 8_000), (16_000, 16_000), (20_000, 16_000)])
def test_a_reference_is_no_longer_than_its_song(tmp_path, judged, song, expected):
    sf.write(tmp_path / "source.flac", tone(), RATE)
    inputs = {"source": [str(tmp_path / "source.flac")]}
    check = judged(
        "frames", tone()[:expected], "reference", context={"most_frames": song}, inputs=inputs, expect=EXPECT
    )
    assert (check.status, check.limit) == ("pass", f"= {expected:,}")
    assert check.reason == (
        "all of its source would be 16,000, the song ends before" if song < 16_000 else ""
    )


@pytest.mark.parametrize(
    "stands, expected",
    [({"start": "1/4"}, 14_000), ({"begin": 500}, 16_500), ({"start": "0.50004", "begin": 1_000}, 13_000)],
)
def test_a_reference_that_stands_elsewhere(tmp_path, judged, stands, expected):
    """It is shorter by what is left out of its file before it, and longer by the silence before it."""
    sf.write(tmp_path / "source.wav", tone(), RATE)
    context = {"most_frames": 20_000, "stands": stands}
    samples = np.resize(tone(), (expected, 2))
    inputs = {"source": [str(tmp_path / "source.wav")]}
    check = judged("frames", samples, "reference", context=context, inputs=inputs, expect=EXPECT)
    assert (check.status, check.limit) == ("pass", f"= {expected:,}")
