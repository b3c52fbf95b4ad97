"""The gate of silence."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from gate_files import FRAMES, RATE, judge, tone


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize("level, status", [(-20, "pass"), (-89.9, "pass"), (-90.1, "fail"), (-120, "fail")])
def test_silence(judged, level, status):
    check = judged("silence", tone(level, hertz=RATE / 4, degrees=90), "stem")
    assert (check.status, check.measured) == (status, level)


@pytest.mark.parametrize("nothing", [0.0, math.nan])
def test_a_file_of_nothing(judged, nothing):
    check = judged("silence", np.full((FRAMES, 2), nothing), "stem")
    assert (check.status, check.measured) == ("fail", "-inf")
