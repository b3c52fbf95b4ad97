"""What effects on dynamics share: envelopes and holds against loops and SciPy, and shares that add up."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from effect_runs import RATE, noise
from scipy import ndimage

from stemwright.effects import GainEffect, make
from stemwright.effects._dynamics import envelope, held
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry


def ballistics(levels, attack_ms, release_ms):
    """JUCE's juce::dsp::BallisticsFilter, for peaks, frame by frame."""
    up, down = (np.exp(-2 * np.pi * 1_000 / RATE / ms) for ms in (attack_ms, release_ms))
    state, found = 0.0, []
    for level in levels.tolist():
        state = level + (up if level > state else down) * (state - level)
        found.append(state)
    return np.array(found)


def times(attack_ms, release_ms):
    return {"attack_ms": Curve.of(attack_ms), "release_ms": Curve.of(release_ms)}


@pytest.mark.parametrize("attack, release", [(0.01, 20), (1, 100), (20, 1_000), (300, 10_000)])
def test_envelope(attack, release):
    levels = np.abs(noise(2 * RATE, 1)) * np.abs(np.sin(np.arange(2 * RATE) / 9_000))[:, None]
    levels[30_000:50_000] = 0
    levels[50_000:70_000] *= 1e-4
    levels[70_000:80_000] *= 100
    blocks = iter(np.split(levels, [1, 20_000, 77_777]))
    context = RenderContext(RATE, 1, 2 * RATE)
    found = np.concatenate(list(envelope(blocks, 1, context, times(attack, release))))
    # The coefficients are of 32 bits: slower times are less exact.
    tolerance = max(1e-4, 1e-6 * release)
    assert np.allclose(found[:, 0], ballistics(levels[:, 0], attack, release), rtol=tolerance, atol=2e-9)


def test_times_that_move():
    """A release time that goes from 20 ms to 2 s, of a level that falls to nothing: the loop has it at every frame."""
    frames = RATE // 2
    levels = np.zeros((frames, 1))
    levels[:4_800] = 0.5
    curves = times(1, 20) | {"release_ms": Curve(((4_800, 20.0, "linear"), (14_400, 2_000.0, "exponential")))}
    found = np.concatenate(list(envelope(iter([levels]), 1, RenderContext(RATE, 1, frames), curves)))[:, 0]
    release = 20 * 100 ** (np.clip(np.arange(frames) - 4_800, 0, 9_600) / 9_600)
    rates = np.cumsum(2 * np.pi * 1_000 / RATE / release[4_800:])
    assert found[4_800:] == pytest.approx(0.5 * np.exp(-rates), rel=0.005)


def test_the_envelope_of_silence_is_zero():
    (found,) = envelope(iter([np.zeros((1_000, 1))]), 1, RenderContext(RATE, 1, 1_000), times(1, 100))
    assert not found.any()


@pytest.mark.parametrize("milliseconds", [0, 1 / 48, 2 / 48, 3 / 48, 1, 7.3, 500])
def test_held(milliseconds):
    levels = np.abs(noise(70_000, 2))
    found = np.concatenate(list(held(iter(np.split(levels, [3, 4, 40_000])), milliseconds, RATE)))
    span = max(1, round(milliseconds * RATE / 1_000))
    expected = ndimage.maximum_filter1d(levels, span, axis=0, mode="constant", origin=(span - 1) // 2)
    assert np.array_equal(found, expected)


KINDS = [
    kind
    for kind in registry.kinds("stemwright.effects")
    if issubclass(registry.load("stemwright.effects", kind), GainEffect)
]


@pytest.mark.parametrize("kind", KINDS)
def test_shares_add_up(kind):
    """Each stem at the gain curve of the sum: together they are what the effect makes of the sum."""
    effect = make({kind: yaml.safe_load(registry.load("stemwright.effects", kind).example)})
    rng = np.random.default_rng(5)
    swell = np.abs(np.sin(np.outer(np.arange(RATE), [3, 7, 1, 11, 30]) / RATE))
    stems = rng.normal(0, 0.5, (5, RATE, 2)) * swell.T[:, :, None]
    stems[:, : RATE // 2] /= 300  # below the threshold of a gate
    context = RenderContext(RATE, 2, RATE)
    whole = stems.sum(axis=0)
    processed = np.concatenate(list(effect.process(iter([whole]), context)))
    shares = [
        np.concatenate(list(effect.apply(iter([stem]), effect.gains(iter([whole]), context), context)))
        for stem in stems
    ]
    assert np.abs(processed - whole).max() > 0.003
    assert np.abs(sum(shares) - processed).max() < np.abs(whole).max() * 2**-23  # 32 bits
