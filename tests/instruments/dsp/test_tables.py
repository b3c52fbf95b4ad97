"""Wavetables, against the sum of their partials."""

from __future__ import annotations

import numpy as np

from stemwright.instruments.dsp import tables


def decibels(ratio):
    return 20 * np.log10(ratio)


def test_tables_are_the_sum_of_their_partials():
    rng = np.random.default_rng(1)
    spectrum = (rng.standard_normal((1, 40)) + 1j * rng.standard_normal((1, 40))) / np.arange(1, 41)
    turns = np.cumsum(rng.random(2_000) * 0.7)
    expected = sum(np.real(c * np.exp(2j * np.pi * k * turns)) for k, c in enumerate(spectrum[0], 1))
    error = tables.read_wavetables(tables.wavetables(spectrum), turns) - expected
    assert decibels(np.std(error) / np.std(expected)) < -90  # partials fall a little, too


def test_rows_of_a_stack_fade_into_each_other():
    stack = tables.wavetables(np.array([[0.0], [1.0], [2.0], [3.0], [4.0]], dtype=complex))
    row = np.linspace(0.5, 3.5, 1_000)
    assert np.allclose(
        tables.read_wavetables(stack, np.zeros(1_000), row), row, atol=1e-5
    )  # amplitudes in line stay so
