"""Decibels and amplitudes."""

from __future__ import annotations

import math

import pytest

from stemwright.base.decibels import amplitude, decibels


@pytest.mark.parametrize("db, factor", [(0, 1), (20, 10), (-20, 0.1), (-60, 0.001), (6.020599913, 2)])
def test_decibels(db, factor):
    assert amplitude(db) == pytest.approx(factor)
    assert decibels(factor) == pytest.approx(db)


def test_silence_is_infinitely_far_down():
    assert decibels(0.0) == -math.inf
    assert decibels(amplitude(-400)) == pytest.approx(-400)
