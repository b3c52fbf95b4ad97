"""Whether patterns fill their bars and sections: every length of pattern against what can be counted by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tempo_maps import timeline

from stemwright.music.parts._rhythm import written_rhythm
from stemwright.music.repeats import described_misfits

SIXTEENTH = Fraction(1, 4)


def told(pattern, length="4 bars", meter="4/4", changes=()):
    line = timeline(("a", length), changes=[(1, 120, meter), *changes])
    return [
        message.partition(": change it")[0].partition(": correct")[0]
        for message in described_misfits(written_rhythm(pattern, SIXTEENTH), line.sections[0], line.tempo)
    ]


@pytest.mark.parametrize("steps", range(1, 70))
def test_a_pattern_without_bar_lines(steps):
    """In four bars of sixteen steps: what divides a bar, and one, two or four bars, is as it should be."""
    found = told("x" + "-" * (steps - 1))
    if steps in (1, 2, 4, 8, 16, 32, 64):
        assert found == []
    elif steps % 16:
        plural = "s" if steps > 1 else ""
        assert found == [f"a, bar 1 beat 1: has {steps} step{plural}, but a bar has 16 steps"]
    else:
        assert found == [f"a, bar 1 beat 1: has {steps // 16} bars, but its section has 4"]


def test_a_pattern_that_fills_a_section_of_no_whole_bars():
    assert told("x-x", "3/16") == told("x-x", "3/16", "7/8") == []
    assert told("x---------------x-x", "1 bars + 3/16") == []
    assert told("x-x-x", "3/16") == ["a, bar 1 beat 1: has 5 steps, but a bar has 16 steps"]


def test_a_pattern_longer_than_its_section():
    assert told("x---------------" * 8) == ["a, bar 1 beat 1: has 8 bars, but its section has 4"]
    assert told("x---------------" * 999) == ["a, bar 1 beat 1: is much longer than its section"]


@pytest.mark.parametrize(
    ("pattern", "meter", "expected"),
    [
        ("x---|x---|x---|x---", "4/4", []),  # the groups of a bar
        ("|x---|x---||x---|x---|", "4/4", []),
        ("x---------------|x--:|", "4/4", []),
        ("x--- x--- x--- x---\nx--- x--- x--- x---", "4/4", []),
        (
            "x-------x-------|x-------x------",
            "4/4",
            ["bar 2 beat 1: the bar before | has 15 steps, but a bar has 16 steps"],
        ),
        (
            "x------|x------- --------",
            "4/4",
            ["bar 1 beat 1: the bar before | has 7 steps, but a bar has 16 steps"],
        ),
        ("x-x-x-|x-x-x-", "6/8", []),
        ("x-x-x-x-x-x-|x-x-x-x-x-x-|", "3/4", []),
        ("x---x---x---x---", "3/4", ["bar 1 beat 1: has 16 steps, but a bar has 12 steps"]),
    ],
)
def test_bar_lines(pattern, meter, expected):
    assert told(pattern, meter=meter) == [f"a, {message}" for message in expected]


@pytest.mark.parametrize(
    "pattern", ["x--x--x--x--:|", "x--:|", " x---------------x:|\n", "x" * 16 * 3 + ":|"]
)
def test_a_repeat_sign_lets_a_pattern_repeat_where_it_ends(pattern):
    assert told(pattern.replace(":|", "")) and told(pattern) == []


def test_a_section_that_ends_between_bar_lines_may_cut_a_pattern():
    assert told("x---------------" * 2, "10 beats") == []
    assert told("x---------------" * 2, "1 bar") == ["a, bar 1 beat 1: has 2 bars, but its section has 1"]
    assert told("x---------------", "2 beats") == []
    assert told("x---------------" * 4, "10 beats") == ["a, bar 1 beat 1: has 4 bars, but its section has 3"]


def test_bars_of_different_lengths():
    to_three = (2, 120, "3/4")
    assert told("x---------------|x-----------", "2 bars", changes=[to_three]) == []
    assert told("x---------------|x---------------", "2 bars", changes=[to_three]) == [
        "a, bar 2 beat 1: the bar before | has 16 steps, but a bar has 12 steps"
    ]
