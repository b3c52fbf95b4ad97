"""Streams: nothing hangs on block sizes, and resampling neither moves nor changes what it can keep."""

from __future__ import annotations

import itertools
import weakref
from fractions import Fraction

import numpy as np
import pytest
import soxr
from blocks import channel_counts, cut, joined, noise, sizes, split
from hypothesis import given
from hypothesis import strategies as st

from stemwright.audio import (
    as_channels,
    at_gains,
    copies,
    fit,
    interleaved,
    mean_of_channels,
    resample,
    resampled_frames,
)


@given(sizes, st.integers(0, 300), st.integers(0, 300), channel_counts)
def test_fit_cuts_or_pads_to_the_frame(lengths, frames, wanted, channels):
    samples = noise(frames, channels)
    blocks = list(fit(split(samples, lengths), wanted, channels))
    assert all(len(block) for block in blocks)
    result = joined(blocks, channels)
    assert result.shape == (wanted, channels)
    assert np.array_equal(result[:frames], samples[:wanted])
    assert not result[frames:].any()


def test_fit_takes_no_more_than_it_needs():
    endless = itertools.repeat(np.ones((10, 1)))
    assert joined(fit(endless, 25, 1), 1).sum() == 25


def test_channels():
    mono, stereo = noise(100, 1), noise(100, 2)
    assert np.array_equal(joined(as_channels(cut(mono, 7), 2)), np.hstack([mono, mono]))
    folded = joined(as_channels(cut(stereo, 7), 1), 1)
    assert np.allclose(folded[:, 0], (stereo[:, 0] + stereo[:, 1]) / 2, rtol=0, atol=1e-16)
    assert np.array_equal(joined(as_channels(cut(stereo, 7), 2)), stereo)


@pytest.mark.parametrize("channels", [1, 2])
def test_what_numpy_does_row_by_row_to_the_last_bit(channels):
    samples = noise(1_000, channels)
    for block in (samples, np.asfortranarray(samples), samples.astype(np.float32)):
        for shape in ((1, 1), (1, channels), (1_000, 1), (1_000, channels)):
            gains = np.random.default_rng(1).random(shape)
            assert (at_gains(block, gains) == block * gains).all()
            assert at_gains(block, gains).dtype == np.float64
        assert (mean_of_channels(block) == block.mean(axis=1)).all()


def test_copies_hold_only_what_one_of_them_has_not_read():
    made = []

    def blocks():
        for number in range(100):
            made.append(weakref.ref(block := np.full((1, 1), number, float)))
            yield block

    first, second, third = copies(blocks(), 3)
    for number, block in enumerate(first):
        assert block == number and (next(second) == number).all() and (next(third) == number).all()
        del block
        assert sum(ref() is not None for ref in made) <= 2
    assert next(second, None) is None
    ahead, behind = copies(iter([np.zeros(1), np.ones(1)]))
    assert len(list(ahead)) == len(list(behind)) == 2


RATES = [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (22_050, 96_000), (48_000, 8_000)]


@pytest.mark.parametrize("source_rate, rate", RATES)
@pytest.mark.parametrize("size", [7, 1_000, 9_001])
def test_resampling_in_blocks_is_resampling_at_once(source_rate, rate, size):
    samples = noise(9_001)
    whole = soxr.resample(samples, source_rate, rate, quality="VHQ")
    result = joined(resample(cut(samples, size), len(samples), 2, source_rate, rate))
    assert abs(len(whole) - len(result)) <= 1
    assert np.array_equal(result[: len(whole)], whole[: len(result)])
    assert len(result) == resampled_frames(9_001, source_rate, rate)


@given(st.integers(0, 10**9), st.sampled_from(RATES))
def test_resampled_length_is_the_nearest(frames, rates):
    source_rate, rate = rates
    error = resampled_frames(frames, source_rate, rate) - Fraction(frames * rate, source_rate)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


@pytest.mark.parametrize("source_rate, rate", RATES)
def test_a_sine_stays_that_sine_and_where_it_is(source_rate, rate):
    def sine(rate):
        return np.sin(2 * np.pi * 997 * np.arange(rate // 2) / rate)[:, None]

    result = joined(resample(cut(sine(source_rate), 4_096), source_rate // 2, 1, source_rate, rate), 1)
    middle = slice(rate // 8, 3 * rate // 8)
    assert np.abs(result - sine(rate))[middle].max() < 1e-6


def test_there_and_back_again_has_no_delay():
    samples = noise(20_000, 1)
    there = joined(resample(cut(samples, 999), 20_000, 1, 48_000, 96_000), 1)
    back = joined(resample(cut(there, 999), 40_000, 1, 96_000, 48_000), 1)
    correlation = np.correlate(back[5_000:15_000, 0], samples[4_900:15_100, 0])
    assert np.argmax(correlation) == 100


def test_the_same_rate_is_left_alone():
    samples = noise(1_000)
    assert np.array_equal(joined(resample(cut(samples, 99), 1_000, 2, 48_000, 48_000)), samples)


def test_rows_as_a_block():
    rows = np.arange(12, dtype=np.float32).reshape(2, 6)
    block = interleaved(rows)
    assert np.array_equal(block, rows.T) and block.dtype == np.float64 and block.flags.c_contiguous
