"""A synthesised drum kit: each piece a short mono sound, made once for each velocity.

Pieces are heard from their first millisecond on (a tenth of their peak is reached) and end in a
fade, so that they start on the grid and do not click. Noise is shaped in the frequency domain and partials
above 0.45 of the sample rate are left out, so nothing aliases, and a piece is the same sound at every
rate that can hold it. The shapes follow common analogue practice: a
falling sine for the kick, two modes and bright noise for the snare (a drum head's first two
modes lie about 1 : 1.6), inharmonic partials and high noise for the hats, a burst train for the clap.
"""

from __future__ import annotations

import numpy as np

from stemwright.levels import amplitude
from stemwright.ramps import ramp

BALANCE_DB = {"kick": -4.0, "snare": -7.0, "clap": -10.0, "hat": -17.0, "open_hat": -17.0}
"""The level of each piece in a kit that sits together and stays under full scale."""

PAN = {"kick": 0.0, "snare": -0.08, "clap": 0.12, "hat": 0.3, "open_hat": 0.3}
"""The pieces, and where each sits between left (-1) and right (1), as the audience sees a kit."""

_HAT_HZ = (3_140.0, 4_280.0, 5_390.0, 6_270.0, 7_590.0, 9_110.0)


def hit(piece: str, rate: int, velocity: float) -> np.ndarray:
    """One hit as a mono float64 array, its peak `velocity` (0 to 1) squared, at the kit's balance.

    The square law is that of General MIDI (40 dB for a tenth of the velocity). Equal arguments give
    equal arrays. Raises KeyError for a piece the kit has not.
    """
    sound = _PIECES[piece](rate, np.random.default_rng(list(piece.encode())))
    sound = sound * ramp(len(sound) - 1 - np.arange(len(sound)), round(0.005 * rate))
    return sound * (velocity**2 * amplitude(BALANCE_DB[piece]) / np.max(np.abs(sound)))


def _kick(rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(rate, 0.45)
    # 48 Hz, from 190 Hz within some 30 ms; the phase is the integral of the frequency.
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
    room = np.where(t >= 0.028, np.exp(-(t - 0.028) / 0.07), 0)
    return (
        _noise(rate, len(t), rng, 800, 5_000)
        * (bursts + 0.8 * room)
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


_PIECES = {"kick": _kick, "snare": _snare, "clap": _clap, "hat": _hat, "open_hat": _open_hat}


def _time(rate: int, seconds: float) -> np.ndarray:
    return np.arange(round(seconds * rate)) / rate


def _noise(rate: int, frames: int, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise of unit RMS between two frequencies, with slopes of half an octave (cosine in log frequency)."""
    hertz = np.maximum(np.fft.rfftfreq(frames, 1 / rate), 1.0)
    spectrum = rng.standard_normal((len(hertz), 2)) @ (
        1,
        1j,
    )  # drawn upwards: more of the same at a higher rate
    high = min(high, 0.45 * rate)
    rise = np.clip(2 * np.log2(hertz / low) + 1, 0, 1)
    fall = np.clip(2 * np.log2(high / hertz) + 1, 0, 1) if high > low else np.zeros_like(hertz)
    noise = np.fft.irfft(
        spectrum * (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall)), frames
    )
    level = np.sqrt(np.mean(noise**2))
    return noise / level if level else noise
