"""Stereo width, against its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, noise


@pytest.mark.parametrize("width", [0.0, 0.3, 1.0, 2.0])
def test_the_side_is_scaled_and_the_middle_stays(width):
    left, right = noise(1_000).T
    mid, side = (left + right) / 2, (left - right) / 2
    expected = np.column_stack((mid + width * side, mid - width * side))
    assert np.allclose(
        apply({"width": {"width": width}}, np.column_stack((left, right))), expected, rtol=0, atol=1e-15
    )


def test_without_width_both_channels_are_equal():
    result = apply({"width": {"width": 0.0}}, noise(1_000))
    assert np.array_equal(result[:, 0], result[:, 1])
