"""The tempo of onsets."""

from __future__ import annotations

import numpy as np
import pytest
from click_tracks import TEMPI, beats

from stemwright.measure.tempo import tempo


@pytest.mark.parametrize("bpm", [*TEMPI, 66.6, 101.5, 187])
@pytest.mark.parametrize("jitter_ms", [0, 5])
def test_tempo_of_clicks(bpm, jitter_ms):
    rng = np.random.default_rng(3)
    times = np.sort(beats(bpm, 64) + rng.normal(0, jitter_ms / 1000 + 1e-9, 64))
    found = tempo(times, np.full(64, 10.0))
    fold = found / bpm
    assert min(abs(fold / f - 1) for f in (0.5, 1, 2)) < 0.002
    assert fold == pytest.approx(1, abs=0.002) or bpm > 160  # a quick pulse is heard at half its tempo
