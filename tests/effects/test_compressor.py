"""The compressor: its static curve."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, mono_and_stereo, sine


@pytest.mark.parametrize(
    "level, threshold, ratio", [(-6, -18, 4), (0, -40, 10), (-12, -20, 2), (-3, -30, 1.5)]
)
@pytest.mark.parametrize("frequency", [100, 1_000, 5_000])
@mono_and_stereo
def test_compressor_static_curve(level, threshold, ratio, frequency, channels):
    samples = np.repeat(sine(frequency, level, 2 * RATE), channels, axis=1)
    entry = {"compressor": {"threshold_db": float(threshold), "ratio": float(ratio)}}
    settled = slice(RATE, None)
    gain = decibels(np.std(apply(entry, samples)[settled], axis=0) / np.std(samples[settled], axis=0))
    assert gain == pytest.approx(-(level - threshold) * (1 - 1 / ratio), abs=0.5)


def test_compressor_leaves_what_is_below_its_threshold():
    samples = sine(1_000, -19)
    assert np.array_equal(apply({"compressor": {"threshold_db": -18.0}}, samples), samples.astype(np.float32))
