"""The delay: echoes on their frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from effect_runs import RATE, apply, mono_and_stereo, song
from scipy import signal

from stemwright.effects import make
from stemwright.music.render_context import RenderContext


def echoes(keys, frames, rate=RATE, timeline=None):
    """Where an impulse sounds, and how loud."""
    impulse = np.zeros((frames, 1))
    impulse[0] = 1
    result = apply({"delay": keys}, impulse, rate=rate, timeline=timeline)[:, 0]
    return {int(at): result[at] for at in np.flatnonzero(result)}


def test_an_eighth_at_120_is_a_quarter_of_a_second():
    keys = {"delay_length": "1/8", "feedback": 0.5, "mix": 0.25}
    assert echoes(keys, 40_000) == {0: 0.75, 12_000: 0.25, 24_000: 0.125, 36_000: 0.0625}
    assert echoes(keys | {"delay_length": "1/8.", "mix": 1.0}, 40_000) == {18_000: 1, 36_000: 0.5}


@pytest.mark.parametrize("bpm", ["120", "140", "97", "400/3", "123.456"])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_delays_are_exact_to_the_frame(bpm, rate):
    timeline = song(1, rate, [(1, bpm, "4/4")])
    notes = {"1/4": 1, "1/8": 0.5, "1/8.": 0.75, "1/8t": Fraction(1, 3), "1/64": Fraction(1, 16)}
    for note, quarters in notes.items():
        expected = int(Fraction(quarters) * 60 / Fraction(bpm) * rate + Fraction(1, 2))
        assert echoes({"delay_length": note, "mix": 1.0}, rate, rate, timeline) == {expected: 1}


@pytest.mark.parametrize("frames", [1, 2, 3, 441, 12_345, 44_099, 100_003, 239_999, 240_000])
def test_delays_in_seconds(frames):
    keys = {"delay_seconds": frames / 8_000, "mix": 1.0}
    assert echoes(keys, 240_001, 8_000) == {frames: 1}
    assert echoes({"delay_length": f"{frames / 8} ms", "mix": 1.0}, 240_001, 8_000) == {frames: 1}


@pytest.mark.parametrize(
    "keys",
    [{"delay_length": "16 bars"}, {"delay_length": "31 s"}, {"delay_length": "0 s"}, {"delay_seconds": 0.0}],
)
def test_delays_that_cannot_be(keys):
    with pytest.raises(ValueError, match="echoes must be one frame to 30 s apart"):
        make({"delay": keys}).check(RenderContext(RATE, 2, 100, timeline=song(1, RATE)))


@pytest.mark.parametrize("keys", [{}, {"delay_seconds": 0.5, "delay_length": "1/8"}])
def test_a_delay_has_one_length(keys):
    with pytest.raises(ValueError, match="needs one of delay_seconds and delay_length"):
        make({"delay": keys})


# --- ping-pong and filters in the loop ----------------------------------------------------------


def test_ping_pong_alternates():
    impulse = np.zeros((40_000, 2))
    impulse[0] = [1.0, 0.5]
    keys = {"delay_seconds": 0.1, "feedback": 0.5, "mix": 0.25, "ping_pong": True}
    result = apply({"delay": keys}, impulse)
    assert {int(at): list(result[at]) for at in np.flatnonzero(result.any(axis=1))} == {
        0: [0.75, 0.375],
        4_800: [0.25 * 0.75, 0],
        9_600: [0, 0.25 * 0.375],
        14_400: [0.25 * 0.1875, 0],
        19_200: [0, 0.25 * 0.09375],
        24_000: [0.25 * 0.046875, 0],
        28_800: [0, 0.25 * 0.0234375],
        33_600: [0.25 * 0.01171875, 0],
        38_400: [0, 0.25 * 0.005859375],
    }


def test_ping_pong_in_mono_is_a_delay():
    samples = np.random.default_rng(1).normal(0, 0.3, (20_000, 1))
    plain, other = (
        apply({"delay": {"delay_seconds": 0.01, "feedback": 0.6, "ping_pong": on}}, samples)
        for on in (False, True)
    )
    assert np.abs(plain - other).max() < 1e-6  # pedalboard computes in 32 bits


@pytest.mark.parametrize("delay", [1, 2, 100, 4_096, 70_001])
@pytest.mark.parametrize("keys", [{"lowpass_hz": 3_000.0}, {"lowpass_hz": 5_000.0, "highpass_hz": 300.0}])
@mono_and_stereo
def test_the_nth_echo_has_passed_the_filters_n_times(delay, keys, channels):
    frames = max(3_000, 2 * delay + 10)
    samples = np.zeros((frames, channels))
    samples[:500] = np.random.default_rng(1).normal(0, 0.3, (500, channels))
    expected, echo, level = 0.7 * samples, samples, 0.3
    for n in range(1, min(frames // delay, 45) + 1):
        for key, cutoff in keys.items():
            echo = signal.lfilter(
                *signal.butter(1, cutoff, key.removesuffix("pass_hz"), fs=RATE), echo, axis=0
            )
        expected[n * delay :] += level * echo[: frames - n * delay]
        level *= 0.5
    entry = {"delay": {"delay_seconds": delay / RATE, "feedback": 0.5, "mix": 0.3, **keys}}
    assert np.abs(apply(entry, samples) - expected).max() < 1e-12


@pytest.mark.parametrize("key", ["lowpass_hz", "highpass_hz"])
def test_a_cutoff_that_the_sample_rate_does_not_hold(key):
    with pytest.raises(ValueError, match=rf"{key} must be below half the sample rate, 4000 \(is 5000\)"):
        make({"delay": {"delay_seconds": 0.1, key: 5_000.0}}).check(RenderContext(8_000, 1, 100))
