"""Musical time: exact, rounded once, and independent of what stands before it."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemwright.base.errors import StemwrightError
from stemwright.music.timeline import (
    Position,
    TempoChange,
    TempoMap,
    Timeline,
    TimelineError,
    parse_bpm,
    parse_duration,
    parse_position,
    parse_time_signature,
    round_half_up,
)
from stemwright.music.timeline.timeline import document

RATES = [22_050, 44_100, 48_000, 96_000]
SLOWER_IN_THREE = [(1, 120, "4/4"), (3, 60, "3/4"), (5, 90, "7/8"), (7, 120, "2/4")]
"""Bars 1-2 last 2 s each, bars 3-4 3 s, bars 5-6 7/3 s, the others 1 s."""


def tempo_map(changes):
    return TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )


def timeline(*sections, rate=48_000, length=None, changes=((1, 140, "4/4"),)):
    """A timeline from text: sections are (name, length)."""
    layout = [(name, span if span == "remainder" else parse_duration(span), None) for name, span in sections]
    length = parse_duration(length) if isinstance(length, str) else length
    return Timeline.build(rate, tempo_map(changes), length, layout)


def refused(*sections, **options):
    with pytest.raises(TimelineError) as caught:
        timeline(*sections, **options)
    return caught.value.path, str(caught.value)


bpms = st.one_of(
    st.integers(10, 1000),
    st.decimals(10, 1000, places=3).map(str),
    st.builds("{}/{}".format, st.integers(1000, 9000), st.integers(10, 97)),
)
meters = st.builds("{}/{}".format, st.integers(1, 15), st.sampled_from([1, 2, 4, 8, 16]))
later_changes = st.lists(st.tuples(st.integers(2, 40), bpms, meters), max_size=5, unique_by=lambda c: c[0])
maps = st.builds(
    lambda bpm, meter, later: [(1, bpm, meter), *sorted(later, key=lambda c: c[0])],
    bpms,
    meters,
    later_changes,
)
quarters = st.fractions(0, 400, max_denominator=960)

# --- no drift ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "bpm, num, den",
    [
        (140, 140, 1),
        (97, 97, 1),
        ("400/3", 400, 3),
        (123.456, 123_456, 1000),
        ("1000/7", 1000, 7),
        (10, 10, 1),
    ],
)
def test_ten_thousand_bars_do_not_drift(rate, bpm, num, den):
    song = timeline(("all", "10000 bars"), rate=rate, changes=[(1, bpm, "4/4")])
    for bars in [*range(0, 10_000, 37), 10_000]:
        # A bar lasts 240 den / num seconds. Rounded half up, in integers:
        expected = (2 * bars * 240 * den * rate + num) // (2 * num)
        assert song.frame(song.tempo.bar_line(bars + 1)) == expected
    assert song.frames == expected


@pytest.mark.parametrize("rate", RATES)
def test_beats_do_not_drift(rate):
    song = timeline(("all", "500 bars"), rate=rate, changes=[(1, 123.456, "7/8")])
    beats = list(song.beats())
    assert len(beats) == 7 * 500
    for index, (bar, beat, frame) in enumerate(beats):
        assert (bar, beat) == (index // 7 + 1, index % 7 + 1)
        # An eighth note lasts 30 / 123.456 seconds.
        assert frame == (2 * index * 30_000 * rate + 123_456) // (2 * 123_456)


@given(maps, st.sampled_from(RATES), st.integers(1, 50))
def test_a_bar_line_is_the_sum_of_the_bars_before_it(changes, rate, bar):
    seconds = Fraction(0)
    for before in range(1, bar):
        _, bpm, meter = [change for change in changes if change[0] <= before][-1]
        beats, unit = map(int, meter.split("/"))
        seconds += Fraction(beats * 4, unit) * 60 / Fraction(bpm)
    tempo = tempo_map(changes)
    assert tempo.seconds(tempo.bar_line(bar)) == seconds
    error = Timeline(rate, tempo, Fraction(1), 1, ()).frame(tempo.bar_line(bar)) - seconds * rate
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


@given(maps, st.sampled_from(RATES), st.lists(st.integers(1, 9), min_size=1, max_size=8), st.randoms())
def test_a_boundary_does_not_depend_on_what_stands_before_it(changes, rate, bars, random):
    whole = timeline(("whole", f"{sum(bars)} bars"), rate=rate, changes=changes)
    for lengths in (bars, random.sample(bars, len(bars))):
        parts = [(f"part {i}", f"{n} bars") for i, n in enumerate(lengths)]
        song = timeline(*parts, rate=rate, changes=changes)
        lines = [whole.frame(whole.tempo.bar_line(1 + n)) for n in accumulate(lengths, initial=0)]
        assert [s.start_frame for s in song.sections] == lines[:-1]
        assert [s.end_frame for s in song.sections] == lines[1:]
        assert song.frames == lines[-1] == whole.frames


@given(st.fractions())
def test_round_half_up(value):
    assert Fraction(-1, 2) < round_half_up(value) - value <= Fraction(1, 2)


# --- the tempo map ----------------------------------------------------------------------------


def test_tempo_and_meter_change_at_bars():
    tempo = tempo_map(SLOWER_IN_THREE)
    expected = [0, 2, 4, 7, 10, Fraction(37, 3), Fraction(44, 3)]
    assert [tempo.seconds(tempo.bar_line(bar)) for bar in range(1, 8)] == expected
    assert [tempo.bar_line(bar) for bar in range(1, 7)] == [0, 4, 8, 11, 14, Fraction(35, 2)]
    assert [tempo.bpm(Fraction(q)) for q in (0, 7, 8, 13, 14)] == [120, 120, 60, 60, 90]
    assert [str(tempo.time_signature(Fraction(q))) for q in (0, 7, 8, 13, 14)] == [
        "4/4",
        "4/4",
        "3/4",
        "3/4",
        "7/8",
    ]


@given(maps, quarters)
def test_seconds_and_quarters_are_inverse(changes, quarter):
    tempo = tempo_map(changes)
    assert tempo.quarters(tempo.seconds(quarter)) == quarter
    assert tempo.seconds(tempo.quarters(quarter)) == quarter


@given(maps, quarters)
def test_bar_and_beat_lead_back_to_the_quarter(changes, quarter):
    tempo = tempo_map(changes)
    bar, beat = tempo.bar_beat(quarter)
    assert tempo.locate(Position(bar=bar, beat=beat)) == quarter


@pytest.mark.parametrize(
    "bar, nearest", [("1 beat 3", 1), ("1 beat 3.01", 2), ("2 beat 4", 3), ("5 beat 7", 6)]
)
def test_nearest_bar(bar, nearest):
    tempo = tempo_map(SLOWER_IN_THREE)
    assert tempo.nearest_bar(tempo.locate(parse_position(f"bar {bar}"))) == nearest


@pytest.mark.parametrize(
    "start, length, end",
    [
        ("bar 1", "2 bars", "bar 3"),
        ("bar 2 beat 3", "1 bar", "bar 3 beat 3"),
        ("bar 4 beat 3", "1 bar", "bar 5 beat 5"),
        ("bar 6 beat 6", "4 beats", "bar 8"),
        ("bar 2", "1.5 bars", "bar 3 beat 2.5"),
        ("bar 2 beat 3", "4 beats", "bar 3 beat 3"),
        ("bar 1", "16 beats", "bar 5 beat 3"),
        ("bar 4 beat 3", "1/4 + 1/8", "bar 5 beat 2"),
        ("bar 1", "1/8.", "bar 1 beat 1.75"),
        ("bar 1", "1/4t + 1/4t + 1/4t", "bar 1 beat 3"),
        ("bar 2", "3 s", "bar 3 beat 2"),
        ("bar 2", "1 bar + 2 beats + 1/8 + 500 ms", "bar 4"),
        ("3.5 s", "1 bar", "bar 4"),
    ],
)
def test_positions_move_by_lengths(start, length, end):
    tempo = tempo_map(SLOWER_IN_THREE)
    start, end = (tempo.locate(parse_position(text)) for text in (start, end))
    assert tempo.advance(start, parse_duration(length)) == end


def test_a_position_with_an_offset():
    tempo = tempo_map(SLOWER_IN_THREE)
    assert tempo.locate(parse_position("bar 3 beat 2 + 1 bar + 1/8")) == Fraction(25, 2)


@pytest.mark.parametrize("beat", ["4", "4.5"])
def test_a_beat_that_its_bar_has_not(beat):
    tempo = tempo_map(SLOWER_IN_THREE)
    with pytest.raises(ValueError, match=rf"bar 3 has 3 beats, no beat {beat}$"):
        tempo.locate(parse_position(f"bar 3 beat {beat}"))


@pytest.mark.parametrize("bars", [[], [2], [1, 5, 5], [1, 5, 4]])
def test_changes_begin_at_bar_one_and_rise(bars):
    with pytest.raises(ValueError, match="begin at bar 1" if bars[:1] != [1] else "must come after bar 5"):
        tempo_map([(bar, 120, "4/4") for bar in bars])


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


def test_a_section_in_seconds_must_end_on_the_grid():
    assert timeline(("a", "2 s"), ("b", "500 ms"), changes=[(1, 120, "4/4")]).end == 5
    path, text = refused(("a", "1 bar"), ("b", "2.3 s"), changes=[(1, 120, "4/4")])
    assert path == ("sections", 1)
    assert "b would end at 4.300 s" in text
    assert "bar 3 at 4.000 s, 0.300 s earlier" in text
    _, text = refused(("b", "1.9 s"), changes=[(1, 120, "4/4")])
    assert "bar 2 at 2.000 s, 0.100 s later" in text


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


def test_sections_by_name():
    song = timeline(("verse", "1 bar"), ("chorus", "1 bar"), ("verse", "1 bar"))
    assert song.sections_named(["verse"]) == [song.sections[0], song.sections[2]]
    assert song.sections_named(["chorus", "verse"]) == list(song.sections)
    with pytest.raises(ValueError, match=r"no section named bridge; the song has verse, chorus$"):
        song.sections_named(["verse", "bridge"])


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
