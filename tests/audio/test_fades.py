"""Decibels, fader and pan; and fade curves over spans."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stemwright.audio.fades import ramp, spans_gain
from stemwright.base.decibels import amplitude, decibels
from stemwright.mixing.faders import channel_gains


@pytest.mark.parametrize("db, factor", [(0, 1), (20, 10), (-20, 0.1), (-60, 0.001), (6.020599913, 2)])
def test_decibels(db, factor):
    assert amplitude(db) == pytest.approx(factor)
    assert decibels(factor) == pytest.approx(db)


def test_silence_is_infinitely_far_down():
    assert decibels(0.0) == -math.inf
    assert decibels(amplitude(-400)) == pytest.approx(-400)


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


@pytest.mark.parametrize("curve", ["cosine", "linear"])
@pytest.mark.parametrize("frames", [1, 2, 5, 100])
def test_ramps_in_and_out_add_up_to_one(curve, frames):
    n = np.arange(-10, frames + 10)
    rising = ramp(n, frames, curve)
    assert not rising[:10].any()
    assert np.all(rising[-10:] == 1)
    assert np.all(np.diff(rising) >= 0)
    assert np.allclose(rising + rising[::-1], 1)


def test_a_ramp_of_nothing_is_a_step():
    assert ramp(np.arange(-2, 3), 0).tolist() == [0, 0, 1, 1, 1]


def test_spans_let_through_only_themselves():
    gain = spans_gain(np.arange(100), [(10, 40), (60, 90)], 4, 8)
    assert not gain[:10].any()
    assert not gain[40:60].any()
    assert not gain[90:].any()
    assert np.all(gain[14:32] == 1)
    assert np.all(gain[10:40] > 0)
    assert np.array_equal(gain[10:14], ramp(np.arange(4), 4))
    assert np.array_equal(gain[32:40], ramp(np.arange(8), 8)[::-1])
    assert np.array_equal(gain[60:90], gain[10:40])


@pytest.mark.parametrize("size", [1, 7, 33])
def test_spans_do_not_depend_on_blocks(size):
    spans = [(0, 5), (10, 40), (38, 90), (95, 200)]
    n = np.arange(120)
    parts = [spans_gain(n[at : at + size], spans, 4, 8) for at in range(0, 120, size)]
    assert np.array_equal(np.concatenate(parts), spans_gain(n, spans, 4, 8))


def test_a_span_shorter_than_its_fades_keeps_its_middle():
    gain = spans_gain(np.arange(10), [(2, 8)], 100, 100)
    assert np.allclose(gain[2:8], gain[2:8][::-1])
    assert gain[2:8].max() > 0.9
