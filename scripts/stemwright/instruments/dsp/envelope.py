"""The envelope of synthesisers: attack, decay, sustain, release (Moog's four segments)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np

from stemwright.instruments.dsp.fourier import powers
from stemwright.validation.fields import Configurable, Field

_DECADES = 5.0
"""Decay and release fall exponentially, through this many time constants: to 0.7 %, and then to nothing."""


@dataclass(frozen=True)
class Envelope(Configurable):
    """Attack, decay, sustain, release: it rises while the attack lasts, falls to the sustain level, and stays
    there until the note is let go.
    """

    attack_ms: Annotated[float, Field("From silence to the top.", "ms", ge=1, le=20_000)] = 3.0
    decay_ms: Annotated[float, Field("From the top down to the sustain level.", "ms", ge=5, le=60_000)] = (
        200.0
    )
    sustain: Annotated[float, Field("The level that a held note keeps.", ge=0, le=1)] = 0.7
    release_ms: Annotated[float, Field("From letting go to silence.", "ms", ge=5, le=20_000)] = 80.0

    def frames(self, held: int, rate: int) -> int:
        """How long a note sounds that is held for so many frames."""
        dead = round((self.attack_ms + self.decay_ms) / 1000 * rate)
        if self.sustain == 0 and held >= dead:
            return dead
        return held + round(self.release_ms / 1000 * rate)

    def level(self, held: int, rate: int, frames: int, first: int = 0) -> np.ndarray:
        """The level, 0 to 1, float32, at each of `frames` frames from `first` on of a note held for `held`."""
        return _level(self, held, rate, frames, first)


@lru_cache(maxsize=32)  # many notes are of one length
def _level(envelope: Envelope, held: int, rate: int, frames: int, first: int) -> np.ndarray:
    attack, decay, release = (
        max(1, round(ms / 1000 * rate)) for ms in (envelope.attack_ms, envelope.decay_ms, envelope.release_ms)
    )

    def let_go(*n: int) -> np.ndarray:
        return _fall(*n, release, float(_level(envelope, held, rate, 1, held - 1)[0]), 0.0)

    sustain, peak, low = envelope.sustain, min(attack, held), min(attack + decay, held)
    segments = (
        (0, peak, lambda *n: _rise(*n, attack)),
        (peak, low, lambda *n: _fall(*n, decay, 1.0, sustain)),
        (low, held, lambda *n: sustain),
        (held, held + release, let_go),
    )
    level = np.zeros(frames, dtype=np.float32)
    for start, stop, curve in segments:
        begin, end = max(start, first), min(stop, first + frames)
        if begin < end:
            level[begin - first : end - first] = curve(begin - start, end - begin)
    level.flags.writeable = False
    return level


def _rise(first: int, count: int, length: int) -> np.ndarray:
    """From 0 to 1 in `length` frames as a fade does (see ramps): `count` frames of it from `first` on."""
    return 0.5 - 0.5 * powers(1j * np.pi / length, count, first + 0.5, np.complex64).real


def _fall(first: int, count: int, length: int, top: float, bottom: float) -> np.ndarray:
    """From one level to another in `length` frames, exponentially: `count` frames of it from `first` on."""
    end = math.exp(-_DECADES)
    scale = (top - bottom) / (1 - end)
    fall = _exponential(length, count) * (scale * math.exp(-_DECADES * (first + 1) / length))
    fall += bottom - scale * end
    return np.maximum(fall, bottom, out=fall)


@lru_cache(maxsize=16)  # of which all pieces of a fall are parts
def _exponential(length: int, count: int) -> np.ndarray:
    return powers(-_DECADES / length, count, dtype=np.float32)
