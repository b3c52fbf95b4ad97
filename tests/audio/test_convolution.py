"""Partitioned convolution, against numpy.convolve and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from stemwright.audio import BLOCK
from stemwright.audio.convolution import convolved


def noise(frames, channels=2, seed=3):
    return np.random.default_rng(seed).normal(0, 0.3, (frames, channels))


def result(samples, response, lengths=()):
    blocks = np.split(samples, np.cumsum(lengths, dtype=int))
    return np.concatenate(list(convolved(iter(blocks), response)))


@pytest.mark.parametrize("length", [1, 2, 777])
def test_a_short_response_is_numpys_convolution(length):
    samples, response = noise(2 * BLOCK + 5_001), noise(length, seed=4)
    expected = np.stack([np.convolve(samples[:, c], response[:, c])[: len(samples)] for c in (0, 1)], axis=1)
    assert np.abs(result(samples, response) - expected).max() < 1e-14


@pytest.mark.parametrize("length", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 99])
@pytest.mark.parametrize("frames", [100, BLOCK, 5 * BLOCK + 7])
def test_a_long_response_is_that_of_the_whole(length, frames):
    samples, response = noise(frames, 1), noise(length, 1, seed=4)
    whole = signal.fftconvolve(samples, response, axes=0)[:frames]
    assert np.abs(result(samples, response) - whole).max() < 1e-12


def test_blocks_do_not_matter():
    samples, response = noise(3 * BLOCK + 17), noise(BLOCK + 100, seed=4)
    whole = result(samples, response)
    for lengths in ([64] * 3_000, [65_536] * 2, [1, 70_000, 0, 3], [1_000] * 190):
        assert np.array_equal(result(samples, response, lengths), whole)
