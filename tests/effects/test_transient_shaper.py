"""The transient shaper: steady sound stays, attacks and decays have their gain, whatever the level."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, gains_of, noise, sine, square

BOTH = {"transient_shaper": {"attack_db": 12.0, "sustain_db": -18.0}}
FLOOR = 1e-6  # -120 dBFS


def covered(ms, frames):
    """How much of a step is covered at each frame, in JUCE's attack or release time."""
    return 1 - np.exp(-2 * np.pi * np.arange(1, frames + 1) / RATE * 1_000 / ms)


@pytest.mark.parametrize("frequency", [20, 100, 1_000])
@pytest.mark.parametrize("level", [-60, 0])
def test_steady_sound_is_left(frequency, level):
    found = decibels(gains_of(BOTH, sine(frequency, level, 2 * RATE)))
    assert np.abs(found[RATE:]).max() < 0.02


@pytest.mark.parametrize("attack", [-24, 6, 24])
@pytest.mark.parametrize("before, after", [(-200, -10), (-40, -10), (-10, -4)])
def test_attack(attack, before, after):
    samples = np.concatenate([square(before, RATE), square(after, RATE)])
    found = decibels(gains_of({"transient_shaper": {"attack_db": float(attack)}}, samples)[RATE:, 0])
    low, high = 10 ** (before / 20), 10 ** (after / 20)
    fast, slow = (low + (high - low) * covered(ms, RATE) + FLOOR for ms in (2, 150))
    assert np.allclose(found, attack * (1 - slow / fast), rtol=0, atol=0.02)


@pytest.mark.parametrize("sustain", [-24, 6, 24])
@pytest.mark.parametrize("before, after", [(-10, -40), (-10, -16)])
def test_sustain(sustain, before, after):
    samples = np.concatenate([square(before, RATE), square(after, RATE)])
    found = decibels(gains_of({"transient_shaper": {"sustain_db": float(sustain)}}, samples)[:, 0])
    high, low = 10 ** (before / 20), 10 ** (after / 20)
    begin = RATE - 1 + 25 * RATE // 1_000  # peaks count for 25 ms
    fast, slow = (high + (low - high) * covered(ms, 2 * RATE - begin) + FLOOR for ms in (30, 1_000))
    assert np.abs(found[:begin]).max() < 0.02
    assert np.allclose(found[begin:], sustain * (1 - fast / slow), rtol=0, atol=0.02)


def test_the_level_does_not_matter():
    hits = noise(2 * RATE) * np.exp(-(np.arange(2 * RATE) % 24_000) / 3_000)[:, None]
    loud, quiet = gains_of(BOTH, hits), gains_of(BOTH, hits / 16)
    assert decibels(loud).max() > 10
    assert decibels(loud).min() < -6
    assert np.allclose(decibels(loud), decibels(quiet), rtol=0, atol=0.1)  # they differ by the floor


def test_drums_become_drier_and_sharper():
    """The share of the energy that lies in the first 10 ms of each hit."""
    hits = noise(2 * RATE) * np.exp(-(np.arange(2 * RATE) % 24_000) / 3_000)[:, None]
    first = np.arange(2 * RATE) % 24_000 < 480
    shares = [(x[first] ** 2).sum() / (x**2).sum() for x in (hits, apply(BOTH, hits))]
    assert shares[1] > 2 * shares[0]


def test_without_gains_it_changes_nothing():
    samples = noise(RATE)
    assert np.array_equal(apply({"transient_shaper": {}}, samples), samples)


@pytest.mark.parametrize("key, fall", [("attack_db", False), ("sustain_db", True)])
def test_a_gain_that_moves(key, fall):
    """After a change of level, it is that of a gain of 24 dB, as much as the curve says."""
    levels = (-10, -40) if fall else (-40, -10)
    samples = np.concatenate([square(level, RATE // 2) for level in levels])
    points = [{"at": "0.3 s", "value": 0.0}, {"at": "0.8 s", "value": -24.0}]
    found = decibels(gains_of({"transient_shaper": {key: points}}, samples)[:, 0])
    before, after = (10 ** (level / 20) for level in levels)
    begin = RATE // 2 + (25 * RATE // 1_000 - 1 if fall else 0)
    times = (30, 1_000) if fall else (150, 2)
    one, other = (before + (after - before) * covered(ms, RATE - begin) + FLOOR for ms in times)
    gain = np.interp(np.arange(begin, RATE) / RATE, [0.3, 0.8], [0, -24])
    assert np.allclose(found[begin:], gain * (1 - one / other), rtol=0, atol=0.02)
    assert np.ptp(found) > 2
