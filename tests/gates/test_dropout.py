"""The gate of drop-outs: found where they were put, and only there."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from damage import RATE, holed, judge, tone

from stemwright.audio.fades import ramp


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize("kind", ["processed", "mix", "master"])
@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (0.95, "pass"), (1.1, "fail"), (10, "fail"), (1500, "fail")]
)
def test_dropout_by_length(judged, ms, status, kind):
    check = judged("dropout", holed(tone(), ms), kind)["dropout"]
    assert (check.status, check.measured) == (status, int(status == "fail"))
    assert status == "pass" or f"2.083 s ({ms:.1f} ms)" in check.remedy


@pytest.mark.parametrize("db, status", [(-31, "pass"), (-29, "fail")])
@pytest.mark.parametrize("side", ["before", "after", "both"])
def test_dropout_by_level(judged, db, status, side):
    samples = tone(-12)
    quiet = tone(db)
    if side != "after":
        samples[:100_000] = quiet[:100_000]
    if side != "before":
        samples[100_000:] = quiet[100_000:]
    assert judged("dropout", holed(samples, 5))["dropout"].status == status


def test_one_channel_alone_is_no_dropout(judged):
    assert judged("dropout", holed(tone(), 10, channels=0))["dropout"].status == "pass"


@pytest.mark.parametrize("fade_ms, status", [(5, "pass"), (10, "pass"), (0, "fail")])
def test_a_rest_is_faded_into(judged, fade_ms, status):
    samples = holed(tone(), 500)
    n = np.arange(len(samples))
    samples *= np.where(n < 100_000, ramp(99_999 - n, round(fade_ms / 1000 * RATE)), 1)[:, None]
    assert judged("dropout", samples)["dropout"].status == status


@pytest.mark.parametrize("hertz", [40.0, 220.0, 1_000.0, 5_000.0])
def test_a_hole_at_a_zero_crossing_is_one_too(judged, hertz):
    at = round(2 * RATE)  # every one of these begins a cycle there
    assert judged("dropout", holed(tone(hertz=hertz), 3, at=at))["dropout"].status == "fail"


def test_silence_at_the_ends_is_no_dropout(judged):
    samples = tone()
    samples[:RATE] = samples[-RATE:] = 0
    assert judged("dropout", samples)["dropout"].status == "pass"
    assert judged("dropout", 0 * samples)["dropout"].status == "pass"


def test_what_is_not_finite_does_not_hide_a_hole(judged):
    samples = holed(tone(), 5)
    samples[99_000] = np.nan
    assert judged("dropout", samples)["dropout"].status == "fail"


def test_warned_about_only_if_so_wanted(judged):
    assert judged("dropout", holed(tone(), 5), severity="warn")["dropout"].status == "warn"
