"""The envelope of synthesisers: attack, decay, sustain, release (Moog's four segments)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.instruments._fourier import powers
from stemwright.ramps import ramp
from stemwright.spec.keys import Key, Spec

_DECADES = 5.0
"""Decay and release fall exponentially, through this many time constants: to 0.7 %, and then to nothing."""


@dataclass(frozen=True)
class Envelope(Spec):
    """Attack, decay, sustain, release: it rises while the attack lasts, falls to the sustain level, and stays
    there until the note is let go."""

    attack_ms: Annotated[float, Key("From silence to the top.", "ms", ge=1, le=20_000)] = 3.0
    decay_ms: Annotated[float, Key("From the top down to the sustain level.", "ms", ge=5, le=60_000)] = 200.0
    sustain: Annotated[float, Key("The level that a held note keeps.", ge=0, le=1)] = 0.7
    release_ms: Annotated[float, Key("From letting go to silence.", "ms", ge=5, le=20_000)] = 80.0

    def frames(self, held: int, rate: int) -> int:
        """How long a note sounds that is held for so many frames."""
        dead = round((self.attack_ms + self.decay_ms) / 1000 * rate)
        if self.sustain == 0 and held >= dead:
            return dead
        return held + round(self.release_ms / 1000 * rate)

    def level(self, held: int, rate: int, frames: int) -> np.ndarray:
        """The level, 0 to 1, at each of `frames` frames of a note held for `held` of them."""
        attack, decay, release = (
            max(1, round(ms / 1000 * rate)) for ms in (self.attack_ms, self.decay_ms, self.release_ms)
        )
        held = min(held, frames)
        level = np.zeros(frames)
        peak = min(attack, held)
        level[:peak] = ramp(np.arange(peak), attack)
        end = min(attack + decay, held)
        if end > attack:
            level[attack:end] = self.sustain + (1 - self.sustain) * _fall(end - attack, decay)
        level[attack + decay : held] = self.sustain
        if held:
            tail = level[held : held + release]
            tail[:] = level[held - 1] * _fall(len(tail), release)
        return level


def _fall(frames: int, length: int) -> np.ndarray:
    """The first `frames` of an exponential fall from 1 to 0 in `length` frames."""
    end = np.exp(-_DECADES)
    return np.maximum(powers(-_DECADES / length, frames + 1)[1:] - end, 0.0) / (1 - end)
