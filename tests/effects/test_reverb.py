"""The reverb."""

from __future__ import annotations

import numpy as np
import pedalboard
from effect_runs import RATE, apply, decibels, mono_and_stereo, noise

from stemwright.audio import BLOCK


@mono_and_stereo
def test_reverb_rings_on(channels):
    def tail(room):
        """Levels in dB of the half seconds after the sound's end."""
        result = apply({"reverb": {"room_size": room}}, noise(5_000, channels), 5_000 + 2 * RATE)
        return [decibels(np.std(part)) for part in np.split(result[5_000:], 4)]

    small, large = tail(0.2), tail(0.9)
    assert np.all(np.diff(small) < -3)
    assert np.all(np.diff(large) < -1)
    assert small[0] > -60
    assert np.all(np.array(large) > small)


def test_reverb_is_dry_if_told():
    samples = noise(1_000)
    result = apply({"reverb": {"wet_level": 0.0, "dry_level": 0.5}}, samples)
    assert np.allclose(result, samples, rtol=0, atol=1e-6)


@mono_and_stereo
def test_a_pre_delay_is_of_the_reverb_alone(channels):
    samples = noise(2 * BLOCK + 1_001, channels)
    keys = {"room_size": 0.7, "wet_level": 0.4, "dry_level": 0.3}
    louder = (samples.T * 2**16).astype(np.float32)  # the level at which it runs
    alone = pedalboard.Reverb(**keys | {"dry_level": 0})(louder, RATE).T.astype(float) / 2**16
    expected = 0.6 * samples
    expected[961:] += alone[:-961]
    result = apply({"reverb": keys | {"pre_delay_ms": 961 / 48}}, samples, lengths=[4_999] * 20)
    assert np.abs(result - expected).max() < 1e-12
