"""Automations: where their points are in a song, how fast their LFOs go, and which curve of which unit is what."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest
from tempo_maps import SLOWER_IN_THREE, change, timeline

from stemwright.music.automation import Automation, Lfo, Modulated, Point, parse_place
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import TempoMap, Timeline, parse_duration
from stemwright.validation.fields import Field

RATE = 48_000
SONG = timeline(
    ("verse", "2 bars"),
    ("chorus", "2 bars"),
    ("verse", "2 bars"),
    ("chorus", "2 bars"),
    changes=SLOWER_IN_THREE,
)
CONTEXT = RenderContext(RATE, 2, SONG.frames, timeline=SONG)
STARTS = [0, 4, 10, 10 + 14 / 3]
"""The seconds at which the sections begin: two bars of 4/4 at 120, of 3/4 at 60, of 7/8 at 90 last 4, 6, 14/3 s."""


HZ = {"depth": 1.0, "rate_hz": 1.0}


def points(*found):
    return [dict(zip(("at", "value", "curve"), point, strict=False)) for point in found]


def frames(written):
    return [frame for frame, _, _ in Automation(written).curve(CONTEXT).points]


@pytest.mark.parametrize(
    "at, seconds",
    [
        ("bar 1", [0]),
        ("bar 2 beat 3", [3]),
        ("bar 3 beat 2.5", [5.5]),
        ("12.5 s", [12.5]),
        ("0:07 + 250 ms", [7.25]),
        ("bar 3 + 1/8", [4.5]),
        ("verse", [STARTS[0], STARTS[2]]),
        ("chorus", [STARTS[1], STARTS[3]]),
        ("chorus + 1 bar", [STARTS[1] + 3, STARTS[3] + 1]),
        (" chorus+1/4", [STARTS[1] + 1, STARTS[3] + 0.5]),
    ],
)
def test_places(at, seconds):
    assert frames(points((at, 1.0))) == [int(s * RATE + 0.5) for s in seconds]


def test_a_section_stands_for_every_section_of_its_name():
    curve = Automation(points(("verse", -6.0), ("chorus", 0.0, "step"), ("chorus + 1 beat", -1.0))).curve(
        CONTEXT
    )
    a, b, c, d = (int(s * RATE + 0.5) for s in STARTS)
    assert curve.points == (
        (a, -6, "linear"),
        (b, 0, "step"),
        (b + RATE, -1, "linear"),
        (c, -6, "linear"),
        (d, 0, "step"),
        (d + RATE // 2, -1, "linear"),
    )


@pytest.mark.parametrize(
    "unit, curve",
    [
        ("dB", "linear"),
        ("dBFS", "linear"),
        ("semitones", "linear"),
        ("Hz", "exponential"),
        ("", "exponential"),
    ],
)
def test_equal_ratios_of_decibels_are_a_straight_line(unit, curve):
    written = points(("bar 1", 1.0), ("bar 3", 4.0, "exponential"))
    assert Automation(written).curve(CONTEXT, unit).points[1] == (4 * RATE, 4, curve)


@pytest.mark.parametrize(
    "length, cycles_per_second",
    [
        ("1/4", [2, 1, 1.5, 2]),  # bpm / 60
        ("1/8t", [6, 3, 4.5, 6]),
        ("3 beats", [2 / 3, 1 / 3, 1, 2 / 3]),  # a beat of 7/8 is an eighth
        ("2 bars", [1 / 4, 1 / 6, 3 / 14, 1 / 2]),
        ("1.5 s", [2 / 3] * 4),
    ],
)
def test_lfos_count_in_the_song(length, cycles_per_second):
    """Their phase is the sum of cycles since the start of the song, over every tempo and meter."""
    written = {"value": 0.0, "lfo": {"depth": 1.0, "length": length, "shape": "sine", "phase": 0.25}}
    values = Automation(written).curve(CONTEXT).values(0, SONG.frames)
    seconds = np.arange(SONG.frames) / RATE
    cycles = np.interp(seconds, [*STARTS, 99], np.cumsum([0, *np.diff([*STARTS, 99]) * cycles_per_second]))
    off = np.abs(values - np.cos(2 * np.pi * cycles))
    assert off.max() < 1e-4  # where the tempo changes between two frames
    assert off[: 4 * RATE].max() < 1e-9


def test_lfos_in_hertz_and_around_points():
    lfo = {"depth": -0.5, "rate_hz": 2.5, "shape": "triangle"}
    written = {"points": points(("0 s", 1.0), ("10 s", 3.0)), "lfo": lfo}
    values = Automation(written).curve(RenderContext(RATE, 2, 10 * RATE)).values(0, 10 * RATE)
    seconds = np.arange(10 * RATE) / RATE
    triangle = np.interp(seconds * 2.5 % 1, [0, 0.25, 0.75, 1], [0, 1, -1, 0])
    assert np.abs(values - (1 + seconds / 5 - triangle / 2)).max() < 1e-9


@pytest.mark.parametrize(
    "written, needs_timeline",
    [
        (3, False),
        (points(("1 s", 1.0), ("0:02", 2.0)), False),
        (points(("1 s", 1.0), ("bar 3", 2.0)), True),
        (points(("1 s + 1/4", 1.0)), True),
        (points(("chorus", 1.0)), True),
        ({"value": 1.0, "lfo": HZ}, False),
        ({"value": 1.0, "lfo": {"depth": 1.0, "length": "2 s"}}, False),
        ({"value": 1.0, "lfo": {"depth": 1.0, "length": "1/4"}}, True),
    ],
)
def test_what_needs_the_timeline(written, needs_timeline):
    assert Automation(written).needs_timeline is needs_timeline
    if not needs_timeline:
        Automation(written).curve(RenderContext(RATE, 2, 100)).values(0, 100)


def test_plain_data_means_the_same():
    """Planning has the objects that were validated, jobs have their plain data."""
    for written in (
        [Point("bar 1", 1.0), Point("chorus", 2.0, "step")],
        Modulated(Lfo("1/4", depth=0.5), points=[Point("bar 2", 1.0)]),
        Modulated(Lfo(rate_hz=3.0, depth=0.5), value=1.0),
    ):
        plain = [asdict(p) for p in written] if isinstance(written, list) else asdict(written)
        assert Automation(plain).curve(CONTEXT) == Automation(written).curve(CONTEXT)


FIELD = Field("A level.", "", gt=0, lt=10)


@pytest.mark.parametrize(
    "written, where, message",
    [
        (points(("bar 1", 0.0)), (0, "value"), "must be more than 0 (is 0)"),
        (points(("bar 1", 1.0), ("bar 2", 10.0)), (1, "value"), "must be less than 10 (is 10)"),
        (
            {"value": 1.0, "lfo": HZ},
            ("lfo", "depth"),
            "takes the value to 0, which must be more than 0 (from 1 by 1)",
        ),
        (
            {"value": 9.0, "lfo": {"depth": -1.5, "rate_hz": 1.0}},
            ("lfo", "depth"),
            "takes the value to 10.5, which must be less than 10 (from 9 by 1.5)",
        ),
        (
            {"points": points(("bar 1", 12.0)), "lfo": HZ},
            ("points", 0, "value"),
            "must be less than 10 (is 12)",
        ),
    ],
)
def test_values_out_of_range(written, where, message):
    assert list(Automation(written).mistakes(FIELD)) == [(where, message)]


@pytest.mark.parametrize("first, last", [(0.0, 1.0), (1.0, 0.0), (-1.0, 2.0), (-2.0, -1.0)])
def test_ratios_of_what_is_not_above_zero(first, last):
    written = points(("bar 1", first), ("bar 2", last, "exponential"))
    ((where, message),) = Automation(written).mistakes(Field("", "Hz"))
    assert where == (1, "curve")
    assert message.startswith(
        f"exponential needs values above 0 at both ends, since their ratio counts (is from {first:g} "
    )
    assert not list(Automation(written).mistakes(Field("", "dB")))


@pytest.mark.parametrize(
    "written, where, message",
    [
        (
            points(("bar 3", 1.0), ("bar 2", 1.0)),
            (1, "at"),
            "must come after the point before it, bar 3 (is bar 2)",
        ),
        (
            points(("bar 3", 1.0), ("4 s", 1.0)),
            (1, "at"),
            "must come after the point before it, bar 3 (is 4 s)",
        ),
        (
            points(("bar 2", 1.0), ("verse", 1.0)),
            (1, "at"),
            "must come after the point before it, bar 2 (is verse)",
        ),
        (
            points(("verse", 1.0), ("bar 5", 1.0)),
            (1, "at"),
            "is also where another point is, verse (is bar 5)",
        ),
        (points(("chors", 1.0)), (0, "at"), "there is no section 'chors'; did you mean chorus?"),
        (points(("bar 3 beat 4", 1.0)), (0, "at"), "bar 3 has 3 beats, no beat 4"),
        (points(("1:00", 1.0)), (0, "at"), "is after the end of the song, 16.6667 s (is 1:00)"),
        (
            {"points": points(("x", 1.0)), "lfo": {"depth": 1.0, "length": "1/4"}},
            ("points", 0, "at"),
            "there is no section 'x'; known are: verse, chorus",
        ),
        (
            {"value": 1.0, "lfo": {"depth": 1.0, "length": "1/256"}},
            ("lfo", "length"),
            "must give at most 100 cycles a second (is 1/256: 128)",
        ),
    ],
)
def test_mistakes_that_only_the_song_shows(written, where, message):
    assert list(Automation(written).mistakes_in(CONTEXT)) == [(where, message)]


def test_the_last_frame_may_have_a_point():
    assert not list(
        Automation(points(("bar 1", 1.0), (f"{SONG.frames / RATE:.12f} s", 1.0))).mistakes_in(CONTEXT)
    )


@pytest.mark.parametrize("at", ["bar", "9", "c-4_x", "bar 9", "chorus + 2 bars"])
def test_places_that_are(at):
    parse_place(at)


@pytest.mark.parametrize(
    "at", ["", "bar nine", "verse 2", "é", "con", "verse - 1 bar", "1/4", "bar 1 beat 0"]
)
def test_places_that_are_not(at):
    with pytest.raises(ValueError, match=r"or the name of a section|beats count from 1"):
        parse_place(at)
    with pytest.raises(ValueError, match="must be a length"):
        parse_place("verse + two bars")


# --- ramps and fermatas ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["beats", "time"])
@pytest.mark.parametrize("length", ["1/4", "1/8t", "1 bar"])
def test_an_lfo_follows_a_ramp_through_a_change_of_meter(kind, length):
    """The triangle at each frame is that of the position in quarters, found by the inverse of the map."""
    tempo = TempoMap(
        [change(1, 120, "4/4"), change(2, ramp=(60, "2 bars", kind)), change(3, meter="3/4"), change(5, 90)],
        parse_duration("1 beat"),
    )
    song = Timeline.build(RATE, tempo, parse_duration("6 bars"), [])
    context = RenderContext(RATE, 1, song.frames, timeline=song)
    written = {"value": 0.0, "lfo": {"depth": 1.0, "length": length, "shape": "triangle"}}
    frames = np.arange(0, song.frames, 331)
    values = Automation(written).curve(context).at(frames)
    for frame, value in zip(frames, values, strict=True):
        quarter = tempo.quarters(Fraction(int(frame), RATE))
        if length == "1 bar":
            _, beat = tempo.bar_beat(quarter)
            phase = (beat - 1) / len(tempo.time_signature(quarter).beats)
        else:
            phase = (quarter - 1) / (4 * parse_duration(length).notes)
        assert value == pytest.approx(4 * abs(float((phase - Fraction(1, 4)) % 1) - 0.5) - 1, abs=1e-9)


def test_an_lfo_goes_on_while_time_is_held():
    """At 60 BPM, a cycle a beat: its phase is that of the seconds, in the hold and after it."""
    tempo = TempoMap([change(1, 60, "4/4"), change((1, 3), hold="1.25 s")])
    song = Timeline.build(RATE, tempo, parse_duration("2 bars"), [])
    context = RenderContext(RATE, 1, song.frames, timeline=song)
    lfo = {"depth": 1.0, "length": "1/4", "shape": "sine"}
    frames = np.arange(0, song.frames, 331)
    values = Automation({"value": 0.0, "lfo": lfo}).curve(context).at(frames)
    assert values == pytest.approx(np.sin(2 * np.pi * frames / RATE), abs=1e-9)


def test_points_in_a_hold():
    """Bar 2 is at 4 s, where time stands for 4 s; a second into it, and a beat after it."""
    tempo = TempoMap([change(1, 60, "4/4"), change(2, hold="4 s")])
    song = Timeline.build(RATE, tempo, parse_duration("3 bars"), [])
    context = RenderContext(RATE, 1, song.frames, timeline=song)
    written = points(("bar 2", 0.0), ("bar 2 + 1 s", 1.0), ("bar 2 + 1 beat", 2.0))
    assert [frame / RATE for frame, _, _ in Automation(written).curve(context).points] == [4, 5, 9]
