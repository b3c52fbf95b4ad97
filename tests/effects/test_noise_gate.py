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
