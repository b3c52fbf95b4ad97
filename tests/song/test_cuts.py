"""Where versions are cut, and their own time."""

from fractions import Fraction
from itertools import pairwise

import pytest

from stemwright.music.timeline import (
    Duration,
    Ramp,
    TempoChange,
    TempoMap,
    Timeline,
    parse_duration,
    parse_time_signature,
)
from stemwright.song.cuts import CutError, cut_of
from stemwright.song.versions import Version

RATE = 48_000
LAYOUT = [("up", "1 beat"), ("verse", "4 bars"), ("chorus", "4 bars"), ("verse", "4 bars"), ("end", "2 bars")]


def moving():
    """A pick-up, another meter in bar 5, a ramp over bars 6 to 9, and a hold in bar 10."""
    changes = [
        TempoChange(1, Fraction(90), parse_time_signature("4/4")),
        TempoChange(5, None, parse_time_signature("7/8")),
        TempoChange(6, ramp=Ramp(Fraction(140), Duration(bars=Fraction(4)))),
        TempoChange(11, beat=Fraction(3), hold=Duration(seconds=Fraction(1, 3))),
    ]
    tempo = TempoMap(changes, parse_duration("1 beat"))
    layout = [(name, parse_duration(length), None) for name, length in LAYOUT]
    return Timeline.build(RATE, tempo, None, layout, parse_duration("2 s"))


@pytest.mark.parametrize(
    ("sections", "bars"),
    [
        (["up", "verse", "chorus", "verse 2", "end"], [(0, 14)]),
        (["up", "verse", "verse 2"], [(0, 4), (9, 12)]),
        (["chorus", "end", "bars 3"], [(5, 8), (13, 14), (3, 3)]),
        (["bars 7-8", "bars 2-5"], [(7, 8), (2, 5)]),
    ],
)
def test_beats_of_a_version_are_where_its_slices_have_them(sections, bars):
    """Against the beats of the song, each shifted as its slice: bar by bar, within a frame for each cut."""
    song = moving()
    cut = cut_of(Version(sections=sections), song, True)
    frames = {(bar, beat): frame for bar, beat, frame in song.beats()}
    expected, at = [], 0
    for first, last in bars:
        own = {place: frame for place, frame in frames.items() if first <= place[0] <= last}
        start = min(own.values())
        after = frames.get((last + 1, 1), song.end_frame)
        expected += [(beat, at + frame - start) for (_, beat), frame in own.items()]
        at += after - start
    found = [(beat, frame) for _, beat, frame in cut.timeline.beats()]
    assert [beat for beat, _ in found] == [beat for beat, _ in expected]
    assert max(abs(a[1] - b[1]) for a, b in zip(found, expected, strict=True)) <= len(bars) - 1
    assert cut.timeline.end_frame == at and cut.timeline.frames == at + 2 * RATE
    placed = cut.timeline.sections
    assert all(a.end_frame == b.start_frame for a, b in pairwise(placed))
    assert placed[0].start_frame == 0 and placed[-1].end_frame == at


def plain(tail="2 s"):
    tempo = TempoMap([TempoChange(1, Fraction(120), parse_time_signature("4/4"))])
    layout = [(name, parse_duration("4 bars"), None) for name in ("intro", "verse", "chorus", "outro")]
    return Timeline.build(RATE, tempo, None, layout, parse_duration(tail))


def test_sections_that_follow_each_other_are_one_slice():
    cut = cut_of(Version(sections=["verse", "chorus", "intro"]), plain(), True)
    assert [(s.start_frame, s.end_frame) for s in cut.slices] == [(384_000, 1_152_000), (0, 384_000)]
    assert [s.name for s in cut.timeline.sections] == ["verse", "chorus", "intro"]
    assert list(cut.sections) == [1, 2, 0]


@pytest.mark.parametrize(
    ("keys", "tail", "frames", "fade"),
    [
        ({"length": "30 s"}, "2 s", 1_440_000, 48_000),
        ({"length": "30 s", "fade_out": "4 s"}, "2 s", 1_440_000, 192_000),
        ({"length": "10.123456 s"}, "2 s", 485_926, 48_000),
        ({"length": "40 s"}, "2 s", 1_920_000, 0),  # silence follows
        ({"sections": ["intro", "outro"], "length": "4 bars"}, "2 s", 384_000, 48_000),
        ({"sections": ["intro", "outro"]}, "2 s", 864_000, 0),  # it ends as the song does
        ({"sections": ["outro", "intro"]}, "2 s", 864_000, 48_000),  # what rings on is faded in the tail
        ({"sections": ["intro"]}, "0 s", 384_000, 480),  # and where there is none, in 10 ms
        ({"loop": "verse"}, "2 s", 384_000, 0),
        ({}, "2 s", 1_632_000, 0),
    ],
)
def test_lengths_and_fade_outs(keys, tail, frames, fade):
    cut = cut_of(Version(**keys), plain(tail), True)
    assert (cut.timeline.frames, cut.fade_frames) == (frames, fade)
    assert cut.timeline.sections[-1].end_frame <= frames
    assert len(cut.sections) == len(cut.timeline.sections)


def test_a_loop_must_end_on_a_bar_line_also_where_the_song_ends():
    layout = [("a", parse_duration("2 bars"), None), ("b", parse_duration("5 beats"), None)]
    song = Timeline.build(RATE, plain().tempo, None, layout, None)
    assert cut_of(Version(sections=["b"]), song, True).timeline.frames == 120_000
    with pytest.raises(CutError, match="ends at"):
        cut_of(Version(loop="b"), song, True)
