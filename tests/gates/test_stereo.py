"""Gates of the two channels: correlation, balance and the mono sum, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.measure import measure
from stemwright.measure.stereo import Stereo, correlation

RATE, SECONDS = 8_000, 8
FRAMES = RATE * SECONDS
BLOCKS = 20  # of 400 ms
TIME = np.arange(FRAMES) / RATE
SINE, COSINE = np.sin(2 * np.pi * 500 * TIME), np.cos(2 * np.pi * 500 * TIME)
"""Whole periods in each block of 400 ms, so they are orthogonal in each."""

FINISHED = ("mix", "master")
STAGES = ("reference", "stem", "processed", *FINISHED)


def correlated(r, level=0.1):
    """Stereo of equal sides and exactly this correlation."""
    return level * np.stack([SINE, r * SINE + math.sqrt(1 - r * r) * COSINE], axis=1)


def by_block(values):
    """Stereo with a correlation for each of the 20 blocks."""
    return np.concatenate([correlated(r)[: FRAMES // BLOCKS] for r in values])


@pytest.fixture
def judged(tmp_path):
    """Checks by id of samples, by one gate."""

    def judge(name, samples, kind="mix", rate=RATE, **limits):
        path = tmp_path / "a.wav"
        sf.write(path, samples, rate, "DOUBLE")
        verdict = verify(Subject(str(path), kind), make({name: limits}))
        assert verdict.passed == all(check.status != "fail" for check in verdict.checks)
        return {check.id: check for check in verdict.checks}

    return judge


# --- the meter --------------------------------------------------------------------------------


@pytest.mark.parametrize("r", [-1, -0.5, 0, 0.3, 1])
@pytest.mark.parametrize("gain", [1, 0.01])
def test_correlation_is_that_of_its_definition(tmp_path, r, gain):
    samples = correlated(r) * [1, gain]
    sf.write(tmp_path / "a.wav", samples, RATE, "DOUBLE")
    meter = Stereo()
    measure(str(tmp_path / "a.wav"), [meter])
    assert correlation(meter.blocks) == pytest.approx(np.full(BLOCKS, r), abs=1e-9)
    assert correlation(meter.total) == pytest.approx(r, abs=1e-9)
    assert meter.total == pytest.approx([*(samples**2).sum(axis=0), np.dot(*samples.T)], rel=1e-9, abs=1e-9)


def test_blocks_do_not_hang_on_how_the_file_is_read():
    noise = np.random.default_rng(1).normal(size=(FRAMES - 1_234, 2))
    whole, pieces = Stereo(), Stereo()
    for meter, sizes in [(whole, [len(noise)]), (pieces, [1, 3_199, 3_200, 3_201, 7, 20_000, len(noise)])]:
        meter.start(RATE, 2)
        for end, size in zip(np.cumsum(sizes), sizes, strict=True):
            meter.feed(noise[end - size : end])
    assert len(whole.blocks) == BLOCKS - 1
    assert pieces.blocks == pytest.approx(whole.blocks) and pieces.total == pytest.approx(whole.total)
    assert whole.total == pytest.approx([*(noise**2).sum(axis=0), np.dot(*noise.T)])


def test_a_silent_side_has_no_correlation():
    assert correlation(np.array([[4.0, 0.0, 0.0], [0.0, 0.0, 0.0]])).tolist() == [0, 0]


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


# --- balance ----------------------------------------------------------------------------------


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


# --- mono fold-down ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "r, status",
    [(1, "pass"), (0.02, "pass"), (-0.02, "warn"), (-0.48, "warn"), (-0.52, "fail"), (-0.99, "fail")],
)
def test_mono_fold_down(judged, r, status):
    for kind in FINISHED:
        check = judged("mono_fold_down", correlated(r), kind)["mono_fold_down"]
        assert check.status == status
        assert check.measured == pytest.approx(-10 * math.log10((1 + r) / 2), abs=0.02)


def test_all_is_lost_of_opposite_sides(judged):
    check = judged("mono_fold_down", correlated(-1))["mono_fold_down"]
    assert (check.status, check.measured) == ("fail", "inf") and "left in mono" in check.reason


def test_one_side_alone_loses_3_db(judged):
    check = judged("mono_fold_down", correlated(0) * [1, 0])["mono_fold_down"]
    assert check.measured == pytest.approx(10 * math.log10(2), abs=0.02)


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
        ("mono_fold_down", correlated(0)[:3_199], "under 400 ms"),
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
