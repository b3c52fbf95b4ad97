"""Plucked strings: decay, partials and stiffness."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from synth_sounds import RATE, decibels, hertz, sound, strength


@pytest.mark.parametrize("pitch", [40, 57, 76])
def test_a_string_rings_as_long_as_it_says(pitch):
    keys = {"decay_s": 3.0, "damping_hz": 1_000.0, "body": "none"}
    x = sound({"plucked": keys}, pitch, 1.2)[:, 0]
    for k in (1, 2, 5):
        f = hertz(pitch) * k
        ring = 3.0 * (220 / hertz(pitch)) ** 0.5 / (1 + (f / 1_000) ** 2)
        gap = min(0.5, ring / 4)
        early, late = (strength(x[round(a * RATE) : round((a + 0.3) * RATE)], f) for a in (0.1, 0.1 + gap))
        assert decibels(early / late) == pytest.approx(60 * gap / ring, rel=0.02)


def test_a_string_that_is_plucked_in_the_middle_has_no_even_partials():
    x = sound({"plucked": {"pick_position": 0.5, "decay_s": 20.0}})[4_800:43_200, 0]
    assert all(strength(x, 220 * k) < 1e-3 * strength(x, 220 * (k - 1)) for k in (2, 4, 6))


def test_a_stiff_strings_partials_are_stretched():
    b = 0.0004
    x = sound({"plucked": {"stiffness": b, "decay_s": 20.0, "damping_hz": 20_000.0}}, seconds=2.0)[
        4_800:91_200, 0
    ]
    for k in (2, 5, 10, 15):
        expected = 220 * k * ((1 + b * k * k) / (1 + b)) ** 0.5
        band = expected - 3, expected + 3
        spectrum = signal.zoom_fft(x * np.blackman(len(x)), band, 601, fs=RATE, endpoint=True)
        found = np.linspace(*band, 601)[np.argmax(np.abs(spectrum))]
        assert found == pytest.approx(expected, abs=0.1)


def test_equal_strings_ring_equally_however_long_they_are_held():
    for keys in ({}, {"stiffness": 0.001, "body": "bass"}):
        short, long = (
            sound({"plucked": {"release_ms": 10.0, **keys}}, 45, s)[:38_400, 0] for s in (0.8, 3.0)
        )
        assert decibels(np.max(np.abs(short - long)) / np.max(np.abs(long))) < -65
