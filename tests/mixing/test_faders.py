"""Fader and pan."""

from __future__ import annotations

import math

import pytest

from stemwright.mixing.faders import channel_gains


@pytest.mark.parametrize(
    "gain_db, pan, channels, gains",
    [
        (0, 0, 2, [1, 1]),
        (-20, 0, 2, [0.1, 0.1]),
        (0, 1, 2, [0, 1]),
        (0, -1, 2, [1, 0]),
        (0, 0.5, 2, [math.sqrt(0.5), 1]),
        (20, -0.5, 2, [10, 10 * math.sqrt(0.5)]),
        (-20, 0.7, 1, [0.1]),
    ],
)
def test_fader_and_pan(gain_db, pan, channels, gains):
    assert channel_gains(gain_db, pan, channels) == pytest.approx(gains)


def test_a_centred_stem_passes_unchanged_and_the_far_side_goes_silent():
    assert channel_gains(0, 0, 2) == [1, 1]
    assert channel_gains(0, 1, 2)[0] == channel_gains(0, -1, 2)[1] == 0
