"""Chorus and flanger: where their copy is, to the fraction of a frame, against closed forms and a loop over frames."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, mono_and_stereo, noise, song

from stemwright.effects import make
from stemwright.music.render_context import RenderContext

N = np.arange(RATE)


def copy_of(tone_hz, delay_ms):
    """A tone of 0 dBFS, as late as a delay at each frame; silence before its start."""
    late = N - delay_ms * RATE / 1_000
    return np.where(late > 2, np.sin(2 * np.pi * tone_hz * late / RATE), 0)


@pytest.mark.parametrize(
    "shape, form", [("sine", np.sin), ("triangle", lambda x: 2 / np.pi * np.arcsin(np.sin(x)))]
)
@pytest.mark.parametrize("kind, delay, depth", [("chorus", 12.0, 3.0), ("flanger", 2.5, 2.4)])
def test_the_copy_is_as_late_as_the_lfo_says(shape, form, kind, delay, depth):
    keys = {"rate_hz": 3.0, "shape": shape, "delay_ms": delay, "depth_ms": depth, "feedback": 0.0, "mix": 1.0}
    tone = np.sin(2 * np.pi * 440 * N / RATE)
    found = apply({kind: {**keys, "spread": 0.25}}, np.column_stack((tone, tone)))
    for channel, offset in enumerate((0.0, 0.25)):
        expected = copy_of(440, delay + depth * form(2 * np.pi * (3 * N / RATE + offset)))
        settled = slice(RATE // 10, None)
        assert np.allclose(found[settled, channel], expected[settled], rtol=0, atol=1e-5)


@mono_and_stereo
def test_direct_sound_stays_and_the_copy_is_added(channels):
    samples = noise(5_000, channels)
    keys = {"rate_hz": 1.0, "delay_ms": 10.0, "depth_ms": 0.0, "mix": 0.25}
    late = np.concatenate((np.zeros((480, channels)), samples[:-480]))
    assert np.allclose(apply({"chorus": keys}, samples), 0.75 * samples + 0.25 * late, rtol=0, atol=1e-12)


@pytest.mark.parametrize("feedback", [0.5, -0.9])
def test_taps_of_the_feedback_to_the_frame(feedback):
    impulse = np.zeros((2_000, 1))
    impulse[0] = 1
    keys = {"rate_hz": 1.0, "delay_ms": 10.0, "depth_ms": 0.0, "feedback": feedback, "mix": 1.0}
    found = apply({"flanger": keys}, impulse)[:, 0]
    taps = np.flatnonzero(np.abs(found) > 1e-12)
    assert taps.tolist() == [480, 960, 1_440, 1_920]
    assert found[taps] == pytest.approx(feedback ** np.arange(4))


@pytest.mark.parametrize("depth", [1.0, 0.43])
def test_moving_feedback_is_that_of_a_loop_over_frames(depth):
    rate, frames = 8_000, 1_500
    samples = noise(frames, 1)[:, 0]
    line, expected = np.zeros(frames + 100), np.zeros(frames)
    for n in range(frames):
        place = n + 100 - (1.5 + depth * np.sin(2 * np.pi * 9 * n / rate)) * rate / 1_000
        at = int(np.floor(place))
        around = np.arange(at - 1, at + 3)
        cubic = np.polynomial.Polynomial.fit(around, line[around], 3, window=(-1, 1))
        expected[n] = cubic(place)
        line[n + 100] = samples[n] + 0.8 * expected[n]
    keys = {"rate_hz": 9.0, "delay_ms": 1.5, "depth_ms": depth, "feedback": 0.8, "mix": 1.0}
    found = apply({"flanger": keys}, samples[:, None], rate=rate, lengths=[1, 700])[:, 0]
    assert np.allclose(found, expected, rtol=0, atol=1e-9)


def test_the_sweep_is_on_the_beat_where_the_tempo_changes():
    """At each bar the LFO is in the middle: the copy has its middle delay, in the second tempo too."""
    timeline = song(8, RATE, [(1, 120, "4/4"), (3, 97, "3/4")])
    frames = np.arange(timeline.frames)
    keys = {"length": "1 bar", "delay_ms": 10.0, "depth_ms": 4.0, "feedback": 0.0, "mix": 1.0}
    ramp = frames[:, None] / RATE  # what is heard says when it was
    late = (ramp - apply({"flanger": keys}, ramp, timeline=timeline))[:, 0] * 1_000
    bars = [frame for _, beat, frame in timeline.beats() if beat == 1][1:]
    assert late[bars] == pytest.approx(10, abs=1e-3)
    assert late.max() == pytest.approx(14, abs=1e-3)


@pytest.mark.parametrize("kind, depth", [("chorus", 11.95), ("flanger", 2.5)])
def test_a_delay_that_is_too_short(kind, depth):
    with pytest.raises(ValueError, match=r"delay_ms - depth_ms must be at least 3 frames, 0\.0625 ms \(is 0"):
        make({kind: {"rate_hz": 1.0, "depth_ms": depth}}).check(RenderContext(RATE, 2, 100))
