"""Fade curves, and fades over spans."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.audio.fades import ramp, spans_gain


@pytest.mark.parametrize("curve", ["cosine", "linear"])
@pytest.mark.parametrize("frames", [1, 2, 5, 100])
def test_ramps_in_and_out_add_up_to_one(curve, frames):
    n = np.arange(-10, frames + 10)
    rising = ramp(n, frames, curve)
    assert not rising[:10].any()
    assert np.all(rising[-10:] == 1)
    assert np.all(np.diff(rising) >= 0)
    assert np.allclose(rising + rising[::-1], 1)


def test_the_powers_of_equal_power_add_up_to_one():
    rising = ramp(np.arange(100), 100, "equal_power")
    assert rising == pytest.approx(np.sin(np.pi / 2 * (np.arange(100) + 0.5) / 100))
    assert rising**2 + rising[::-1] ** 2 == pytest.approx(1)


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
