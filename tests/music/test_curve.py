"""Curves: closed forms at and between points, steps, waves, and the same values whatever the blocks."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from stemwright.music.curve import Curve
from stemwright.music.lfo import Wave, WaveSpan

EDGE = 240
POINTS = ((1_000, -60.0, "linear"), (5_000, 0.0, "linear"), (9_000, -6.0, "step"), (20_000, 6.0, "linear"))


def wave(shape, cycle=1_000, depth=1.0, phase=Fraction(0), edge=1):
    return Wave(shape, depth, (WaveSpan(Fraction(0), phase, Fraction(1, cycle)),), edge)


def test_lines_between_points_and_what_is_before_and_after():
    values, n = Curve(POINTS, EDGE).values(0, 30_000), np.arange(30_000)
    assert values[:9_000] == pytest.approx(np.interp(n, [1_000, 5_000], [-60, 0])[:9_000], abs=1e-12)
    after = slice(9_000 + EDGE, None)
    assert values[after] == pytest.approx(np.interp(n, [9_000, 20_000], [-6, 6])[after], abs=1e-12)
    assert values[[0, 1_000, 5_000, 8_999, 20_000, 29_999]].tolist() == [-60, -60, 0, 0, 6, 6]


def test_equal_ratios_in_equal_times():
    curve = Curve(((100, 200.0, "linear"), (1_100, 12_800.0, "exponential"), (1_300, 50.0, "exponential")))
    values = curve.values(0, 1_500)
    assert values[100:1_101] == pytest.approx(np.geomspace(200, 12_800, 1_001), rel=1e-12)
    assert values[1_100:1_301] == pytest.approx(np.geomspace(12_800, 50, 201), rel=1e-12)
    assert values[[0, 600, 1_200, 1_400]] == pytest.approx([200, 1_600, 800, 50], rel=1e-12)


def test_a_step_is_a_raised_cosine_that_begins_on_its_frame():
    values = Curve(((0, 2.0, "linear"), (1_000, 6.0, "step"), (3_000, 6.0, "linear")), EDGE).values(0, 3_000)
    rise = signal.windows.hann(2 * EDGE + 1, sym=True)  # whose values half-way between two frames are taken
    assert np.all(values[:1_000] == 2)
    assert np.all(values[1_000 + EDGE :] == 6)
    middles = 4 * (rise[:EDGE] + rise[1 : EDGE + 1]) / 2 + 2
    assert values[1_000 : 1_000 + EDGE] == pytest.approx(middles, abs=1e-4)
    assert np.all(np.diff(values[1_000 : 1_000 + EDGE]) > 0)


def test_a_step_is_shorter_if_the_next_point_comes_sooner():
    values = Curve(
        ((0, 0.0, "linear"), (100, 1.0, "step"), (110, 0.0, "step"), (111, 5.0, "step")), EDGE
    ).values(0, 1_000)
    assert values[100:110] == pytest.approx(np.sin(np.pi * (np.arange(10) + 0.5) / 20) ** 2)
    assert values[110] == pytest.approx(0.5)
    assert values[111:351] == pytest.approx(5 * np.sin(np.pi * (np.arange(240) + 0.5) / 480) ** 2)


@pytest.mark.parametrize(
    "shape, reference",
    [
        ("sine", lambda t: np.sin(t)),
        ("triangle", lambda t: signal.sawtooth(t + np.pi / 2, 0.5)),
        ("square", lambda t: signal.square(t)),
        ("saw", lambda t: signal.sawtooth(t)),
    ],
)
@pytest.mark.parametrize("phase", [Fraction(0), Fraction(1, 3)])
def test_waves_are_scipys(shape, reference, phase):
    """But for the frames of their jumps: there, they are within."""
    n = np.arange(0, 10_000)
    x = n / 997 + float(phase)
    values = Curve(((0, 3.0, "linear"),), 0, wave(shape, 997, 0.5, phase, edge=48)).values(0, 10_000)
    expected = 3 + 0.5 * reference(2 * np.pi * x)
    still = (x % 0.5) * 997 > 48.001 if shape in ("square", "saw") else np.full(len(n), True)
    assert values[still] == pytest.approx(expected[still], abs=1e-9)
    assert values.min() >= 2.5 and values.max() <= 3.5
    assert np.abs(np.diff(values)).max() < 1.05 * max(np.pi / 2 / 48, 2 * np.pi / 997)


def test_a_wave_that_changes_its_speed_keeps_its_phase():
    spans = (
        WaveSpan(Fraction(0), Fraction(0), Fraction(1, 1_000)),
        WaveSpan(Fraction(5_001, 2), Fraction(1, 2), Fraction(1, 400)),
    )
    values = Curve(((0, 0.0, "linear"),), 0, Wave("sine", 1.0, spans, 0)).values(0, 6_000)
    n = np.arange(6_000)
    cycles = np.where(n <= 2_500, n / 1_000, 0.5 + (n - 2_500.5) / 400)
    assert values == pytest.approx(np.sin(2 * np.pi * cycles), abs=1e-9)


kinds = st.sampled_from(["linear", "exponential", "step"])
points = st.lists(
    st.tuples(st.integers(0, 3_000), st.floats(0.1, 1e4), kinds),
    min_size=1,
    max_size=8,
    unique_by=lambda p: p[0],
).map(lambda found: tuple(sorted(found)))
waves = st.none() | st.builds(
    wave,
    st.sampled_from(["sine", "triangle", "square", "saw"]),
    st.integers(100, 5_000),
    st.floats(-5, 5),
    st.fractions(0, 1, max_denominator=1_000),
    st.integers(1, 50),
)


@settings(max_examples=100, deadline=None)
@given(points=points, added=waves, cuts=st.lists(st.integers(0, 4_000), max_size=9))
def test_the_same_whatever_the_blocks_and_as_plain_data(points, added, cuts):
    curve = Curve(points, 100, added)
    whole = curve.values(0, 4_000)
    edges = [0, *sorted(cuts), 4_000]
    parts = [curve.values(a, b - a) for a, b in pairwise(edges)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(curve.at(np.arange(7, 4_000, 64)), whole[7::64])
    assert Curve.from_dict(json.loads(json.dumps(curve.to_dict()))) == curve
    low, high = curve.range
    assert low <= whole.min() and whole.max() <= high


def test_a_curve_that_stays():
    assert Curve.of(-3).values(5, 2).tolist() == [-3, -3]
    assert Curve.of(-3).constant == -3
    assert Curve(((0, 1.0, "linear"), (10, 1.0, "step")), EDGE).constant == 1
    assert Curve(POINTS, EDGE).constant is None
    assert Curve(((0, 1.0, "linear"),), 0, wave("sine")).constant is None


@pytest.mark.parametrize("kind", ["linear", "exponential", "step"])
def test_passages_have_the_values_of_the_song(kind):
    """Frame by frame against the whole curve; where a passage begins, it moves there within the edge."""
    curve = Curve(((100, 1.0, "linear"), (500, 8.0, kind), (900, 2.0, kind)), edge=20)
    passages = [(450, 700, 0), (0, 300, 250), (899, 1_000, 550), (120, 130, 651)]
    cut = curve.through(passages)
    for start, end, at in passages:
        n = np.arange(start + (20 if at else 0), end)
        if kind == "step":
            n = n[(n >= start + 20) & ((n < 500) | (n >= 520)) & ((n < 900) | (n >= 920))]
        assert np.allclose(cut.at(n - start + at), curve.at(n), atol=1e-12)
    assert Curve.of(3.0).through(passages) == Curve.of(3.0)
