"""The gate of samples that are no numbers, or of no size that sound has."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from gate_files import FRAMES, judge, tone

from stemwright.gates import AUDIO_STAGES


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


@pytest.mark.parametrize("kind", AUDIO_STAGES)
@pytest.mark.parametrize(
    ("largest", "status"), [(1, "pass"), (1_000, "pass"), (1_001, "fail"), (-32_768, "fail"), (1e30, "fail")]
)
def test_samples_of_a_size_that_no_sound_has(judged, largest, status, kind):
    """At full scale, with 60 dB more, the highest gain of a source, and above it: as integers of 16 bits are."""
    samples = np.clip(tone(), -1, 1)
    samples[7_000:7_002] = largest
    check = judged("finite", samples, kind)
    assert (check.status, check.measured) == (status, 0 if status == "pass" else 4)
    assert ("frame 7,000: find" in check.remedy and "integers stored as floats" in check.remedy) == (
        status == "fail"
    )
