"""The gate of formats: rate, channels and subtype as asked for."""

from __future__ import annotations

from functools import partial

import pytest
from gate_files import judge, tone


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "written, found",
    [
        ({"rate": 8_001}, "8,001 Hz, stereo, FLOAT"),
        ({"samples": tone()[:, :1]}, "8,000 Hz, mono, FLOAT"),
        ({"subtype": "PCM_16"}, "8,000 Hz, stereo, PCM_16"),
        ({"subtype": "DOUBLE"}, "8,000 Hz, stereo, DOUBLE"),
    ],
)
def test_format(judged, written, found):
    check = judged("format", **({"samples": tone()} | written))
    assert (check.status, check.measured, check.limit) == ("fail", found, "= 8,000 Hz, stereo, FLOAT")


def test_a_format_that_nobody_asked_for_does_not_pass(judged):
    with pytest.raises(KeyError):
        judged("format", tone(), expect={})
