"""The delay by whole frames, to the sample."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, mono_and_stereo, noise

from stemwright.effects import make


def later(samples, frames):
    return np.concatenate((np.zeros((frames, samples.shape[1])), samples))[: len(samples)]


@pytest.mark.parametrize("frames", [0, 1, 17, 999, 1_000, 5_000])
@mono_and_stereo
def test_later_by_frames(frames, channels):
    samples = noise(1_000, channels)
    result = apply({"sample_delay": {"frames": frames}}, samples, lengths=[3, 400])
    assert np.array_equal(result, later(samples, frames))


@pytest.mark.parametrize(
    "rate, ms, frames", [(48_000, 12.0, 576), (44_100, 0.5, 22), (44_100, 10.1, 445), (96_000, 0.0, 0)]
)
def test_one_channel_by_the_nearest_frame(rate, ms, frames):
    samples = noise(1_000)
    result = apply({"sample_delay": {"ms": ms, "channel": "right"}}, samples, rate=rate)
    assert np.array_equal(result[:, 0], samples[:, 0])
    assert np.array_equal(result[:, 1:], later(samples[:, 1:], frames))


@pytest.mark.parametrize("keys", [{}, {"frames": 1, "ms": 1.0}])
def test_one_of_frames_and_ms(keys):
    with pytest.raises(ValueError, match="needs one of frames and ms"):
        make({"sample_delay": keys})
