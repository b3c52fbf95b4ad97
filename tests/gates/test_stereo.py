"""The gate of correlation, against closed forms; and what the three gates of two channels have in common."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from stereo_signals import BLOCKS, COSINE, FINISHED, FRAMES, SECONDS, SINE, TIME, correlated, judge


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


STAGES = ("reference", "stem", "processed", *FINISHED)


def by_block(values):
    """Stereo with a correlation for each of the 20 blocks."""
    return np.concatenate([correlated(r)[: FRAMES // BLOCKS] for r in values])


# --- stereo -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", STAGES)
@pytest.mark.parametrize("r, status", [(0.5, "pass"), (0.01, "pass"), (-0.01, "warn"), (-0.4, "warn")])
def test_mean_correlation(judged, kind, r, status):
    checks = judged("stereo", correlated(r), kind)
    assert (checks["stereo.correlation"].status, checks["stereo.correlation"].measured) == (status, r)
    assert {check.status for name, check in checks.items() if name != "stereo.correlation"} == {"pass"}


@pytest.mark.parametrize("bad, of_mix", [(0, "pass"), (2, "pass"), (3, "fail"), (12, "fail")])
@pytest.mark.parametrize("kind", STAGES)
def test_out_of_phase(judged, kind, bad, of_mix):
    """Of 20 blocks, 2 are 10 %."""
    expected = of_mix if kind in FINISHED or of_mix == "pass" else "warn"
    check = judged("stereo", by_block([-0.6] * bad + [0.9] * (BLOCKS - bad)), kind)["stereo.out_of_phase"]
    assert (check.status, check.measured) == (expected, 5 * bad)
    near = by_block([-0.49] * bad + [0.9] * (BLOCKS - bad))
    assert judged("stereo", near, kind)["stereo.out_of_phase"].status == "pass"


@pytest.mark.parametrize("r, status", [(0.9, "pass"), (-0.94, "pass"), (-0.96, "fail"), (-1, "fail")])
@pytest.mark.parametrize("kind", STAGES)
def test_inverted(judged, kind, r, status):
    check = judged("stereo", correlated(r), kind)["stereo.inverted"]
    assert check.status == (status if kind != "reference" or status == "pass" else "warn")
    assert (
        check.measured == pytest.approx(r, abs=1e-3) and "one channel is the other inverted" in check.remedy
    )


@pytest.mark.parametrize(
    "difference_db, status", [(-20, "pass"), (-59, "pass"), (-61, "warn"), (None, "warn")]
)
def test_the_same_on_both_sides(judged, difference_db, status):
    side = 10 ** (difference_db / 20) if difference_db else 0
    samples = 0.1 * np.stack([SINE + side * COSINE, SINE - side * COSINE], axis=1)
    for kind in FINISHED:
        check = judged("stereo", samples, kind)["stereo.same"]
        assert (check.status, check.measured) == (status, difference_db or "-inf")
    assert "stereo.same" not in judged("stereo", samples, "stem")  # a mono source in the centre


def test_only_blocks_that_are_heard_count(judged):
    """RMS over both sides: a sine of peak √2 times -60 dBFS is on the floor."""
    floor = math.sqrt(2) * 1e-3
    for level, mean in [(1.01 * floor, 0.05), (0.99 * floor, 1)]:
        quiet = correlated(-0.9, level)
        samples = np.where(TIME[:, None] < SECONDS / 2, correlated(1), quiet)
        assert judged("stereo", samples)["stereo.correlation"].measured == pytest.approx(mean, abs=1e-3)


# --- what all of them do ----------------------------------------------------------------------

GATES = ("stereo", "balance", "mono_fold_down")


@pytest.mark.parametrize("name", GATES)
def test_a_mono_file_is_skipped_by_name(judged, name):
    (check,) = judged(name, correlated(0)[:, :1]).values()
    assert (check.id, check.status, check.reason) == (name, "skip", "the file is mono")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", GATES)
def test_what_is_not_finite_is_refused_by_name(judged, name, bad):
    samples = correlated(0.9)
    samples[9_999, 1] = bad
    (check,) = judged(name, samples).values()
    assert (check.status, check.measured) == ("fail", None)
    assert "not finite" in check.reason and check.remedy == "see finite"
    assert [c.status for c in judged(name, samples, severity="warn").values()] == ["warn"]


@pytest.mark.parametrize(
    "name, samples, told",
    [
        ("stereo", correlated(0)[:3_199], "no block of 400 ms"),
        ("stereo", correlated(-1, 1e-4), "above -60 dBFS"),
        ("balance", correlated(0, 0), "both sides are silent"),
        ("mono_fold_down", correlated(0, 1e-5), "nothing in it is above -70 LUFS"),
    ],
)
def test_too_short_or_silent_is_skipped_by_name(judged, name, samples, told):
    (check,) = judged(name, samples).values()
    assert check.status == "skip" and told in check.reason


@pytest.mark.parametrize("name", GATES)
def test_severity(judged, name):
    bad = correlated(-1) * [1, 0.4]  # 8 dB apart, and 6.6 LU are lost
    assert "fail" in {check.status for check in judged(name, bad).values()}
    assert "fail" not in {check.status for check in judged(name, bad, severity="warn").values()}
