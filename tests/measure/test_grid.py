"""How well onsets hit what is written, and their drift, against what one reckons by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.measure.grid import drift, f_measure


def test_f_measure_by_hand():
    written, level = np.arange(10) * 0.5, np.zeros(10)
    assert f_measure(written, level, written, 0.05)[0] == 1
    assert f_measure(written, level, written + 0.049, 0.05)[0] == 1
    assert f_measure(written, level, written + 0.051, 0.05)[0] == 0
    share, pairs = f_measure(written, level, np.sort([*written[2:], 0.25, 0.75]), 0.05)
    assert share == pytest.approx(2 * 8 / (10 + 10)) and len(pairs) == 8  # 8 hit, 2 missed, 2 more
    assert f_measure(written, level, np.zeros(0), 0.05)[0] == 0
    assert f_measure(np.zeros(0), np.zeros(0), written, 0.05)[0] == 0


def test_written_onsets_that_sound_as_one_are_one():
    share, pairs = f_measure(np.array([0, 0.02, 1]), np.zeros(3), np.array([0.001, 1]), 0.05)
    assert share == 1 and pairs.tolist() == [[0, 0.001], [1, 1]]


def test_what_is_masked_may_be_missed_and_may_be_found():
    written, levels = np.array([0, 0.1, 1]), np.array([0.0, -10, 0])
    assert f_measure(written, levels, np.array([0, 1]), 0.05)[0] == 1
    assert f_measure(written, levels, np.array([0, 0.1, 1]), 0.05)[0] == 1
    assert f_measure(written, np.zeros(3), np.array([0, 1]), 0.05)[0] == pytest.approx(0.8)


def test_drift_with_outliers():
    seconds = np.arange(200.0)
    offsets = 3 + 0.1 * seconds
    offsets[::17] += 40
    slope, error = drift(seconds, offsets)
    assert slope == pytest.approx(6) and error < 1e-6
    noisy = np.random.default_rng(0).normal(0, 5, 200)
    slope, error = drift(seconds, noisy)
    assert abs(slope) < 4 * error and 0.1 < error < 1
