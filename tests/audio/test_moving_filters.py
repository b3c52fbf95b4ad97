"""Filters that move: SciPy's response when they stay, a plain loop over frames when they move, and no zipper noise."""

from __future__ import annotations

import numpy as np
import pytest
from blocks import cut, joined, noise
from scipy import signal

from stemwright.audio.biquads import butterworth
from stemwright.audio.moving_filters import filtered_moving

RATE = 48_000


def moved(sections_at, samples, size=10_007):
    return joined(filtered_moving(sections_at, cut(samples, size), samples.shape[1]), samples.shape[1])


def butterworth_at(order, shape, cutoff):
    """A filter whose cut-off at a frame is `cutoff[frame]`."""
    return lambda n: butterworth(order, cutoff[n], shape, RATE)


def by_frames(order, shape, cutoff, samples):
    """The state-variable filter of the literature, frame by frame, one section for each pair of Butterworth's poles."""
    rows = np.array(samples[:, 0])
    for pair in range(order // 2, 0, -1):
        k = 2 * np.sin((2 * pair - 1) * np.pi / (2 * order))
        ic1 = ic2 = 0.0
        for n, g in enumerate(np.tan(np.pi * cutoff / RATE)):
            v1 = (ic1 + g * (rows[n] - ic2)) / (1 + g * (g + k))
            v2 = ic2 + g * v1
            ic1, ic2 = 2 * v1 - ic1, 2 * v2 - ic2
            rows[n] = v2 if shape == "low" else rows[n] - k * v1 - v2
    return rows[:, None]


SECTIONS = {
    "butterworth of order 1": signal.butter(1, 300, fs=RATE, output="sos"),
    "butterworth of order 5": signal.butter(5, 9_000, "high", fs=RATE, output="sos"),
    "butterworth, low": signal.butter(4, 20, "high", fs=RATE, output="sos"),
    "elliptic": signal.ellip(6, 1, 60, [400, 3_000], "bandpass", fs=RATE, output="sos"),
    "notch": signal.tf2sos(*signal.iirnotch(1_000, 30, RATE)),
    "peak": signal.tf2sos(*signal.iirpeak(5_000, 3, RATE)),
    "all-pass": np.array([[0.5, -1.2, 1.0, 1.0, -1.2, 0.5]]),
    "nothing": np.array([[1.0, -1.5, 0.7, 1.0, -1.5, 0.7]]),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_filter_that_stays_is_scipys(name):
    samples = noise(70_001)
    result = moved(lambda n: np.repeat(SECTIONS[name][None], len(n), axis=0), samples)
    assert np.abs(result - signal.sosfilt(SECTIONS[name], samples, axis=0)).max() < 1e-10


@pytest.mark.parametrize("shape", ["low", "high"])
@pytest.mark.parametrize("order", [2, 4])
def test_a_filter_that_moves_is_the_loop_over_its_frames(order, shape):
    samples = noise(40_000, 1)
    cutoff = 1_000 * 4 ** np.sin(np.arange(40_000) / 900) * np.where(np.arange(40_000) < 25_000, 1, 5)
    result = moved(butterworth_at(order, shape, cutoff), samples)
    assert np.abs(result - by_frames(order, shape, cutoff, samples)).max() < 1e-12


def test_blocks_do_not_matter():
    samples = noise(80_000)
    cutoff = np.geomspace(100, 20_000, 80_000)
    filters = butterworth_at(5, "low", cutoff)
    whole = moved(filters, samples, 80_000)
    for size in (64, 999, 65_536):
        assert np.array_equal(moved(filters, samples, size), whole)
    assert joined(filtered_moving(filters, [], 2)).shape == (0, 2)


@pytest.mark.parametrize("seconds", [0.05, 0.5])
@pytest.mark.parametrize(
    "hertz, first, last", [(1_000, 8_000, 200), (1_000, 200, 8_000), (3_000, 1_000, 12_000)]
)
def test_a_sweep_leaves_nothing_beside_a_sine(seconds, hertz, first, last):
    """The spectrogram of a sine through a sweep, and through its breakpoints: nothing above -80 dB beside the sine."""
    n = np.arange(2 * RATE)
    cutoff = first * (last / first) ** np.clip((n / RATE - 1) / seconds, 0, 1)
    sine = np.sin(2 * np.pi * hertz * n / RATE) * signal.windows.tukey(len(n), 0.5)
    result = moved(butterworth_at(4, "low", cutoff), sine[:, None])[:, 0]
    frequencies, _, levels = signal.stft(result, RATE, ("kaiser", 20), 4_096, 3_840)
    beside = np.abs(frequencies - hertz) > 900
    assert 20 * np.log10(np.abs(levels[beside]).max() * 2) < -80
    assert 20 * np.log10(np.abs(levels).max() * 2) > -1
