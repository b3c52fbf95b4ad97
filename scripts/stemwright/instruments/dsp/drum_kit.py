"""A synthesised drum kit: each piece is a short mono sound, as of a close microphone, in several takes.

A sound reaches a tenth of its peak within its first millisecond, so that it starts on the grid, and ends in a fade, so
that it does not click. Noise is shaped in the frequency domain and partials above 0.45 of the sample rate are left out:
nothing aliases, and a piece sounds the same at every rate that can represent it.

The synthesis follows common analogue practice: a falling sine for the kick, two modes and bright noise for the snare
(the modes of a drum head lie at about 1 : 1.59 : 2.14), inharmonic partials and noise whose highs decay first for
metal, a train of bursts for the clap. A take has noise of its own, and differs a little in tuning, decay and the share
of stick, head and wires.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.instruments.dsp.edges import remove_dc
from stemwright.instruments.dsp.fourier import exponentials


class Piece(NamedTuple):
    """A piece of the kit: its peak level in dB, its pan from left (-1) to right (1), a frequency in Hz, and its height.

    What lies above `bright_hz` falls faster with velocity than what lies below: softer hits are duller. `height_m` is
    that of where it is struck, in metres above the floor.
    """

    level_db: float
    pan: float
    bright_hz: float
    height_m: float


PIECES = {
    "kick": Piece(-4.0, 0.0, 150.0, 0.3),
    "snare": Piece(-7.0, -0.08, 1_000.0, 0.7),
    "rim": Piece(-8.0, -0.08, 1_000.0, 0.7),
    "clap": Piece(-10.0, 0.12, 1_500.0, 1.2),
    "hat": Piece(-14.0, 0.3, 7_000.0, 0.9),
    "pedal_hat": Piece(-19.0, 0.3, 6_000.0, 0.9),
    "open_hat": Piece(-15.0, 0.3, 7_000.0, 0.9),
    "tom_low": Piece(-7.0, -0.4, 120.0, 0.6),
    "tom_mid": Piece(-7.0, 0.1, 170.0, 0.9),
    "tom_high": Piece(-7.0, 0.25, 240.0, 0.9),
    "shaker": Piece(-17.0, -0.35, 6_000.0, 1.2),
    "cowbell": Piece(-15.0, 0.2, 1_200.0, 1.0),
    "ride": Piece(-15.0, -0.35, 4_000.0, 1.1),
    "crash": Piece(-11.0, 0.4, 3_000.0, 1.3),
}
"""The pieces, balanced against each other and below full scale in sum, panned as the audience sees a kit."""

TAKES = 6
"""How many takes of each piece there are."""

_HAT_HZ = (3_140.0, 4_280.0, 5_390.0, 6_270.0, 7_590.0, 9_110.0)


class _Take:
    """How a take differs from the piece as it is designed."""

    def __init__(self, piece: str, number: int, variation: float):
        is_own = number > 0 and variation > 0
        self.noise = np.random.default_rng([*piece.encode(), *([number] if is_own else [])])
        self._dice = np.random.default_rng([number, *piece.encode()]) if is_own else None
        self._variation = variation

    def near(self, value: float, spread: float) -> float:
        """A value near to `value`: its logarithm has a standard deviation of `spread`, times the variation."""
        if self._dice is None:
            return value
        return value * float(np.exp(self._variation * spread * np.clip(self._dice.standard_normal(), -2, 2)))


def hit(piece: str, rate: int, velocity: float, take: int = 0, variation: float = 0.0) -> np.ndarray:
    """Synthesise one hit.

    The level follows the square of the velocity, as in General MIDI (40 dB for a tenth of the velocity); above the
    piece's `bright_hz`, it falls by the velocity once more. Equal arguments give equal arrays.

    Parameters
    ----------
    piece : str
        The name of the piece, a key of PIECES.
    rate : int
        Sample rate in Hz.
    velocity : float
        Above 0, up to 1.
    take : int
        Which take it is, from 0 to TAKES - 1. The first is the piece as it is designed.
    variation : float
        From 0 to 1: how far the others differ from it.

    Returns
    -------
    np.ndarray
        The sound, float64, shape (frames,), with a peak of velocity² at the piece's level.

    Raises
    ------
    KeyError
        If the kit has no such piece.
    """
    properties = PIECES[piece]
    sound = _high_shelf(_raw_piece(piece, rate, take, variation), rate, properties.bright_hz, velocity)
    sound = sound * ramp(len(sound) - 1 - np.arange(len(sound)), round(0.005 * rate))
    sound = remove_dc(sound[:, None])[:, 0]  # a falling sine has a mean
    return sound * (velocity**2 * amplitude(properties.level_db) / np.max(np.abs(sound)))


@lru_cache(64)
def _raw_piece(piece: str, rate: int, take: int, variation: float) -> np.ndarray:
    """A piece at full velocity, not normalised. The array is cached and must not be modified."""
    return _SOUNDS[piece](rate, _Take(piece, take, variation))


def _high_shelf(sound: np.ndarray, rate: int, hertz: float, velocity: float) -> np.ndarray:
    """A first-order analogue shelving filter: a gain of 1 well below `hertz`, of `velocity` well above it."""
    if velocity == 1.0:
        return sound
    size = len(sound) + round(0.05 * rate)  # padded, so that the filter's ringing does not wrap to the start
    turns = 1j * np.fft.rfftfreq(size, 1 / rate) / hertz
    shelf = (1 + velocity * turns) / (1 + turns)
    return np.fft.irfft(np.fft.rfft(sound, size) * shelf, size)[: len(sound)]


def _kick(rate: int, take: _Take) -> np.ndarray:
    t = _time(rate, 0.45)
    # From 190 Hz down to 48 Hz with a time constant of 30 ms; the phase is the integral of the frequency.
    low, high, fall = take.near(48, 0.02), take.near(190, 0.06), take.near(0.03, 0.12)
    phase = low * t + (high - low) * fall * (1 - np.exp(-t / fall))
    body = np.sin(2 * np.pi * phase) * np.exp(-t / take.near(0.12, 0.12))
    beater = _burst(rate, len(t), take.noise, 1_500, 8_000, take.near(0.004, 0.1))
    return (body + take.near(0.5, 0.2) * beater) * ramp(np.arange(len(t)), round(0.0005 * rate))


def _snare(rate: int, take: _Take) -> np.ndarray:
    t, tuning = _time(rate, 0.28), take.near(1, 0.015)
    low = np.sin(2 * np.pi * 186 * tuning * t) * np.exp(-t / take.near(0.055, 0.08))
    # Where the stick lands decides how much of the second mode there is.
    high = take.near(0.6, 0.2) * np.sin(2 * np.pi * 298 * tuning * t) * np.exp(-t / 0.035)
    wires = _noise(rate, len(t), take.noise, 1_000, 10_000) * np.exp(-t / take.near(0.065, 0.08))
    return (0.8 * (low + high) + take.near(0.8, 0.1) * wires) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _clap(rate: int, take: _Take) -> np.ndarray:
    t = _time(rate, 0.30)
    times = 0.0, take.near(0.010, 0.12), take.near(0.020, 0.08)  # of the hands
    bursts = sum(np.where(t >= at, np.exp(-(t - at) / 0.004), 0) for at in times)
    tail = np.where(t >= 0.028, np.exp(-(t - 0.028) / take.near(0.07, 0.1)), 0)
    noise = _noise(rate, len(t), take.noise, 800, 7_000)
    return noise * (bursts + 0.8 * tail) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _hat(rate: int, take: _Take, decay: float = 0.028, seconds: float = 0.14) -> np.ndarray:
    t, rngs = (
        _time(rate, seconds),
        take.noise.spawn(2),
    )  # one each: how much a noise draws depends on the rate
    phases = take.noise.random(len(_HAT_HZ))
    metal = sum(
        np.sin(2 * np.pi * (f * t + p)) for f, p in zip(_HAT_HZ, phases, strict=True) if f < 0.45 * rate
    )
    hiss = _noise(rate, len(t), rngs[0], 5_000, 15_000)
    stick = _burst(rate, len(t), rngs[1], 500, 5_000, 0.006)
    sound = take.near(0.12, 0.25) * metal + hiss + take.near(0.12, 0.25) * stick
    return sound * np.exp(-t / take.near(decay, 0.12)) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _pedal_hat(rate: int, take: _Take) -> np.ndarray:
    return _hat(rate, take, decay=0.018, seconds=0.12)


def _open_hat(rate: int, take: _Take) -> np.ndarray:
    return _hat(rate, take, decay=0.16, seconds=0.6)


def _rim(rate: int, take: _Take) -> np.ndarray:
    t, tuning = _time(rate, 0.12), take.near(1, 0.01)
    # Two high resonances, near those of analogue drum machines, and the stick on the hoop.
    high = np.sin(2 * np.pi * 1_667 * tuning * t) * np.exp(-t / take.near(0.007, 0.1))
    low = np.sin(2 * np.pi * 455 * tuning * t) * np.exp(-t / take.near(0.012, 0.1))
    stick = _burst(rate, len(t), take.noise, 2_500, 10_000, 0.004)
    sound = high + take.near(0.7, 0.15) * low + take.near(1.0, 0.15) * stick
    return sound * ramp(np.arange(len(t)), round(0.0002 * rate))


def _tom(rate: int, take: _Take, hertz: float, decay: float) -> np.ndarray:
    t = _time(rate, 5 * decay)
    hertz, decay = take.near(hertz, 0.012), take.near(decay, 0.08)
    # A struck head is stretched, and sounds a third higher for about 40 ms.
    phase = hertz * (t + 0.3 * 0.04 * (1 - np.exp(-t / 0.04)))
    modes = ((1.0, 1.0, 1.0), (1.59, take.near(0.35, 0.2), 0.35), (2.14, take.near(0.2, 0.2), 0.22))
    head = sum(a * np.sin(2 * np.pi * n * phase) * np.exp(-t / (d * decay)) for n, a, d in modes)
    stick = _burst(rate, len(t), take.noise, 1_000, 8_000, 0.005)
    return (head + take.near(0.3, 0.2) * stick) * ramp(np.arange(len(t)), round(0.0005 * rate))


def _shaker(rate: int, take: _Take) -> np.ndarray:
    t = _time(rate, 0.16)
    # The beads collide over 12 ms, then scatter.
    rise = ramp(np.arange(len(t)), round(take.near(0.012, 0.1) * rate))
    stroke = (0.3 + 0.7 * rise) * np.exp(-t / take.near(0.03, 0.12))
    beads = _noise(rate, len(t), take.noise, 4_000, 14_000)
    return beads * stroke * ramp(np.arange(len(t)), round(0.0003 * rate))


def _cowbell(rate: int, take: _Take) -> np.ndarray:
    t = _time(rate, 0.4)
    # Two square waves a little wider than a fifth apart: their odd harmonics, up to 9 kHz. The stick's place on the
    # bell decides which of them is louder.
    tones = [(f, n) for f in (540.0, 800.0) for n in (1, 3, 5, 7, 9, 11) if f * n < min(9_000, 0.45 * rate)]
    tilt, decay = take.near(0.7, 0.3), take.near(0.03, 0.15)
    metal = sum(
        np.sin(2 * np.pi * f * n * t) * (540 / (f * n)) ** tilt * np.exp(-t * f * n / 2_000 / decay)
        for f, n in tones
    )
    ring = sum(np.cos(2 * np.pi * f * t) * np.exp(-t / take.near(0.08, 0.1)) for f in (540.0, 800.0))
    stick = _burst(rate, len(t), take.noise, 2_000, 9_000, 0.004)
    return (metal + 0.6 * ring + take.near(0.25, 0.2) * stick) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _ride(rate: int, take: _Take) -> np.ndarray:
    t, rngs = _time(rate, 1.6), take.noise.spawn(3)  # one each: how much a noise draws depends on the rate
    bell = _partials(rate, t, rngs[0], 40, 900, 9_000, 0.45)
    stick = _burst(rate, len(t), rngs[1], 3_000, 14_000, 0.012)
    wash = _noise(rate, len(t), rngs[2], 4_000, 15_000) * np.exp(-t / take.near(0.25, 0.1))
    sound = take.near(0.5, 0.15) * bell + take.near(0.9, 0.15) * stick + 0.6 * wash
    return sound * ramp(np.arange(len(t)), round(0.0003 * rate))


def _crash(rate: int, take: _Take) -> np.ndarray:
    t, rngs = _time(rate, 2.6), take.noise.spawn(6)
    # (low, high) in Hz, level, decay in s: higher bands decay sooner.
    bands = [
        (500, 1_500, 0.2, 0.9),
        (1_500, 4_500, 0.5, 0.75),
        (4_500, 9_000, 0.75, 0.5),
        (9_000, 16_000, 0.55, 0.3),
    ]
    noises = (_noise(rate, len(t), each, *band[:2]) for band, each in zip(bands, rngs[:4], strict=True))
    wash = sum(
        level * noise * np.exp(-t / take.near(decay, 0.08))
        for (*_, level, decay), noise in zip(bands, noises, strict=True)
    )
    burst = _burst(rate, len(t), rngs[4], 1_500, 14_000, 0.03)
    metal = _partials(rate, t, rngs[5], 30, 400, 7_000, 0.7)
    return (wash + burst + take.near(0.35, 0.15) * metal) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _partials(
    rate: int, t: np.ndarray, rng: np.random.Generator, count: int, low: float, high: float, decay: float
) -> np.ndarray:
    """`count` sines at random frequencies between `low` and `high` in Hz, as of a metal plate; RMS about 1 at first.

    `decay` is the time constant of the lowest in s; it falls with the root of the frequency.
    """
    hertz, turns = low * (high / low) ** rng.random(count), rng.random(count)
    wave = np.zeros(len(t))
    for f, turn in zip(hertz, turns, strict=True):
        if f < 0.45 * rate:
            fall = 1 / (decay * (low / f) ** 0.5)
            partial = exponentials((2j * np.pi * f - fall) / rate, len(t))
            wave += partial.imag * np.cos(2 * np.pi * turn) + partial.real * np.sin(2 * np.pi * turn)
    return wave * np.sqrt(2 / count)


_SOUNDS = {
    "kick": _kick,
    "snare": _snare,
    "rim": _rim,
    "clap": _clap,
    "hat": _hat,
    "pedal_hat": _pedal_hat,
    "open_hat": _open_hat,
    "tom_low": lambda rate, take: _tom(rate, take, 82, 0.16),
    "tom_mid": lambda rate, take: _tom(rate, take, 118, 0.13),
    "tom_high": lambda rate, take: _tom(rate, take, 165, 0.11),
    "shaker": _shaker,
    "cowbell": _cowbell,
    "ride": _ride,
    "crash": _crash,
}


def _time(rate: int, seconds: float) -> np.ndarray:
    return np.arange(round(seconds * rate)) / rate


def _noise(rate: int, frames: int, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise of RMS 1 between two frequencies in Hz, with cosine slopes half an octave wide (in log frequency)."""
    shape = _band(rate, frames, low, high)
    # Drawn from low to high: a higher rate extends the same noise.
    noise = np.fft.irfft(rng.standard_normal((len(shape), 2)).view(complex)[:, 0] * shape, frames)
    return noise / np.sqrt(np.mean(noise**2))


@lru_cache(32)
def _band(rate: int, frames: int, low: float, high: float) -> np.ndarray:
    """The gains of the bins of noise between two frequencies. It must not be modified."""
    hertz = np.maximum(np.fft.rfftfreq(frames, 1 / rate), 1.0)
    high = min(high, 0.45 * rate)
    low = low if low < high else high / 2  # at a low sample rate, the nearest band that fits
    rise = np.clip(2 * np.log2(hertz / low) + 1, 0, 1)
    fall = np.clip(2 * np.log2(high / hertz) + 1, 0, 1)
    return (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))


def _burst(
    rate: int, frames: int, rng: np.random.Generator, low: float, high: float, decay: float
) -> np.ndarray:
    """Noise between two frequencies in Hz that dies away: RMS 1 at first, time constant `decay` in s."""
    t = _time(rate, min(frames / rate, 12 * decay))
    return np.pad(_noise(rate, len(t), rng, low, high) * np.exp(-t / decay), (0, frames - len(t)))
