"""What holds for both gates of onsets, grid and tempo."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from click_tracks import RATE, drummed, judge, statuses, timeline


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "gate, reason", [("grid", "fewer than 20 were found"), ("tempo", "0 onsets: fewer than 12")]
)
def test_silence_is_skipped_with_a_reason(judged, gate, reason):
    (check,) = judged(gate, np.zeros((RATE, 1)), {"timeline": timeline(120).to_dict()}, "reference").values()
    assert check.status == "skip" and reason in check.reason


@pytest.mark.parametrize("gate", ["grid", "tempo"])
def test_not_finite_is_refused_and_no_timeline_skipped(judged, gate):
    samples, facts = drummed(timeline(120))
    assert statuses(judged(gate, samples, None)) == ["skip"]
    samples[RATE] = np.inf
    (check,) = judged(gate, samples, facts).values()
    assert check.status == "fail" and "not finite" in check.reason
