"""The gate of the mono sum, against closed forms."""

from __future__ import annotations

import math
from functools import partial

import pytest
from stereo_signals import FINISHED, correlated, judge


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "r, status",
    [(1, "pass"), (0.02, "pass"), (-0.02, "warn"), (-0.48, "warn"), (-0.52, "fail"), (-0.99, "fail")],
)
def test_mono_fold_down(judged, r, status):
    for kind in FINISHED:
        check = judged("mono_fold_down", correlated(r), kind)["mono_fold_down"]
        assert check.status == status
        assert check.measured == pytest.approx(-10 * math.log10((1 + r) / 2), abs=0.02)


def test_all_is_lost_of_opposite_sides(judged):
    check = judged("mono_fold_down", correlated(-1))["mono_fold_down"]
    assert (check.status, check.measured) == ("fail", "inf") and "left in mono" in check.reason


def test_one_side_alone_loses_3_db(judged):
    check = judged("mono_fold_down", correlated(0) * [1, 0])["mono_fold_down"]
    assert check.measured == pytest.approx(10 * math.log10(2), abs=0.02)
