"""Gain, against its closed form."""

from __future__ import annotations

import numpy as np
from effect_runs import apply, mono_and_stereo, noise


@mono_and_stereo
def test_gain(channels):
    samples = noise(100, channels)
    for db, factor in [(20.0, 10.0), (-40.0, 0.01), (0.0, 1.0), (-6.0, 10**-0.3)]:
        assert np.allclose(apply({"gain": {"gain_db": db}}, samples), samples * factor, rtol=1e-14, atol=0)
