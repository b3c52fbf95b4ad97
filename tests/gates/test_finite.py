"""The gate of samples that are no numbers."""

from __future__ import annotations

import math
from functools import partial

import pytest
from gate_files import FRAMES, judge, tone


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("frame", [0, 9_999, FRAMES - 1])
def test_finite(judged, bad, frame):
    samples = tone()
    samples[frame, 1] = bad
    check = judged("finite", samples)
    assert (check.status, check.measured) == ("fail", 1)
    assert f"frame {frame:,}:" in check.remedy
