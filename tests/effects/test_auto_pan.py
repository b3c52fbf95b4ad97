"""The auto-pan: its law."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply

from stemwright.effects import make
from stemwright.music.render_context import RenderContext


def test_from_the_centre_to_the_right_at_equal_power():
    gains = apply({"auto_pan": {"length": "1 bar", "depth": 1.0}}, np.ones((2 * RATE, 2)))  # a bar of 2 s
    assert np.allclose(np.sum(gains**2, axis=1), 2, rtol=0, atol=1e-12)
    quarters = gains[:: RATE // 2]
    expected = [[1, 1], [0, np.sqrt(2)], [1, 1], [np.sqrt(2), 0]]
    assert np.allclose(quarters, expected, rtol=0, atol=1e-9)


def test_depth_is_how_far():
    gains = apply({"auto_pan": {"rate_hz": 1.0, "depth": 0.5}}, np.ones((RATE, 2)))
    assert gains[RATE // 4] == pytest.approx(
        np.sqrt(2) * np.array([np.cos(3 * np.pi / 8), np.sin(3 * np.pi / 8)])
    )


@pytest.mark.parametrize("entry", [{"auto_pan": {"rate_hz": 1.0}}, {"width": {"width": 1.2}}])
def test_a_mono_song_has_none(entry):
    with pytest.raises(ValueError, match=r"the song is mono: remove it, or set session\.channels to 2"):
        make(entry).check(RenderContext(RATE, 1, 100))
