"""Operators of frequency modulation, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from stemwright.instruments.dsp import operators


def test_feedback_is_keplers_equation():
    for row, b in ((5, 0.25), (13, 0.75), (17, 1.0)):
        period = operators._feedback_waves()[row, :-1]
        k = np.arange(1, 64)
        found = -2 * np.fft.rfft(period).imag[1:64] / len(period)
        assert np.allclose(found, 2 * special.jv(k, k * b) / (k * b), atol=2e-6)


@pytest.mark.parametrize("index", [0.05, 0.3, 1, 3, 6, 12.5])
def test_the_bound_on_side_bands_holds(index):
    assert abs(special.jv(np.ceil(index + 4 * index ** (1 / 3) + 2), index)) < 1e-5


def test_the_sine_of_phases_is_one_to_six_digits():
    turns = np.linspace(-5, 5, 100_001, dtype=np.float32)
    assert np.max(np.abs(operators._sine(turns) - np.sin(2 * np.pi * turns.astype(float)))) < 1e-6


@pytest.mark.parametrize("first", [-256, 0, 1_000_003])
@pytest.mark.parametrize("step", [0.0004, 0.123, 0.489, 1.7])
def test_tones_are_sines_of_their_phases(first, step):
    expected = np.sin(2 * np.pi * (step * np.arange(first, first + 1_000) % 1))
    assert np.max(np.abs(operators._tone(step, first, 1_000) - expected)) < 2e-6
    phases = operators._phases(step, first, 1_000).astype(float)
    assert np.max(np.abs(np.sin(2 * np.pi * phases) - expected)) < 2e-6


def test_envelopes_are_stretched_in_straight_lines():
    stretched = operators._stretch(np.array([0.0, 0.0, 1.0, 3.0, 0.0]), 2)
    assert stretched.tolist() == [0, 0, 0, 0.5, 1, 2, 3, 1.5]
