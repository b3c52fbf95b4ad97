"""The phase vocoder, against closed forms."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from stemwright.audio import fit
from stemwright.audio.phase_vocoder import stretched

RATE = 8_000


def result(samples, num, den, frames, lengths=(), rate=RATE):
    blocks = np.split(samples, np.cumsum(lengths, dtype=int))
    channels = samples.shape[1]
    return np.concatenate(list(fit(stretched(iter(blocks), channels, rate, num, den), frames, channels)))


def noise(frames, channels=2):
    return np.random.default_rng(2).normal(0, 0.3, (frames, channels))


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_at_a_ratio_of_one_nothing_changes(rate, channels):
    samples = noise(20_000, channels)
    assert np.abs(result(samples, 3, 3, 20_000, rate=rate) - samples).max() < 1e-14


@pytest.mark.parametrize("num, den", [(1, 4), (2, 3), (1_001, 1_000), (3, 2), (4, 1)])
@pytest.mark.parametrize("hertz", [100.0, 441.3, 2_000.0])
def test_a_tone_keeps_its_pitch_and_its_level(num, den, hertz):
    """The result is a sine of that frequency and level, which the rest is 50 dB below."""
    samples = 0.5 * np.sin(2 * np.pi * hertz * np.arange(2 * RATE) / RATE)[:, None]
    frames = 2 * RATE * num // den
    inner = slice(frames // 4, frames * 3 // 4)
    tone = result(samples, num, den, frames)[inner, 0]
    t = np.arange(len(tone)) / RATE
    basis = np.stack([np.sin(2 * np.pi * hertz * t), np.cos(2 * np.pi * hertz * t)], axis=1)
    fitted, *_ = np.linalg.lstsq(basis, tone)
    assert np.hypot(*fitted) == pytest.approx(0.5, rel=1e-3)
    assert np.std(tone - basis @ fitted) < 0.5 / 2**0.5 / 10 ** (50 / 20)


@pytest.mark.long
@pytest.mark.parametrize("num, den, tolerance", [(1, 2, 0.02), (9, 10, 0.004), (10, 9, 0.004), (2, 1, 0.02)])
def test_nothing_drifts(num, den, tolerance):
    """Bursts of noise in a minute of silence: the middle of each lies where it belongs, and no later at the end."""
    samples, starts = np.zeros((60 * RATE, 1)), np.arange(4_000, 60 * RATE - 4_000, 37_003)
    for start in starts:
        samples[start : start + 80] = noise(80, 1)
    long = result(samples, num, den, 60 * RATE * num // den)[:, 0] ** 2
    offsets = []
    for start in starts:
        middle = (start + 40) * num // den
        around = np.arange(max(0, middle - 1_200), min(len(long), middle + 1_200))
        offsets.append((np.average(around, weights=long[around]) - middle) / RATE)
    assert np.abs(offsets).max() < tolerance
    assert np.mean(offsets[-4:]) == pytest.approx(np.mean(offsets[:4]), abs=tolerance / 2)


def test_channels_turn_alike():
    samples = noise(8_000, 1) * np.array([1.0, -0.25])
    left, right = result(samples, 4, 3, 10_000).T
    assert np.abs(left * -0.25 - right).max() < 1e-12


def test_blocks_do_not_matter():
    samples = noise(9_000)
    whole = result(samples, 5, 4, 11_250)
    for lengths in ([1] * 500, [64] * 100, [7, 0, 7_001, 3]):
        assert np.array_equal(result(samples, 5, 4, 11_250, lengths), whole)


def test_silence_before_sound_stays_silence():
    samples = np.concatenate([np.zeros((20_000, 1)), noise(1_000, 1)])
    assert not result(samples, 1, 1, 19_000).any()


def test_it_has_no_end():
    blocks = list(islice(stretched(iter([noise(10)]), 2, RATE, 1, 1), 3))
    assert not any(block.any() for block in blocks[1:])
