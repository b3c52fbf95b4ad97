"""A synthesised drum kit: each piece is a short mono sound.

A sound reaches a tenth of its peak within its first millisecond, so that it starts on the grid, and ends in a fade, so
that it does not click. Noise is shaped in the frequency domain and partials above 0.45 of the sample rate are left out:
nothing aliases, and a piece sounds the same at every rate that can represent it.

The synthesis follows common analogue practice: a falling sine for the kick, two modes and bright noise for the snare
(the modes of a drum head lie at about 1 : 1.59 : 2.14), inharmonic partials and noise whose highs decay first for
metal, a train of bursts for the clap.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.instruments.dsp.edges import remove_dc


class Piece(NamedTuple):
    """A piece of the kit: its peak level in dB, its pan from left (-1) to right (1), and a frequency in Hz.

    What lies above `bright_hz` falls faster with velocity than what lies below: softer hits are duller.
    """

    level_db: float
    pan: float
    bright_hz: float


PIECES = {
    "kick": Piece(-4.0, 0.0, 150.0),
    "snare": Piece(-7.0, -0.08, 1_000.0),
    "rim": Piece(-8.0, -0.08, 1_000.0),
    "clap": Piece(-10.0, 0.12, 1_500.0),
    "hat": Piece(-17.0, 0.3, 7_000.0),
    "open_hat": Piece(-17.0, 0.3, 7_000.0),
    "tom_low": Piece(-7.0, -0.4, 120.0),
    "tom_mid": Piece(-7.0, 0.1, 170.0),
    "tom_high": Piece(-7.0, 0.25, 240.0),
    "shaker": Piece(-20.0, -0.35, 6_000.0),
    "cowbell": Piece(-15.0, 0.2, 1_200.0),
    "ride": Piece(-18.0, -0.35, 4_000.0),
    "crash": Piece(-12.0, 0.4, 3_000.0),
}
"""The pieces, balanced against each other and below full scale in sum, panned as the audience sees a kit."""

CHOKED = ("hat", "open_hat")
"""Pieces that choke each other: a hit on one ends the sound of the other."""

CHOKE_S = 0.012
"""The fade-out of a choked piece in s, from the hit that ends it."""

_HAT_HZ = (3_140.0, 4_280.0, 5_390.0, 6_270.0, 7_590.0, 9_110.0)


def hit(piece: str, rate: int, velocity: float) -> np.ndarray:
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
    sound = _high_shelf(_raw_piece(piece, rate), rate, properties.bright_hz, velocity)
    sound = sound * ramp(len(sound) - 1 - np.arange(len(sound)), round(0.005 * rate))
    sound = remove_dc(sound[:, None])[:, 0]  # a falling sine has a mean
    return sound * (velocity**2 * amplitude(properties.level_db) / np.max(np.abs(sound)))


def choke(sound: np.ndarray, frames: int, rate: int) -> np.ndarray:
    """Cut a sound short with a fade-out.

    Parameters
    ----------
    sound : np.ndarray
        Shape (frames, channels).
    frames : int
        Where the fade-out begins; it lasts CHOKE_S.
    rate : int
        Sample rate in Hz.

    Returns
    -------
    np.ndarray
        The sound up to the end of the fade, a new array.
    """
    fade = round(CHOKE_S * rate)
    kept = sound[: frames + fade]
    return kept * ramp(frames + fade - 1 - np.arange(len(kept)), fade)[:, None]


@cache
def _raw_piece(piece: str, rate: int) -> np.ndarray:
    """A piece at full velocity, not normalised. The array is cached and must not be modified."""
    return _SOUNDS[piece](rate, np.random.default_rng(list(piece.encode())))


def _high_shelf(sound: np.ndarray, rate: int, hertz: float, velocity: float) -> np.ndarray:
    """A first-order analogue shelving filter: a gain of 1 well below `hertz`, of `velocity` well above it."""
    if velocity == 1.0:
        return sound
    size = len(sound) + round(0.05 * rate)  # padded, so that the filter's ringing does not wrap to the start
    turns = 1j * np.fft.rfftfreq(size, 1 / rate) / hertz
    shelf = (1 + velocity * turns) / (1 + turns)
    return np.fft.irfft(np.fft.rfft(sound, size) * shelf, size)[: len(sound)]


def _kick(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.45)
    # From 190 Hz down to 48 Hz with a time constant of 30 ms; the phase is the integral of the frequency.
    phase = 48 * t + (190 - 48) * 0.03 * (1 - np.exp(-t / 0.03))
    body = np.sin(2 * np.pi * phase) * np.exp(-t / 0.12)
    beater = _noise(rate, len(t), rng, 1_500, 6_000) * np.exp(-t / 0.004)
    return (body + 0.12 * beater) * ramp(np.arange(len(t)), round(0.0005 * rate))


def _snare(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.28)
    head = np.sin(2 * np.pi * 186 * t) * np.exp(-t / 0.05) + 0.6 * np.sin(2 * np.pi * 298 * t) * np.exp(
        -t / 0.035
    )
    wires = _noise(rate, len(t), rng, 1_200, 11_000) * np.exp(-t / 0.065)
    return (0.6 * head + wires) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _clap(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.30)
    bursts = sum(np.where(t >= at, np.exp(-(t - at) / 0.004), 0) for at in (0.0, 0.010, 0.020))
    tail = np.where(t >= 0.028, np.exp(-(t - 0.028) / 0.07), 0)
    return (
        _noise(rate, len(t), rng, 800, 5_000)
        * (bursts + 0.8 * tail)
        * ramp(np.arange(len(t)), round(0.0003 * rate))
    )


def _hat(rate: int, rng: np.random.Generator, decay: float = 0.028, seconds: float = 0.14) -> np.ndarray:
    t = _time(rate, seconds)
    phases = rng.random(len(_HAT_HZ))
    metal = sum(
        np.sin(2 * np.pi * (f * t + p)) for f, p in zip(_HAT_HZ, phases, strict=True) if f < 0.45 * rate
    )
    hiss = _noise(rate, len(t), rng, 6_500, 16_000)
    return (0.12 * metal + hiss) * np.exp(-t / decay) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _open_hat(rate: int, rng: np.random.Generator) -> np.ndarray:
    return _hat(rate, rng, decay=0.16, seconds=0.6)


def _rim(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.12)
    # Two high resonances, near those of analogue drum machines, and the stick on the hoop.
    wood = np.sin(2 * np.pi * 1_667 * t) * np.exp(-t / 0.007) + 0.7 * np.sin(2 * np.pi * 455 * t) * np.exp(
        -t / 0.012
    )
    stick = _noise(rate, len(t), rng, 2_500, 10_000) * np.exp(-t / 0.002)
    return (wood + 0.25 * stick) * ramp(np.arange(len(t)), round(0.0002 * rate))


def _tom(rate: int, rng: np.random.Generator, hertz: float, decay: float) -> np.ndarray:
    t = _time(rate, 5 * decay)
    # A struck head is stretched, and sounds a third higher for about 40 ms.
    phase = hertz * (t + 0.3 * 0.04 * (1 - np.exp(-t / 0.04)))
    modes = ((1.0, 1.0, 1.0), (1.59, 0.35, 0.35), (2.14, 0.2, 0.22))
    head = sum(a * np.sin(2 * np.pi * n * phase) * np.exp(-t / (d * decay)) for n, a, d in modes)
    stick = _noise(rate, len(t), rng, 1_000, 6_000) * np.exp(-t / 0.005)
    return (head + 0.15 * stick) * ramp(np.arange(len(t)), round(0.0005 * rate))


def _shaker(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.16)
    # The beads collide over 12 ms, then scatter.
    stroke = (0.3 + 0.7 * ramp(np.arange(len(t)), round(0.012 * rate))) * np.exp(-t / 0.03)
    return _noise(rate, len(t), rng, 4_500, 13_000) * stroke * ramp(np.arange(len(t)), round(0.0003 * rate))


def _cowbell(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.4)
    # Two square waves a little wider than a fifth apart: their odd harmonics, up to 9 kHz.
    tones = [f * n for f in (540.0, 800.0) for n in (1, 3, 5, 7, 9, 11) if f * n < min(9_000, 0.45 * rate)]
    metal = sum(np.sin(2 * np.pi * f * t) * (540 / f) ** 0.7 * np.exp(-t * f / 2_000 / 0.03) for f in tones)
    ring = sum(np.cos(2 * np.pi * f * t) * np.exp(-t / 0.08) for f in (540.0, 800.0))
    return (metal + 0.6 * ring) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _ride(rate: int, rng: np.random.Generator) -> np.ndarray:
    t, rngs = _time(rate, 1.6), rng.spawn(3)  # one each: how much a noise draws depends on the rate
    bell = _partials(rate, t, rngs[0], 40, 900, 9_000, 0.45)
    stick = _noise(rate, len(t), rngs[1], 3_000, 12_000) * np.exp(-t / 0.012)
    wash = _noise(rate, len(t), rngs[2], 4_000, 14_000) * np.exp(-t / 0.22)
    return (bell + 0.9 * stick + 0.5 * wash) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _crash(rate: int, rng: np.random.Generator) -> np.ndarray:
    t, rngs = _time(rate, 2.6), rng.spawn(6)
    # (low, high) in Hz, level, decay in s: higher bands decay sooner.
    bands = [
        (500, 1_500, 0.25, 0.9),
        (1_500, 4_500, 0.6, 0.75),
        (4_500, 9_000, 0.7, 0.5),
        (9_000, 16_000, 0.5, 0.3),
    ]
    noises = (_noise(rate, len(t), each, *band[:2]) for band, each in zip(bands, rngs[:4], strict=True))
    wash = sum(
        level * noise * np.exp(-t / decay) for (*_, level, decay), noise in zip(bands, noises, strict=True)
    )
    burst = _noise(rate, len(t), rngs[4], 1_500, 14_000) * np.exp(-t / 0.03)
    metal = _partials(rate, t, rngs[5], 30, 400, 7_000, 0.7)
    return (wash + burst + 0.5 * metal) * ramp(np.arange(len(t)), round(0.0003 * rate))


def _partials(
    rate: int, t: np.ndarray, rng: np.random.Generator, count: int, low: float, high: float, decay: float
) -> np.ndarray:
    """`count` sines at random frequencies between `low` and `high` in Hz, as of a metal plate; RMS about 1 at first.

    `decay` is the time constant of the lowest in s; it falls with the root of the frequency.
    """
    hertz, turns = low * (high / low) ** rng.random(count), rng.random(count)
    held = [(f, p) for f, p in zip(hertz, turns, strict=True) if f < 0.45 * rate]
    wave = sum(np.sin(2 * np.pi * (f * t + p)) * np.exp(-t / (decay * (low / f) ** 0.5)) for f, p in held)
    return wave * np.sqrt(2 / count)


_SOUNDS = {
    "kick": _kick,
    "snare": _snare,
    "rim": _rim,
    "clap": _clap,
    "hat": _hat,
    "open_hat": _open_hat,
    "tom_low": lambda rate, rng: _tom(rate, rng, 82, 0.16),
    "tom_mid": lambda rate, rng: _tom(rate, rng, 118, 0.13),
    "tom_high": lambda rate, rng: _tom(rate, rng, 165, 0.11),
    "shaker": _shaker,
    "cowbell": _cowbell,
    "ride": _ride,
    "crash": _crash,
}


def _time(rate: int, seconds: float) -> np.ndarray:
    return np.arange(round(seconds * rate)) / rate


def _noise(rate: int, frames: int, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise of RMS 1 between two frequencies in Hz, with cosine slopes half an octave wide (in log frequency)."""
    hertz = np.maximum(np.fft.rfftfreq(frames, 1 / rate), 1.0)
    # Drawn from low to high: a higher rate extends the same noise.
    spectrum = rng.standard_normal((len(hertz), 2)) @ (1, 1j)
    high = min(high, 0.45 * rate)
    low = low if low < high else high / 2  # at a low sample rate, the nearest band that fits
    rise = np.clip(2 * np.log2(hertz / low) + 1, 0, 1)
    fall = np.clip(2 * np.log2(high / hertz) + 1, 0, 1)
    noise = np.fft.irfft(
        spectrum * (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall)), frames
    )
    return noise / np.sqrt(np.mean(noise**2))
