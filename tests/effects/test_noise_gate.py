"""The noise gate: its static curve, its times, its hold and its key, against closed forms and pedalboard's."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest
from effect_runs import RATE, apply, decibels, gains_of, keyed, sine, square

from stemwright.effects import make


@pytest.mark.parametrize("level", [-90, -60, -45, -41, -39.9, -20, 0])
@pytest.mark.parametrize("ratio", [1, 1.5, 4, 100])
@pytest.mark.parametrize("reach", [0, 12, 100])
def test_static_curve(level, ratio, reach):
    keys = {"threshold_db": -40.0, "ratio": float(ratio), "range_db": float(reach)}
    result = apply({"noise_gate": keys}, square(level))
    expected = max(min(level + 40, 0) * (ratio - 1), -reach)
    assert decibels(abs(result[-1, 0])) - level == pytest.approx(expected, abs=1e-3)


def test_pedalboard_has_the_same_static_curve():
    for level in (-50, -44, -30):
        samples = square(level)
        theirs = pedalboard.NoiseGate(-40, 3)(samples.T.astype(np.float32), RATE)[0, -1]
        ours = apply({"noise_gate": {"threshold_db": -40.0, "ratio": 3.0}}, samples)[-1, 0]
        assert decibels(abs(ours)) == pytest.approx(decibels(abs(theirs)), abs=0.01)


@pytest.mark.parametrize(
    "attack, hold, release, reach", [(1, 20, 100, 60), (0.1, 0, 10, 12), (50, 250, 500, 90)]
)
def test_it_opens_holds_and_closes(attack, hold, release, reach):
    begin, end = 10_000, 34_000
    samples = np.zeros((2 * RATE, 1))
    samples[begin:end] = square(-20, end - begin)
    times = {"attack_ms": float(attack), "hold_ms": float(hold), "release_ms": float(release)}
    found = gains_of({"noise_gate": {"threshold_db": -40.0, "range_db": float(reach), **times}}, samples)[
        :, 0
    ]
    shut = 10 ** (-reach / 20)
    closing = max(end, end - 1 + hold * RATE // 1_000)
    t = np.arange(1, 2 * RATE + 1) / RATE * 1_000
    opening = 1 - np.exp(-2 * np.pi * t[: closing - begin] / attack)
    falling = opening[-1] * np.exp(-2 * np.pi * t[: 2 * RATE - closing] / release)
    expected = shut + (1 - shut) * np.concatenate([np.zeros(begin), opening, falling])
    assert np.allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("frequency", [25, 60, 440])
def test_a_low_tone_above_the_threshold_passes_steadily(frequency):
    found = gains_of({"noise_gate": {"threshold_db": -30.0}}, sine(frequency, -28))[RATE // 2 :]
    assert np.allclose(found, 1, rtol=0, atol=1e-5)


@pytest.mark.parametrize("levels", [(-20, -60), (-60, -20)])
def test_both_channels_have_one_gain(levels):
    samples = np.hstack([square(level) for level in levels])
    result = apply({"noise_gate": {"threshold_db": -40.0}}, samples)
    assert result[-1] == pytest.approx(samples[-1], rel=1e-5)


def test_with_a_key_its_own_level_does_not_matter(tmp_path):
    key = sine(80, -6) * (np.arange(RATE)[:, None] % 12_000 < 3_000)
    entry = {"noise_gate": {"threshold_db": -30.0, "release_ms": 20.0}}
    expected = gains_of(entry, key)
    assert expected[:9_000].max() > 0.99
    assert expected[11_999] < 0.01
    for level in (-90, 0):
        samples = np.repeat(sine(1_000, level), 2, axis=1)
        found = keyed(entry, samples, np.repeat(key, 2, axis=1), tmp_path)
        assert np.allclose(found, samples * expected, rtol=0, atol=1e-12)
    assert make({"noise_gate": {"threshold_db": -30.0, "key": "kick"}}).side_chains() == [(("key",), "kick")]


SWEEP = {
    "threshold_db": ((0.2, -50.0), (0.8, -30.0)),
    "ratio": ((0.2, 1.0), (0.8, 3.0)),
    "range_db": ((0.2, 0.0), (0.8, 10.0)),
}


@pytest.mark.parametrize("key", SWEEP)
def test_the_static_curve_of_what_moves(key):
    still = {"threshold_db": -40.0, "ratio": 2.0, "range_db": 80.0}
    still |= {"ratio": 9.0} if key == "range_db" else {}
    points = [{"at": f"{at} s", "value": value} for at, value in SWEEP[key]]
    times = {"attack_ms": 0.1, "hold_ms": 5.0, "release_ms": 1.0}
    found = decibels(gains_of({"noise_gate": still | times | {key: points}}, square(-45))[:, 0])
    for at in (0.1, 0.35, 0.5, 0.65, 0.9):
        now = still | {key: np.interp(at, *zip(*SWEEP[key], strict=True))}
        expected = max(min(-45 - now["threshold_db"], 0) * (now["ratio"] - 1), -now["range_db"])
        assert found[round(at * RATE)] == pytest.approx(expected, abs=0.02)


def test_an_open_gate_remains_open_while_its_range_moves():
    """And a closed one follows it at once, whatever the times of the gate."""
    points = [{"at": "0.3 s", "value": 80.0}, {"at": "0.6 s", "value": 0.0}]
    entry = {"noise_gate": {"threshold_db": -40.0, "range_db": points, "release_ms": 2_000.0}}
    assert np.allclose(gains_of(entry, square(-20))[RATE // 4 :], 1, rtol=0, atol=1e-6)
    expected = np.interp(np.arange(RATE) / RATE, [0.3, 0.6], [-80, 0])
    assert np.allclose(decibels(gains_of(entry, np.zeros((RATE, 1)))[:, 0]), expected, rtol=0, atol=1e-6)
