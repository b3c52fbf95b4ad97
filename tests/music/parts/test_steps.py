"""The part steps: hits and ties."""

from __future__ import annotations

from fractions import Fraction

from part_spans import ACCENT, GHOST, PLAIN, make, mistakes, played, span

from stemwright.music.pitch import parse_note


def test_steps_hits_and_ties():
    e2 = parse_note("E2")
    assert played(make("steps", "x-Xo | _.9_", note="E2"), span()) == [
        (0, 0.5, e2, PLAIN),
        (1, 1.5, e2, ACCENT),
        (1.5, 2.5, e2, GHOST),
        (3, 4, e2, 1.0),
    ]


def test_a_pattern_repeats_to_fill_its_section_and_is_cut_at_its_end():
    on = span("1 bar + 1/16", before="2 bars")
    starts = [(start, end) for start, end, *_ in played(make("steps", "x_-", note="C3"), on)]
    assert starts == [(8, 9), (9.5, 10.5), (11, 12)] and on.end == Fraction("12.25")
    assert [e for _, e, *_ in played(make("steps", "x_", note="C3"), on)][-1] == 12.25


def test_velocity_scales_all_hits():
    velocities = [v for *_, v in played(make("steps", "xXo5", note="C3", velocity=0.4), span("2 beats"))]
    assert velocities == [0.4, 0.5, 0.225, round(5 / 18, 9)]


def test_mistakes_in_steps():
    assert mistakes(make("steps", "_x-y-xX?", note="C3"), span(step="1/4")) == [
        "bar 1 beat 1: _ extends the hit before it, and there is none",
        "bar 1 beat 4: must be x hit, X accent, o ghost, 1-9 velocity, _ tie, - rest (is 'y')",
        "bar 2 beat 4: must be x hit, X accent, o ghost, 1-9 velocity, _ tie, - rest (is '?')",
    ]
    assert mistakes(make("steps", "x-_", note="C3"), span()) == [
        "bar 1 beat 2: _ extends the hit before it, and there is none"
    ]
    assert mistakes(make("steps", " | ", note="C3"), span()) == ["bar 1 beat 1: must have at least one step"]
