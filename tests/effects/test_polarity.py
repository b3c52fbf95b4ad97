"""Polarity."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, mono_and_stereo, noise

from stemwright.effects import make
from stemwright.music.render_context import RenderContext


@mono_and_stereo
def test_inverted(channels):
    samples = noise(100, channels)
    assert np.array_equal(apply({"polarity": {}}, samples), -samples)


@pytest.mark.parametrize("channel, signs", [("left", [-1, 1]), ("right", [1, -1])])
def test_one_channel(channel, signs):
    samples = noise(100)
    assert np.array_equal(apply({"polarity": {"channel": channel}}, samples), samples * signs)


@pytest.mark.parametrize("entry", [{"polarity": {}}, {"sample_delay": {"frames": 3}}])
def test_a_mono_song_has_no_left(entry):
    ((kind, keys),) = entry.items()
    mono = RenderContext(48_000, 1, 100)
    make(entry).check(mono)
    with pytest.raises(ValueError, match=r"channel must be both where there is one channel only \(is left\)"):
        make({kind: {**keys, "channel": "left"}}).check(mono)
