"""The gate of balance, left to right."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from stereo_signals import FINISHED, correlated, judge


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize("lean", [1, -1])
@pytest.mark.parametrize(
    "db, status",
    [(0, "pass"), (1.45, "pass"), (1.55, "warn"), (5.95, "warn"), (6.05, "fail"), (30, "fail")],
)
def test_balance(judged, db, status, lean):
    for kind in FINISHED:
        check = judged("balance", correlated(0.3) * [1, 10 ** (-lean * db / 20)], kind)["balance"]
        assert (check.status, check.measured) == (status, pytest.approx(lean * db, abs=0.006))
        assert db == 0 or f"the {'right' if lean > 0 else 'left'} side is quieter" in check.remedy


@pytest.mark.parametrize("side, said", [(0, "inf"), (1, "-inf")])
def test_a_side_of_nothing(judged, side, said):
    check = judged("balance", correlated(0)[:, [side]] * np.eye(2)[side])["balance"]
    assert (check.status, check.measured) == ("fail", said)
