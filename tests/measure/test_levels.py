"""Meters of samples: peaks, means, runs and what is no number, in whatever blocks a file comes."""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
import pytest
from audio_signals import RATE, fed
from drawn_samples import VALUES, block_sizes, samples_of
from hypothesis import given
from hypothesis import strategies as st

from stemwright.measure.levels import Finite, FullScaleRuns, Levels

BAD = [math.nan, math.inf, -math.inf]


@given(samples_of(VALUES + BAD), block_sizes)
def test_finite(samples, sizes):
    meter = fed(Finite(), samples, sizes)
    bad = [(frame, value) for frame, row in enumerate(samples) for value in row if not math.isfinite(value)]
    assert meter.bad == len(bad)
    assert meter.first == (bad[0][0] if bad else None)


def test_finite_takes_large_numbers_for_what_they_are():
    assert fed(Finite(), np.full((4, 1), 1e308)).bad == 0  # though their sum is infinite


@given(samples_of(VALUES + BAD), block_sizes)
def test_levels(samples, sizes):
    meter = fed(Levels(), samples, sizes)
    assert meter.frames == len(samples)
    assert meter.peak == max((abs(x) for row in samples.tolist() for x in row if math.isfinite(x)), default=0)
    magnitudes = np.where(np.isfinite(samples), np.abs(samples), 0).max(axis=1, initial=0)
    assert meter.peak_at == (int(magnitudes.argmax()) if meter.peak else 0)
    for mean, column in zip(meter.means, samples.T.tolist(), strict=True):
        if all(map(math.isfinite, column)):
            assert mean == pytest.approx(math.fsum(column) / len(column), abs=1e-12)
        else:
            assert not math.isfinite(mean)


def test_a_file_without_frames_has_no_mean():
    meter = Levels()
    meter.start(RATE, 2)
    assert np.isnan(meter.means).all() and meter.frames == 0


@given(samples_of(VALUES), block_sizes, st.sampled_from([0.5, 0.99, 1.0]), st.integers(1, 4))
def test_full_scale_runs(samples, sizes, level, consecutive):
    meter = fed(FullScaleRuns(level, consecutive), samples, sizes)
    runs = []
    for column in samples.T.tolist():
        at = 0
        for is_loud, group in groupby(abs(value) >= level for value in column):
            length = len(list(group))
            runs += [(at, length)] if is_loud else []
            at += length
    counted = [run for run in runs if run[1] >= consecutive]
    assert meter.runs == len(counted)
    assert meter.longest == max((length for _, length in runs), default=0)
    assert meter.first == min((at for at, _ in counted), default=None)
    assert meter.starts == sorted(at for at, _ in counted)[:100]


def test_a_run_through_many_blocks_is_one():
    samples = np.zeros((100, 2))
    samples[10:90, 1] = -1
    meter = fed(FullScaleRuns(0.99, 3), samples, [1] * 100)
    assert (meter.runs, meter.longest, meter.first) == (1, 80, 10)
