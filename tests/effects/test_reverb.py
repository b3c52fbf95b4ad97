"""The reverb."""

from __future__ import annotations

import numpy as np
from effect_runs import RATE, apply, decibels, mono_and_stereo, noise


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
