"""Delays between recordings, against shifts in the frequency domain."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.measure.delay import find_delay

RATE = 16_000
N = 4 * RATE
PAD = RATE


def bursts(seed=1):
    """Noise with most of its power at low frequencies, as music has, at changing levels."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.normal(size=N)) / np.sqrt(1 + (np.arange(N // 2 + 1) / 200) ** 2)
    return np.fft.irfft(spectrum) * np.repeat(rng.uniform(0, 1, 16), N // 16)


def late(sound, frames):
    """The sound, late by any number of frames."""
    wide = np.pad(sound, PAD)
    turns = np.exp(-2j * np.pi * frames * np.fft.rfftfreq(len(wide)))
    return np.fft.irfft(np.fft.rfft(wide) * turns, len(wide))[PAD:-PAD]


def found(sound, guide, reach=0.5):
    def blocks(samples):
        return lambda: iter(np.array_split(samples[:, None], 7))

    return find_delay(blocks(sound), blocks(guide), N, RATE, reach)


@pytest.mark.parametrize("frames", [0, 1, -0.37, 17.25, -3_000.4, 7_900.5])
@pytest.mark.parametrize("other_db, error", [(-np.inf, 1e-3), (0, 0.03), (10, 0.1)])
def test_to_a_fraction_of_a_frame(frames, other_db, error):
    """Also where the guide is a mix, in which all else together is louder than the sound."""
    sound, other = bursts(), bursts(2)
    guide = late(sound, frames) + other * np.std(sound) / np.std(other) * 10 ** (other_db / 20)
    delay = found(sound, guide)
    assert delay.seconds * RATE == pytest.approx(frames, abs=error)
    assert delay.rival < 0.5
    whole = round(frames)
    moved = np.roll(np.pad(sound, PAD), whole)[PAD:-PAD]
    assert delay.correlation == pytest.approx(np.corrcoef(moved, guide)[0, 1], abs=0.04)


def test_inverted_polarity():
    delay = found(bursts(), -late(bursts(), 100))
    assert delay.seconds * RATE == pytest.approx(100, abs=1e-3) and delay.correlation < -0.98


@pytest.mark.parametrize("seed", range(3))
def test_unrelated_sounds_have_no_clear_best(seed):
    assert found(bursts(seed), bursts(seed + 10)).rival > 2 / 3


def test_of_the_equal_matches_of_a_loop_the_nearest():
    loop = np.tile(bursts()[:4_000], 16)
    inside = np.abs(np.arange(N) - N // 2) < RATE  # it begins and ends where the guide goes on
    delay = found(loop * inside, np.roll(loop, 30), reach=0.9)
    assert delay.seconds * RATE == pytest.approx(30, abs=0.5)
    assert delay.rival > 2 / 3 and abs(delay.rival_seconds) == pytest.approx(0.25, abs=0.01)


def test_what_is_out_of_reach_or_silent_is_not_found():
    sound = bursts()
    assert found(sound, np.zeros(N)) is None
    assert found(np.zeros(N), sound) is None
    first, last = sound * (np.arange(N) < RATE), sound * (np.arange(N) > 3 * RATE)
    assert found(first, last, reach=0.1) is None or found(first, last, reach=0.1).rival > 2 / 3


def test_two_clicks_that_are_farther_apart_than_the_reach():
    def click(at):
        samples = np.zeros((8_000, 1))
        samples[at] = 1
        return lambda: iter([samples])

    delay = find_delay(click(1_402), click(6_506), 8_000, 8_000, 0.25)
    assert delay is None or delay.correlation == 0
