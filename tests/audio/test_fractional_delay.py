"""Delays by part of a frame, against sines whose phase says how late they are."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.audio import reblock
from stemwright.audio.fractional_delay import delayed

N = np.arange(2_000)
INSIDE = slice(200, -200)  # further from the ends than the filter reaches


def shifted(sound, fraction, size=700):
    return np.concatenate(list(delayed(reblock((sound,), size), fraction, sound.shape[1])))


@pytest.mark.parametrize("fraction", [-0.5, -0.123, 0.01, 0.37, 0.5])
@pytest.mark.parametrize("frequency, error", [(0.001, 1e-5), (0.1, 1e-5), (0.4, 1e-5), (0.48, 1e-3)])
def test_sines_are_late_by_so_much(frequency, error, fraction):
    """Frequencies in parts of the sample rate. The band is flat to 0.96 of half of it."""
    turn = 2 * np.pi * frequency
    sound = np.stack((np.sin(turn * N), np.cos(turn * N)), axis=1)
    expected = np.stack((np.sin(turn * (N - fraction)), np.cos(turn * (N - fraction))), axis=1)
    assert shifted(sound, fraction)[INSIDE] == pytest.approx(expected[INSIDE], abs=error)


def test_its_length_stays_and_blocks_do_not_matter():
    sound = np.random.default_rng(1).normal(size=(2_000, 1))
    expected = shifted(sound, 0.3)
    assert expected.shape == sound.shape
    assert np.array_equal(shifted(sound, 0.3, 99), expected)
    assert shifted(sound, 0.0) == pytest.approx(sound, abs=1e-12)
