"""The gate of clipping: runs at full scale."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from gate_files import clipped, judge, tone
from moving_song import moving_plan

from stemwright.graph import Artifact


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "kind, bad", [("master", "fail"), ("delivered", "fail"), ("reference", "warn"), ("window", "warn")]
)
def test_clipping(judged, kind, bad):
    assert judged("clipping", clipped(2), kind).status == "pass"
    assert judged("clipping", clipped(50, 0.9899), kind).status == "pass"
    check = judged("clipping", clipped(3, channel=1), kind)
    assert (check.status, check.measured, check.unit) == (bad, 1, "runs")
    assert judged("clipping", clipped(3, -1), kind).status == bad
    hard = judged("clipping", np.clip(tone(6, hertz=50), -1, 1), kind)
    assert (hard.status, hard.measured) == (bad, 2 * 2 * 50 * 2)  # both peaks of each cycle, on both sides


def test_clipping_does_not_mix_channels(judged):
    samples = tone()
    samples[5_000:5_002, 0] = samples[5_002:5_004, 1] = 1
    assert judged("clipping", samples).status == "pass"


def test_clipping_limits(judged):
    assert judged(("clipping", {"consecutive": 4}), clipped(3)).status == "pass"
    assert judged(("clipping", {"consecutive": 1}), clipped(1)).status == "fail"
    assert judged(("clipping", {"level": 0.5}), clipped(3, 0.51)).status == "fail"


def test_delivered_float_is_not_judged_for_clipping(judged):
    check = judged("clipping", clipped(99), "delivered", context={"integer": False})
    assert check.status == "skip" and "float" in check.reason


@pytest.mark.parametrize("stem, is_judged", [("", True), ("bass", False)], ids=["window", "strip"])
def test_of_a_window_its_strips_are_not_judged(tmp_path, stem, is_judged):
    plan = moving_plan(tmp_path)
    name = "window_strip" if stem else "window"
    artifact = Artifact(name, "x", "build/x", "preview/x.wav", judged_as="window", stem=stem)
    assert ("clipping" in plan.gates(artifact)) == is_judged
