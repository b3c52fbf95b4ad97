"""Notes of instruments, and the partials in them."""

from __future__ import annotations

import numpy as np
from scipy import signal

from stemwright import instruments
from stemwright.instruments import Note

RATE = 48_000
HELD = {"attack_ms": 5.0, "decay_ms": 50.0, "sustain": 1.0, "release_ms": 50.0}
OPEN = {"cutoff_hz": 20_000.0, "slope_db": 12, "tracking": 0.0, "velocity_octaves": 0.0}


def sound(entry, pitch=57.0, seconds=1.0, velocity=1.0, channels=1, glide_from=None):
    note = Note(0, round(seconds * RATE), pitch, velocity, glide_from)
    return instruments.make(entry).sound(note, RATE, channels, "test")


def hertz(pitch):
    return 440 * 2 ** ((pitch - 69) / 12)


def strength(x, frequency):
    """The amplitude of a frequency in a sound, through a window."""
    window = np.blackman(len(x))
    return (
        2
        * abs(np.sum(x * window * np.exp(-2j * np.pi * frequency / RATE * np.arange(len(x)))))
        / window.sum()
    )


def decibels(ratio):
    return 20 * np.log10(ratio)


def turns_per_second(x, at, seconds=0.03):
    """The frequency of a pure tone about a moment."""
    part = signal.hilbert(x)[round((at - seconds / 2) * RATE) : round((at + seconds / 2) * RATE)]
    return np.mean(np.diff(np.unwrap(np.angle(part)))) * RATE / (2 * np.pi)
