"""The limiter in two halves: what pedalboard makes of the whole, to the last bit."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pedalboard
import pytest

from stemwright.audio import Spool
from stemwright.effects.limiter import Limiter
from stemwright.mixing import halves
from stemwright.mixing.halves import Halves, in_halves
from stemwright.music.render_context import RenderContext

RATE, FRAMES = 8_000, 60_000


def bursts(places, level, channels):
    """Soft noise, with bursts of a fiftieth of a second above the ceiling at some places (0 to 1)."""
    samples = np.random.default_rng(3).normal(0, 0.05, (FRAMES, channels))
    for number, place in enumerate(places):
        at = int(place * FRAMES)
        samples[at : at + RATE // 50] *= level * (1 + 0.1 * np.sin(number))
    return samples


def limited(monkeypatch, samples, limiter):
    """What we make of samples, and what the plugin makes of them at once."""
    monkeypatch.setattr(halves, "BLOCK", 1_024)
    frames, channels = samples.shape
    found = in_halves(Spool(channels, [samples]), [limiter], RenderContext(RATE, channels, frames))
    ahead = np.vstack([samples, np.zeros((RATE, channels))]).T.astype(np.float32)
    plugin = pedalboard.BrickwallLimiter(**asdict(limiter))
    expected = plugin.process(ahead, RATE, reset=False)[:, :frames].T
    return found, np.concatenate(list(found.blocks())), expected


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("true_peak", [True, False])
def test_halves_that_meet_are_as_the_whole(monkeypatch, channels, true_peak):
    limiter = Limiter(ceiling_db=-12, release_ms=50, true_peak=true_peak)
    found, samples, expected = limited(monkeypatch, bursts(np.arange(0, 1, 0.02), 10, channels), limiter)
    assert isinstance(found, Halves)
    assert np.array_equal(samples, expected)
    assert np.abs(expected).max() < 0.26 < np.abs(bursts([0.5], 10, channels)).max()  # it did limit


def test_of_places_that_are_about_as_loud_the_halves_meet_at_the_one_nearest_to_the_middle(monkeypatch):
    samples = bursts([], 1, 1)
    samples[FRAMES * 2 // 5 :: 1_024] = 0.98
    samples[FRAMES // 2 - 512 : FRAMES // 2 + 512 : 256] = 0.96
    samples[FRAMES * 3 // 5 :: 1_024] = 1.0
    found, _, _ = limited(monkeypatch, samples, Limiter(ceiling_db=-12, release_ms=50))
    assert isinstance(found, Halves) and abs(found.frames - FRAMES / 2) <= 3 * 1_024


@pytest.mark.parametrize(
    "places, level",
    [
        (
            [0.1, 0.12],
            10,
        ),  # after its first burst the gain stays a little below 1, where the second half begins at 1
        ([], 1),  # nothing is limited: the halves meet, and are equal all the same
    ],
    ids=["only early", "never"],
)
def test_where_halves_do_not_meet_one_goes_through_to_the_end(monkeypatch, places, level):
    limiter = Limiter(ceiling_db=-12, release_ms=50)
    found, samples, expected = limited(monkeypatch, bursts(places, level, 1), limiter)
    assert isinstance(found, Spool) == bool(places)
    assert np.array_equal(samples, expected)


def test_a_gain_that_is_held_from_before_the_middle(monkeypatch):
    """Sound that stays above the ceiling lets nothing recover: the deepest peak, an early one, counts to the end."""
    samples = 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(FRAMES) / RATE)[:, None]
    samples[5_000:5_100] *= 1.8
    found, ours, expected = limited(monkeypatch, samples, Limiter(ceiling_db=-12))
    assert isinstance(found, Spool)
    assert np.array_equal(ours, expected)
