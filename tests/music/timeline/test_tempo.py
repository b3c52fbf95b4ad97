"""Tempo and meter: exact, rounded once, and independent of what stands before."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempo_maps import RATES, SLOWER_IN_THREE, change, maps, moving_maps, tempo_map, timeline

from stemwright.music.timeline import (
    Position,
    TempoMap,
    Timeline,
    parse_duration,
    parse_position,
    round_half_up,
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
    "position, before, after",
    [
        ("bar 1 beat 3", "bar 1 beat 3", "bar 1 beat 3"),
        ("bar 2 beat 4.9", "bar 2 beat 4", "bar 3"),
        ("bar 5 beat 7.5", "bar 5 beat 7", "bar 6"),
        ("bar 6 beat 7.001", "bar 6 beat 7", "bar 7"),
    ],
)
def test_beats_around(position, before, after):
    tempo = tempo_map(SLOWER_IN_THREE)
    at, *around = (tempo.locate(parse_position(text)) for text in (position, before, after))
    assert tempo.beats_around(at) == tuple(around)


@given(maps, st.integers(0, 400), st.integers(0, 200))
def test_beats_counted_are_beats_that_lead_there(changes, eighths, beats):
    tempo, start = tempo_map(changes), Fraction(eighths, 2)
    assert tempo.count_beats(start, tempo.advance(start, parse_duration(f"{beats} beats"))) == beats


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


# --- pick-ups, units and groups ---------------------------------------------------------------


def test_a_pickup_is_the_end_of_bar_0():
    tempo = TempoMap([change(1, 120, "4/4"), change(2, meter="3/4")], parse_duration("1 beat"))
    assert [tempo.bar_line(bar) for bar in (1, 2, 3)] == [1, 5, 8]
    assert [tempo.bar_beat(Fraction(q)) for q in (0, "1/2", 1, 5)] == [
        (0, 4),
        (0, Fraction(9, 2)),
        (1, 1),
        (2, 1),
    ]
    assert tempo.locate(parse_position("bar 0 beat 4.5")) == Fraction(1, 2)
    assert tempo.advance(Fraction(0), parse_duration("1 beat")) == 1
    song = Timeline.build(
        48_000, tempo, None, [("up", parse_duration("1 beat"), None), ("a", parse_duration("1 bar"), None)]
    )
    assert list(song.beats()) == [(0, 4, 0), *((1, n, 24_000 * n) for n in (1, 2, 3, 4))]
    assert song.beat_count == 5


def test_half_a_beat_before_bar_1_has_no_beat():
    tempo = TempoMap([change(1, 120, "4/4")], parse_duration("1/8"))
    song = Timeline.build(48_000, tempo, parse_duration("1/8 + 2 beats"), [])
    assert list(song.beats()) == [(1, 1, 12_000), (1, 2, 36_000)]
    assert song.beat_count == 2


@pytest.mark.parametrize("text", ["bar 0 beat 3.9", "bar 0"])
def test_before_the_pickup_is_nothing(text):
    tempo = TempoMap([change(1, 120, "4/4")], parse_duration("1 beat"))
    with pytest.raises(ValueError, match="begins in its pick-up, at bar 0 beat 4"):
        tempo.locate(parse_position(text))


def test_the_beats_of_an_additive_meter():
    tempo = TempoMap([change(1, 140, "3+2+2/8"), change(3, meter="4/4")])
    at = [tempo.locate(parse_position(f"bar 2 beat {beat}")) for beat in ("1", "2", "2.5", "3", "3.5")]
    assert at == [Fraction(7, 2), 5, Fraction(11, 2), 6, Fraction(13, 2)]
    assert [tempo.bar_beat(q)[1] for q in at] == [1, 2, Fraction(5, 2), 3, Fraction(7, 2)]
    assert tempo.advance(Fraction(3, 2), parse_duration("3 beats")) == 5
    assert tempo.advance(Fraction(6), parse_duration("2 beats")) == 8  # over the line, into 4/4
    assert tempo.beats_around(Fraction(17, 4)) == (Fraction(7, 2), 5)
    assert tempo.count_beats(Fraction(0), Fraction(8)) == 7


@given(moving_maps(), quarters)
@settings(max_examples=25)
def test_beats_counted_through_lead_back(tempo, quarter):
    meters = tempo.meters
    assert meters.quarter_of_beat(meters.count(quarter)) == quarter
    assert meters.place(*tempo.bar_beat(quarter)) == quarter
