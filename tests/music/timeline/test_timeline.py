"""Musical time: sections, references and beats laid out, exact and rounded once."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempo_maps import RATES, SLOWER_IN_THREE, maps, timeline

from stemwright.base.errors import StemwrightError
from stemwright.music.timeline import (
    Timeline,
    TimelineError,
    parse_duration,
)
from stemwright.music.timeline.timeline import document


def refused(*sections, **options):
    with pytest.raises(TimelineError) as caught:
        timeline(*sections, **options)
    return caught.value.path, str(caught.value)


# --- sections over a length ---------------------------------------------------------------------


def test_a_reference_may_end_within_a_frame_of_the_last_bar():
    """80 bars at 140 are 6,582,857 1/7 frames; the reference has a frame more begun."""
    song = timeline(("verse", "40 bars"), ("chorus", "40 bars"), length=6_582_858)
    assert song.frames == song.sections[-1].end_frame == 6_582_858
    assert [s.start_frame for s in song.sections] == [0, 3_291_429]


@pytest.mark.parametrize("frames, fits", [(6_582_856, False), (6_582_857, True), (6_582_859, False)])
def test_a_reference_further_off_is_refused(frames, fits):
    if fits:
        assert timeline(("all", "80 bars"), length=frames).frames == frames
    else:
        path, text = refused(("all", "80 bars"), length=frames)
        assert path == ("sections",)
        assert "137.143 s (to bar 81 beat 1)" in text


def test_sections_longer_than_the_song():
    path, text = refused(("a", "8 bars"), ("b", "8 bars"), length="10 bars")
    assert path == ("sections",)
    assert "27.429 s (to bar 17 beat 1), longer than the song: 17.143 s (to bar 11 beat 1)" in text


def test_time_in_no_section():
    path, text = refused(("a", "8 bars"), length="10 bars")
    assert path == ("sections",)
    assert "3.429 s are in no section" in text
    assert "remainder" in text


def test_the_remainder_is_what_is_left():
    song = timeline(("a", "8 bars"), ("tail", "remainder"), length="10 bars")
    assert song.sections[1].start == 32
    assert song.sections[1].end == 40
    assert song.sections[1].end_frame == song.frames == 822_857
    alone = timeline(("all", "remainder"), length=12_345)
    assert (alone.sections[0].start_frame, alone.sections[0].end_frame) == (0, 12_345)


@pytest.mark.parametrize(
    "sections, length, path, text",
    [
        ([("a", "remainder"), ("b", "1 bar")], "4 bars", ("sections", 0), "only the last section"),
        ([("a", "1 bar"), ("b", "remainder")], None, ("sections", 1), "needs a length of the song"),
        ([("a", "4 bars"), ("b", "remainder")], "4 bars", ("sections", 1), "b must last at least one frame"),
        ([("a", "0 bars"), ("b", "1 bar")], None, ("sections", 0), "a must last at least one frame"),
        (
            [("a", "1/9999"), ("b", "1/9999")],
            None,
            ("sections", 1),
            "b must last at least one frame",
        ),
        ([], "0 bars", ("length",), "at least one frame long"),
        ([], None, ("length",), "at least one frame long"),
        ([], 0, ("length",), "at least one frame long"),
    ],
)
def test_layouts_that_cannot_be(sections, length, path, text):
    found_path, found_text = refused(*sections, length=length, rate=4_000)
    assert found_path == path
    assert text in found_text


def test_sections_in_seconds_are_placed_wherever_they_end():
    """At 7/3 s and 5.0001 s: frame 102,900 and, as 220,504.41 is nearest to it, 220,504."""
    song = timeline(
        ("a", "2 s"), ("b", "333.333333333333333333 ms"), ("c", "2.66676666666666667 s"), rate=44_100
    )
    assert [s.end_frame for s in song.sections] == [88_200, 102_900, 220_504]
    assert timeline(("a", "2 s"), ("b", "500 ms"), changes=[(1, 120, "4/4")]).end == 5


def test_its_errors_are_errors_of_the_user():
    assert issubclass(TimelineError, StemwrightError)


# --- what is asked of a timeline ----------------------------------------------------------------


def test_beats_follow_meter_and_tempo_up_to_the_end():
    song = timeline(("all", "5 bars + 1/8"), rate=1000, changes=SLOWER_IN_THREE)
    seconds = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, *(10 + i / 3 for i in range(7)), 10 + 7 / 3]
    assert [frame for _, _, frame in song.beats()] == [round(1000 * s) for s in seconds]
    assert [bar for bar, beat, _ in song.beats() if beat == 1] == [1, 2, 3, 4, 5, 6]
    assert song.frames == 12_667


def test_lengths_in_frames_are_rounded_at_both_ends():
    song = timeline(("all", "8 bars"), rate=48_000)
    eighths = [song.length_frames(parse_duration("1/8"), Fraction(i, 2)) for i in range(7)]
    assert sum(eighths) == 72_000  # 7 eighths at 140 are 1.5 s
    assert set(eighths) == {10_285, 10_286}


@pytest.mark.parametrize(
    "tail, frames", [("2.5 s", 2_500), ("1 bar", 3_000), ("1/4 + 10 ms", 1_010), (None, 0), ("0 s", 0)]
)
@pytest.mark.parametrize("sections", [[("a", "2 bars"), ("b", "2 bars")], []])
def test_a_tail_comes_after_the_music(sections, tail, frames):
    length = None if sections else "4 bars"
    song = timeline(*sections, rate=1_000, changes=SLOWER_IN_THREE[:2], length=length, tail=tail)
    assert (song.end_frame, song.frames, song.tail_frames) == (10_000, 10_000 + frames, frames)
    assert song.sections_or_all[-1].end_frame == 10_000
    assert max(frame for _, _, frame in song.beats()) == 9_000 and song.beat_count == 14
    copy = Timeline.from_dict(json.loads(json.dumps(song.to_dict())))
    assert (copy.end_frame, copy.frames) == (song.end_frame, song.frames)
    told = document(song, None, [None] * len(sections))
    assert told["frames"] == 10_000 + frames and told.get("tail_frames", 0) == frames


def test_sections_by_name():
    song = timeline(("verse", "1 bar"), ("chorus", "1 bar"), ("verse", "1 bar"))
    assert song.sections_named(["verse"]) == [song.sections[0], song.sections[2]]
    assert song.sections_named(["chorus", "verse"]) == list(song.sections)
    with pytest.raises(ValueError, match=r"no section named bridge; the song has verse, chorus$"):
        song.sections_named(["verse", "bridge"])


@given(maps, st.integers(1, 400))
def test_beats_are_counted_without_a_list_of_them(changes, sixteenths):
    song = timeline(length=f"{sixteenths}/16", rate=192_000, changes=changes)
    assert song.beat_count == len(list(song.beats()))


@given(maps, st.sampled_from(RATES), st.lists(st.integers(1, 9), min_size=1, max_size=4), st.booleans())
def test_facts_round_trip(changes, rate, bars, has_tail):
    sections = [(f"s{i}", f"{n} bars") for i, n in enumerate(bars)] + [("tail", "remainder")] * has_tail
    length = f"{sum(bars)} bars + 1 s" if has_tail else None
    song = timeline(*sections, rate=rate, changes=changes, length=length)
    copy = Timeline.from_dict(json.loads(json.dumps(song.to_dict())))
    assert (copy.rate, copy.frames, copy.end, copy.sections) == (
        song.rate,
        song.frames,
        song.end,
        song.sections,
    )
    assert copy.tempo.changes == song.tempo.changes


def test_document():
    song = timeline(("a", "2 bars"), ("b", "1 bar"), rate=1000, changes=SLOWER_IN_THREE)
    told = json.loads(json.dumps(document(song, "G major", [None, "D minor"])))
    assert (told["sample_rate"], told["frames"], told["seconds"], told["key"]) == (1000, 7000, 7.0, "G major")
    assert told["tempo"][1] == {"bar": 3, "frame": 4000, "bpm": "60", "meter": "3/4"}
    assert told["sections"][1] == {
        "name": "b",
        "start_frame": 4000,
        "end_frame": 7000,
        "start": {"bar": 3, "beat": "1", "seconds": 4.0},
        "end": {"bar": 4, "beat": "1", "seconds": 7.0},
        "key": "D minor",
        "chords": [],
    }
    assert told["sections"][0]["key"] == "G major"
    assert told["beats"][-1] == {"bar": 3, "beat": 3, "frame": 6000}
