"""The bit crusher, against its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, mono_and_stereo, noise


@pytest.mark.parametrize("bit_depth", [1.0, 4.0, 5.5, 12.0])
@mono_and_stereo
def test_samples_are_rounded_to_steps(bit_depth, channels):
    samples = noise(5_000, channels).astype(np.float32)
    steps = apply({"bitcrush": {"bit_depth": bit_depth}}, samples) * 2**bit_depth
    assert steps == pytest.approx(np.round(steps), abs=1e-3)
    assert np.abs(steps - samples * 2**bit_depth).max() < 0.501
