"""The distortion, against its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, mono_and_stereo, noise


@pytest.mark.parametrize("drive_db", [0.0, 18.0, 40.0])
@mono_and_stereo
def test_distortion_is_tanh(drive_db, channels):
    samples = noise(5_000, channels)
    result = apply({"distortion": {"drive_db": drive_db}}, samples)
    assert result == pytest.approx(np.tanh(10 ** (drive_db / 20) * samples), abs=2e-5)
