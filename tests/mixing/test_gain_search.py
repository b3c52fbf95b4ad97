"""The search for a gain, on loudness as a formula of it: what it finds, how soon it ends, and where it ends."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemwright.mixing.gain_search import CLOSE_LU, MAX_GAIN_DB, next_gain

TRIES = 14


def searched(loudness, target, start=None):
    """All tries, as (gain, deviation), from where the target would be met without a limiter."""
    first = target - loudness(-60.0) - 60.0 if start is None else start
    tried = [(first, loudness(first) - target)]
    while len(tried) < 60 and (gain := next_gain(tried, first)) is not None:
        assert abs(gain) <= MAX_GAIN_DB and all(gain != before for before, _ in tried)
        tried.append((gain, loudness(gain) - target))
    return tried


def soft(knee, ratio, level=-20.0):
    """Loudness that follows the gain up to a level, and then at 1 dB for `ratio` dB."""
    return lambda gain: level + min(gain, knee) + max(gain - knee, 0.0) / ratio


@given(st.floats(-10, 10), st.floats(1, 30), st.floats(-40, 10))
def test_what_a_limiter_leaves_of_a_rise_is_found(knee, ratio, target):
    loudness = soft(knee, ratio)
    tried = searched(loudness, target, min(target + 20, 60.0))
    gain, deviation = min(tried, key=lambda entry: abs(entry[1]))
    expected = target + 20 if target + 20 <= knee else knee + (target + 20 - knee) * ratio
    if expected <= MAX_GAIN_DB:
        assert abs(deviation) <= CLOSE_LU and gain == pytest.approx(expected, abs=CLOSE_LU * ratio + 1e-9)
        assert len(tried) <= TRIES
    else:
        assert tried[-1][0] == MAX_GAIN_DB  # not given up before


def test_a_plain_gain_takes_one_try_more():
    assert searched(lambda gain: gain - 30.0, -14.0, 0.0) == [(0.0, -16.0), (16.0, 0.0)]


@pytest.mark.parametrize("target", [-30.0, -20.0, -10.0])
def test_a_plateau_is_crossed(target):
    """A loud burst is limited; what is 40 dB under it decides the loudness only much later."""
    tried = searched(
        lambda gain: 10 * math.log10(10 ** (min(gain, -4) / 10) * 0.001 + 10 ** (gain / 10 - 6)), target
    )
    assert abs(tried[-1][1]) <= CLOSE_LU and len(tried) <= TRIES


def test_a_jump_over_the_target_ends_the_search_beside_it():
    tried = searched(lambda gain: gain - 20.0 - 3.0 * (gain < 7.0), -14.0, 5.0)
    quiet, loud = max(g for g, d in tried if d < 0), min(g for g, d in tried if d > 0)
    assert quiet < 7.0 <= loud and loud - quiet < 0.02
    assert len(tried) <= TRIES


@pytest.mark.parametrize("start", [3.0, 6.0, 9.0, 11.0])
def test_of_what_falls_again_the_loudest_is_found(start):
    tried = searched(lambda gain: -10.0 - abs(gain - 9.0) / 2, -8.0, start)
    best = max(tried, key=lambda entry: entry[1])
    assert best[0] == pytest.approx(9.0, abs=1.0) and len(tried) <= TRIES


def test_too_little_gain_ends_at_the_greatest():
    assert searched(lambda gain: gain - 100.0, -14.0, 40.0)[-1] == (60.0, -26.0)


def test_what_is_too_loud_is_turned_down():
    tried = searched(soft(-5.0, 10.0), -30.0, 20.0)
    assert tried[-1][0] == pytest.approx(-10.0, abs=CLOSE_LU) and len(tried) <= TRIES
