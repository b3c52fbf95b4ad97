"""The gate of offsets."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from gate_files import judge, tone


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "offset, status",
    [(0, "pass"), (0.0009, "pass"), (0.0011, "warn"), (0.0099, "warn"), (0.0101, "fail"), (0.2, "fail")],
)
def test_dc(judged, offset, status, sign):
    check = judged("dc", tone() + np.array([0, sign * offset]))
    assert check.status == status
    assert check.measured == pytest.approx(offset, abs=1e-4)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_mean_that_cannot_be_measured_does_not_pass(judged, bad):
    samples = tone()
    samples[9_999, 1] = bad
    check = judged("dc", samples)
    assert (check.status, check.measured) == ("fail", None) and "not finite" in check.reason
