"""The gate of clicks: found where they were put, at the boundaries of sections and elsewhere."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import soundfile as sf
from damage import RATE, fed, judge, spiked, spliced, stepped, tone

from stemwright.audio.fades import ramp
from stemwright.gates import Subject, make, verify
from stemwright.measure.clicks import Clicks


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


def found(checks):
    return [check.measured for check in checks.values()]


@pytest.mark.parametrize("damage", [stepped, spliced, spiked])
@pytest.mark.parametrize(
    "away_ms, where", [(0, "boundary"), (4.8, "boundary"), (5.2, "elsewhere"), (900, "elsewhere")]
)
def test_a_click_refuses_at_a_boundary_and_is_told_elsewhere(judged, damage, away_ms, where):
    seams = [10, 96_000 + round(away_ms / 1000 * RATE), 180_000]
    samples = damage(tone(), 0.1) if damage is stepped else damage(tone())
    for kind in ("processed", "mix"):
        checks = judged("click", samples, kind, seams)
        assert checks["click.boundary"].status == ("fail" if where == "boundary" else "pass")
        assert checks["click.elsewhere"].status == ("pass" if where == "boundary" else "warn")
        assert "at 2.000 s" in checks[f"click.{where}"].remedy
    assert set(found(judged("click", tone(), "mix", seams))) == {0}


@pytest.mark.parametrize("over, count", [(-3, 1), (3, 0)])
def test_just_inside_and_just_outside_the_limit_of_a_click(judged, over, count):
    noise = 0.003 * np.random.default_rng(0).standard_normal((4 * RATE, 2))
    samples = spiked(tone() + noise, 0.15)
    ((_, height),) = fed(Clicks(20), samples, 1 << 16)
    assert height == pytest.approx(20 * np.log10(0.15 / 0.003), abs=3)  # white noise: its own residual
    assert sum(found(judged("click", samples, over_db=round(height) + over))) == count


@pytest.mark.parametrize("height, count", [(0.0005, 0), (0.005, 0), (0.01, 1), (0.5, 1)])
def test_what_is_far_below_the_sound_is_no_click(judged, height, count):
    assert sum(found(judged("click", stepped(tone(), height)))) == count


@pytest.mark.parametrize("before_db, count", [(-100, 0), (-20, 0), (-14, 1)])
def test_a_hard_start_is_an_attack_if_it_is_louder_by_far(judged, before_db, count):
    samples = tone(-12, hertz=315.1)
    samples[:96_010] = tone(before_db)[:96_010]
    assert sum(found(judged("click", samples))) == count


def test_a_hard_stop_is_a_click_and_a_faded_one_none(judged):
    samples = tone(hertz=311.0)
    samples[96_020:] = 0
    assert sum(found(judged("click", samples))) == 1
    samples *= ramp(96_019 - np.arange(len(samples)), 240)[:, None]
    assert sum(found(judged("click", samples))) == 0


def test_clicks_of_what_is_not_finite_cannot_be_told(judged):
    samples = tone()
    samples[50_000, 1] = np.inf
    (check,) = judged("click", samples).values()
    assert check.status == "fail" and "not finite" in check.reason


def test_where_no_sections_meet_there_is_nothing_to_say_of_boundaries(judged):
    check = judged("click", tone(), boundaries=())["click.boundary"]
    assert (check.status, check.reason) == ("skip", "the file has no boundaries between sections")


@pytest.mark.parametrize("key_at, count", [(96_000, 0), (96_000 - 2_400, 1), (96_000 + 480, 1), (None, 1)])
def test_where_a_side_chain_sets_in_a_fast_gain_is_no_click(tmp_path, key_at, count):
    """A bass that falls by 17 dB in 0.3 ms, at a boundary; without an onset there, it is damage."""
    since = np.arange(4 * RATE) - 96_000
    gain = 10 ** (-17 / 20 * (since >= 0) * (1 - np.exp(-since.clip(0) / (0.0003 * RATE / 2 / np.pi))))
    samples = 0.5 * np.sin(2 * np.pi * 55 * np.arange(4 * RATE) / RATE + 1)[:, None] * gain[:, None]
    kick = 0.001 * np.ones((4 * RATE, 1))
    if key_at is not None:
        kick[key_at : key_at + 4_000] = 0.8
    for name, sound in (("bass", samples), ("kick", kick)):
        sf.write(tmp_path / f"{name}.wav", sound, RATE, "FLOAT")
    keys = {"side_chains": [str(tmp_path / "kick.wav")]}
    subject = Subject(str(tmp_path / "bass.wav"), "processed", {}, {"boundaries": [96_000]}, keys)
    boundary, elsewhere = verify(subject, make({"click": {}})).checks
    assert (boundary.measured, elsewhere.measured) == (count, 0)
