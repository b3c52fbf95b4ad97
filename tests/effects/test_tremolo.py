"""The tremolo."""

from __future__ import annotations

import numpy as np
from effect_runs import RATE, apply, mono_and_stereo, noise


@mono_and_stereo
def test_level_moves_between_full_and_what_depth_leaves(channels):
    samples = noise(RATE, channels)
    gain = 1 - 0.6 * (1 - np.sin(2 * np.pi * (5 * np.arange(RATE) / RATE + 0.25))) / 2
    result = apply({"tremolo": {"rate_hz": 5.0, "depth": 0.6, "phase": 0.25}}, samples)
    assert np.allclose(result, samples * gain[:, None], rtol=0, atol=1e-12)
    assert (gain.min(), gain.max()) == (0.4, 1)
