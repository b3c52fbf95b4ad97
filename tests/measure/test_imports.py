"""Flat tops and steps of 8 bits: found where they are, and in nothing that looks a little like them."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.measure.imports import FlatTops, WordLength

RATE = 48_000
T = np.arange(2 * RATE) / RATE


def sine(hertz, level=1.0):
    return level * np.sin(2 * np.pi * hertz * T)


def on_grid(samples, bits):
    top = 2.0 ** (bits - 1)
    return np.clip(np.rint(samples * top), -top, top - 1) / top


def drums():
    rng = np.random.default_rng(2)
    hits = rng.normal(0, 1, len(T)) * np.exp(-(T % 0.25) * 30) + 2 * sine(55) * np.exp(-(T % 0.5) * 8)
    return hits / np.abs(hits).max()


def runs(samples, block=10_007, step=2.0**-15):
    meter = FlatTops(step)
    meter.start(RATE, 1)
    for start in range(0, len(samples), block):
        meter.feed(samples[start : start + block, None])
    return meter.runs


CLIPPED = {
    "a tone, twice too loud": np.clip(sine(440, 2), -1, 1),
    "in 16 bits": on_grid(sine(440, 1.5), 16),
    "in 24 bits, turned down": on_grid(0.5 * np.clip(sine(1_000, 1.3), -1, 1), 24),
    "drums": np.clip(3 * drums(), -1, 1),
    "one side only": np.clip(sine(330, 1.4), -1, 2),
    "a tone in noise": np.clip(sine(100, 1.1) + np.random.default_rng(1).normal(0, 0.1, len(T)), -1, 1),
}
WHOLE = {
    **{
        f"a tone of {hertz} Hz at full scale": on_grid(sine(hertz), 16)
        for hertz in (1, 5, 20, 55, 440, 12_000)
    },
    "drums": on_grid(drums(), 16),
    "drums in 24 bits": on_grid(drums(), 24),
    "a square wave": np.sign(sine(100.1)) * 0.999,
    "a pulse between silences": np.where(T % 0.1 < 0.01, 1.0, 0.0),
    "noise": np.random.default_rng(4).uniform(-1, 1, len(T)),
    "samples that are held": np.repeat(on_grid(drums(), 16)[::6], 6),
    "silence": np.zeros(len(T)),
    "a ramp": T % 1,
    "quiet noise": on_grid(np.random.default_rng(4).normal(0, 1e-4, len(T)), 16),
}


@pytest.mark.parametrize("name", CLIPPED)
def test_clipped(name):
    found = runs(CLIPPED[name])
    assert found > 0
    assert found == runs(CLIPPED[name], len(T)) == runs(CLIPPED[name][: len(T)], 1_009)


@pytest.mark.parametrize("name", WHOLE)
def test_not_clipped(name):
    assert runs(WHOLE[name]) == runs(WHOLE[name], len(T)) == 0


def test_the_number_of_tops_is_that_of_the_periods():
    assert runs(np.clip(sine(440, 2), -1, 1)) == pytest.approx(2 * 440 * 2, abs=2)


def test_8_bits_have_coarser_steps():
    for hertz in (20, 440):
        assert runs(on_grid(sine(hertz), 8), step=2.0**-7) == 0
    assert runs(on_grid(sine(440, 2), 8), step=2.0**-7) > 0


@pytest.mark.parametrize(
    "samples, is_8_bit",
    [
        (on_grid(sine(440, 0.8), 8), True),
        (on_grid(drums(), 8), True),
        (on_grid(sine(440, 0.8), 9), False),
        (on_grid(drums(), 16), False),
        (np.zeros(1_000), False),
        (np.sign(sine(100)) * 0.5, False),
        (on_grid(sine(440, 0.8), 8) * 1.01, False),
    ],
)
def test_word_length(samples, is_8_bit):
    meter = WordLength()
    meter.start(RATE, 1)
    for start in range(0, len(samples), 1_000):
        meter.feed(samples[start : start + 1_000, None])
    assert meter.is_8_bit is is_8_bit
