"""Ramps and holds: exact at their ends, monotone, invertible, and everywhere what their integrals say."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempo_maps import change, moving_maps

from stemwright.music.timeline import TempoMap, Timeline, parse_duration, parse_position

TINY = Fraction(1, 10**25)


def ramped(first=120, to=60, over="2 bars", curve="beats", **more):
    """Two bars of 4/4, a ramp from bar 3 on."""
    return TempoMap([change(1, first, "4/4"), change(3, ramp=(to, over, curve), **more)])


def log(ratio):
    """The logarithm by 2 (z + z³ / 3 + …) after halving, in fractions, to 1e-30: not the way of the library."""
    doublings = 0
    while abs(ratio - 1) > Fraction(1, 2):
        ratio, doublings = (ratio / 2, doublings + 1) if ratio > 1 else (ratio * 2, doublings - 1)
    total, two = [], []
    for value, terms in ((ratio, total), (Fraction(2), two)):
        z = (value - 1) / (value + 1)
        terms += [2 * z ** (2 * k + 1) / (2 * k + 1) for k in range(70)]
    return sum(total) + doublings * sum(two)


@pytest.mark.parametrize("first, to", [(120, 60), (60, 120), (100, 101), (97, 240)])
def test_linear_in_beats_is_the_logarithm_to_25_digits(first, to):
    tempo, growth = ramped(first, to), Fraction(to - first, 8)
    start = tempo.seconds(Fraction(8))
    assert start == Fraction(8 * 60, first)
    for x in (Fraction(1, 3), Fraction(4), Fraction(8)):
        expected = 60 / growth * log((first + growth * x) / first)
        assert abs(tempo.seconds(8 + x) - start - expected) < TINY
    assert [tempo.bpm(Fraction(q)) for q in (8, 12, 16, 99)] == [first, Fraction(first + to, 2), to, to]


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("curve", ["beats", "time"])
def test_every_sixteenth_is_on_the_frame_of_the_closed_form(curve, rate):
    tempo = ramped(curve=curve, over="4 bars", first=132, to=50)
    song = Timeline.build(rate, tempo, parse_duration("8 bars"), [])
    begin, slope = 8 * 60 / 132, (50 - 132) / 16
    for sixteenth in range(65):
        x = sixteenth / 4
        if curve == "beats":
            seconds = 60 / slope * math.log1p(slope * x / 132)
        else:  # b grows evenly with t: b0 t + (b1 - b0) t² / 2T = 60 x, solved for t
            length = 120 * 16 / (132 + 50)
            a, b = (50 - 132) / (2 * length), 132.0
            seconds = (-b + math.sqrt(b * b + 240 * a * x)) / (2 * a)
        frame = song.frame(8 + Fraction(sixteenth, 4))
        assert abs(frame - (begin + seconds) * rate) <= 0.5 + 1e-6
        assert frame == round((begin + seconds) * rate)


def test_linear_in_time_is_exact_where_it_is_rational():
    """From 120 to 60 in 8 quarters: 16/3 s in all; after 7 / 3 of them it is b² = 120² - 10800 · 7 / 24: 106.5…."""
    tempo = ramped(curve="time")
    assert tempo.seconds(Fraction(16)) == 4 + Fraction(120 * 8, 180)
    half = tempo.quarters(4 + Fraction(8, 3))  # half the time: 90, and 105 on average
    assert (half, tempo.bpm(half)) == (8 + Fraction(8, 3) * 105 / 60, 90)
    assert tempo.seconds(half) == 4 + Fraction(8, 3)


def test_a_ramp_begins_at_its_own_tempo_and_ends_within_a_bar():
    tempo = TempoMap([change(1, 100, "4/4"), change((2, 3), 80, ramp=(40, "3 beats"))])
    assert [tempo.bpm(Fraction(q)) for q in (5, 6, 9, 20)] == [100, 80, 40, 40]


def test_the_meter_changes_in_a_ramp():
    tempo = TempoMap([change(1, 120, "4/4"), change(2, ramp=(60, "2 bars")), change(3, meter="3/4")])
    assert [tempo.bar_line(bar) for bar in (2, 3, 4, 5)] == [4, 8, 11, 14]
    assert tempo.bpm(Fraction(11)) == 60  # two bars: of four and three quarters
    assert [(p.bar, p.bpm) for p in tempo.passages()] == [(1, 120), (2, 120), (3, Fraction(600, 7)), (4, 60)]


@given(moving_maps(), st.lists(st.fractions(0, 160, max_denominator=96), min_size=2, max_size=20))
@settings(max_examples=30)
def test_any_map_is_monotone_and_invertible(tempo, quarters):
    quarters = sorted({*quarters, *(each.start for each in tempo.passages())})
    seconds = [tempo.seconds(quarter) for quarter in quarters]
    assert all(a < b for a, b in pairwise(seconds))
    song = Timeline(48_000, tempo, Fraction(200), 1, ())
    held = [at for at, _ in tempo.holds]
    for quarter, second in zip(quarters, seconds, strict=True):
        back = tempo.quarters(second)
        assert abs(back - quarter) < Fraction(1, 10**20)
        if not any(abs(at - quarter) < Fraction(1, 10**9) for at in held):
            assert song.frame(back) == song.frame(quarter)
    same = Timeline.from_dict({**song.to_dict(), "sections": []})
    assert [same.tempo.seconds(quarter) for quarter in quarters] == seconds


@given(moving_maps())
@settings(max_examples=30)
def test_any_map_is_its_tempo_summed_up(tempo):
    """The midpoint rule between places a 64th apart, from `bpm` alone, to the error of the rule."""
    passages = list(tempo.passages())
    for passage in passages:
        end = passage.start + 2 if passage.end is None else passage.end
        steps = 64
        width = float(end - passage.start) / steps
        total = sum(
            60 * width / float(tempo.bpm(passage.start + (end - passage.start) * Fraction(2 * i + 1, 128)))
            for i in range(steps)
        )
        total += sum(float(held) for at, held in tempo.holds if passage.start <= at < end)
        found = float(tempo.seconds(end) - tempo.seconds(passage.start))
        first, last = float(passage.bpm), float(passage.to)
        bend = 60 * max((last - first) ** 2, abs(last**2 - first**2)) / min(first, last) ** 3
        assert (
            abs(found - total)
            <= 1e-9
            + bend
            * float(end - passage.start)
            / 24
            / steps**2
            * max(first, last) ** 2
            / min(first, last) ** 2
        )


def test_ten_thousand_bars_of_ramps_do_not_drift():
    """Up and down by turns, 250 times: each turn lasts as long as the first, and what is left is rounded once."""
    changes = [change(1, 90, "4/4")]
    for bar in range(1, 10_000, 40):
        changes += [change(bar, ramp=(150, "20 bars")), change(bar + 20, ramp=(90, "20 bars", "time"))]
    tempo = TempoMap(changes)
    turn = 60 * Fraction(80, 60) * log(Fraction(150, 90)) + Fraction(120 * 80, 240)
    for number in (1, 7, 250):
        assert abs(tempo.seconds(tempo.bar_line(1 + 40 * number)) - number * turn) < number * TINY


# --- holds --------------------------------------------------------------------------------------------


def test_time_stands_at_a_hold():
    """At 60 BPM: what is on the beat begins before it, what ends there ends before it, the next beat is later."""
    tempo = TempoMap([change(1, 60, "4/4"), change((2, 4), hold="2 beats"), change(3, hold="500 ms")])
    times = [tempo.seconds(Fraction(q)) for q in (6, 7, Fraction(15, 2), 8, 9)]
    assert times == [6, 7, Fraction(19, 2), 10, Fraction(23, 2)]
    assert [tempo.quarters(Fraction(s)) for s in (7, 8, 9, Fraction(19, 2), 10, Fraction(41, 4))] == [
        7,
        7,
        7,
        Fraction(15, 2),
        8,
        8,
    ]


@pytest.mark.parametrize(
    "hold, seconds",
    [("1 bar", 3), ("2 beats", 2), ("1/4. + 1 s", Fraction(5, 2)), ("250 ms", Fraction(1, 4))],
)
def test_what_is_musical_in_a_hold_is_of_the_place(hold, seconds):
    tempo = TempoMap([change(1, 120, "4/4"), change(2, 60, "3/4"), change((2, 3), hold=hold)])
    assert tempo.holds == ((6, seconds),)


def test_a_hold_at_the_end_of_a_ramp():
    """The ritardando ends in a fermata: two beats at its last tempo."""
    tempo = TempoMap([change(1, 120, "4/4"), change(2, ramp=(60, "1 bar")), change(3, hold="2 beats")])
    assert tempo.holds == ((8, 2),)
    inside = TempoMap([change(1, 120, "4/4"), change(2, ramp=(60, "1 bar")), change((2, 3), hold="2 beats")])
    assert inside.holds == ((6, Fraction(120, 90)),)
    assert inside.seconds(Fraction(8)) - tempo.seconds(Fraction(8)) == Fraction(120, 90)


def test_places_in_seconds_may_lie_in_a_hold():
    tempo = TempoMap([change(1, 60, "4/4"), change(2, hold="4 s")])
    assert tempo.time_of(parse_position("5.5 s")) == Fraction(11, 2)
    assert tempo.time_of(parse_position("bar 2 + 1 s")) == 5
    assert tempo.time_after(Fraction(0), parse_duration("1 bar + 2 s")) == 6
    song = Timeline.build(48_000, tempo, parse_duration("6 s"), [("a", "remainder", None)])
    assert song.frames == song.sections[0].end_frame == 6 * 48_000
