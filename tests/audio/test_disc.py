"""A disc: where tracks begin, by arithmetic on paper; its sound, sample by sample."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile as sf
import soxr
from blocks import noise
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.audio.disc import RATE, SECTOR, Source, disc_frames, disc_stream, layout, tracks_between

sources = st.lists(
    st.builds(
        Source,
        st.sampled_from([8_000, 44_100, 48_000]),
        st.integers(10_000, 200_000),
        st.sampled_from([Fraction(0), Fraction(1, 1_000), Fraction(3, 2), Fraction(2)]),
    ),
    min_size=1,
    max_size=6,
)


def test_after_a_gap_a_track_begins_on_a_sector_and_without_one_where_the_other_ends():
    tracks = layout(
        [
            Source(44_100, 600, Fraction(5)),
            Source(44_100, 1_000, Fraction(2)),
            Source(44_100, 600, Fraction(0)),
        ]
    )
    first, second, third = tracks
    assert (first.start, first.end, first.mark, first.pause) == (0, 600, 0, None)  # the first has no gap
    # 600 + 88,200 = 88,800 frames are 151.02 sectors; silence begins in the sector after frame 600, the third.
    assert (second.start, second.mark, second.pause) == (152 * 588, 152, 2)
    assert (third.start, third.mark, third.pause) == (152 * 588 + 1_000, 153, None)
    assert disc_frames(tracks) == 155 * 588


@settings(max_examples=40)
@given(sources)
def test_marks_are_in_the_sector_of_their_track_and_gaps_less_than_two_sectors_longer(given_sources):
    tracks = layout(given_sources)
    for track, source, before in zip(tracks[1:], given_sources[1:], tracks, strict=False):
        assert track.mark * SECTOR <= track.start < (track.mark + 1) * SECTOR
        assert track.end - track.start == pytest.approx(source.frames * RATE / source.rate, abs=1)
        silence = track.start - before.end
        if source.gap_s:
            assert track.start == track.mark * SECTOR
            assert -0.5 <= silence - source.gap_s * RATE < SECTOR
            assert track.pause is None or before.end <= track.pause * SECTOR < track.start
        else:
            assert silence == 0 and track.pause is None
    assert 0 <= disc_frames(tracks) - tracks[-1].end < SECTOR and disc_frames(tracks) % SECTOR == 0


def test_the_sound_is_that_of_the_files_and_silence(tmp_path):
    sounds = [noise(20_001), noise(15_000, 1), noise(9_000)]
    paths = [str(tmp_path / f"{i}.wav") for i in range(3)]
    for path, sound in zip(paths, sounds, strict=True):
        sf.write(path, sound, 44_100, "DOUBLE")
    placed = [
        Source(44_100, len(sound), gap)
        for sound, gap in zip(sounds, map(Fraction, ("2", "0", "1/3")), strict=True)
    ]
    disc = np.concatenate(list(disc_stream(paths, placed)))
    tracks = layout(placed)
    expected = np.zeros((disc_frames(tracks), 2))
    for track, sound in zip(tracks, sounds, strict=True):
        expected[track.start : track.end] = sound
    assert np.array_equal(disc, expected)


def test_tracks_without_a_gap_are_resampled_as_one(tmp_path):
    """A tone that is cut in two: the seam is the tone, as resampled whole."""
    tone = 0.5 * np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))[:, None].repeat(2, axis=1)
    for name, part in (("a", tone[:20_011]), ("b", tone[20_011:])):
        sf.write(tmp_path / f"{name}.wav", part, 48_000, "DOUBLE")
    placed = [Source(48_000, 20_011, Fraction(0)), Source(48_000, 27_989, Fraction(0))]
    disc = np.concatenate(list(disc_stream([str(tmp_path / "a.wav"), str(tmp_path / "b.wav")], placed)))
    whole = soxr.resample(tone, 48_000, 44_100, "VHQ")
    assert np.abs(disc[: len(whole)] - whole).max() < 1e-9 and not disc[len(whole) :].any()
    assert layout(placed)[1].start == 18_385  # 20,011 · 147/160 = 18,385.1


@settings(max_examples=15)
@given(sources, st.integers(20_000, 100_000))
def test_blocks_are_divided_between_tracks(given_sources, size):
    tracks = layout(given_sources)
    found = np.full(disc_frames(tracks), -1)
    for at in range(0, len(found), size):
        block = found[at : at + size]
        for number, first, last in tracks_between(tracks, at, len(block)):
            block[first:last] = number
    expected = np.full(len(found), -1)
    for number, track in enumerate(tracks):
        expected[track.start : track.end] = number
    assert np.array_equal(found, expected)
