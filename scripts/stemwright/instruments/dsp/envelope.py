"""The ADSR envelope of synthesisers: attack, decay, sustain, release."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np

from stemwright.instruments.dsp.fourier import exponentials
from stemwright.validation.fields import Configurable, Field

_DECADES = 5.0
"""Time constants of decay and release: the exponential reaches 0.7 %, and is shifted so that it ends at its level."""


@dataclass(frozen=True)
class Envelope(Configurable):
    """An ADSR envelope: it rises during the attack, falls to the sustain level during the decay, holds it until the
    end of the note, and falls to silence during the release.
    """

    attack_ms: Annotated[float, Field("Time from silence to the peak.", "ms", ge=1, le=20_000)] = 3.0
    decay_ms: Annotated[
        float, Field("Time from the peak down to the sustain level.", "ms", ge=5, le=60_000)
    ] = 200.0
    sustain: Annotated[float, Field("Level of a held note, relative to the peak.", ge=0, le=1)] = 0.7
    release_ms: Annotated[
        float, Field("Time from the end of the note to silence.", "ms", ge=5, le=20_000)
    ] = 80.0

    def frames(self, held: int, rate: int) -> int:
        """The number of frames for which a note sounds that is held for `held` frames."""
        silent_after = round((self.attack_ms + self.decay_ms) / 1000 * rate)
        if self.sustain == 0 and held >= silent_after:
            return silent_after
        return held + round(self.release_ms / 1000 * rate)

    def level(self, held: int, rate: int, frames: int, first: int = 0) -> np.ndarray:
        """The envelope of a note, or a stretch of it.

        Parameters
        ----------
        held : int
            Frames for which the note is held.
        rate : int
            Sample rate in Hz.
        frames : int
            Frames to return.
        first : int
            The first of them, counted from the start of the note.

        Returns
        -------
        np.ndarray
            The level, 0 to 1, float32, shape (frames,). It is read-only.
        """
        return _level(self, held, rate, frames, first)


@lru_cache(maxsize=32)  # many notes have the same length
def _level(envelope: Envelope, held: int, rate: int, frames: int, first: int) -> np.ndarray:
    attack, decay, release = (
        max(1, round(ms / 1000 * rate)) for ms in (envelope.attack_ms, envelope.decay_ms, envelope.release_ms)
    )

    def attack_rise(offset: int, count: int) -> np.ndarray:
        return _rise(offset, count, attack)

    def decay_fall(offset: int, count: int) -> np.ndarray:
        return _fall(offset, count, decay, 1.0, sustain)

    def sustain_level(offset: int, count: int) -> float:
        return sustain

    def release_fall(offset: int, count: int) -> np.ndarray:
        return _fall(offset, count, release, float(_level(envelope, held, rate, 1, held - 1)[0]), 0.0)

    sustain, peak, low = envelope.sustain, min(attack, held), min(attack + decay, held)
    segments: tuple[tuple[int, int, Callable[[int, int], np.ndarray | float]], ...] = (
        (0, peak, attack_rise),
        (peak, low, decay_fall),
        (low, held, sustain_level),
        (held, held + release, release_fall),
    )
    level = np.zeros(frames, dtype=np.float32)
    for start, stop, curve in segments:
        begin, end = max(start, first), min(stop, first + frames)
        if begin < end:
            level[begin - first : end - first] = curve(begin - start, end - begin)
    level.flags.writeable = False
    return level


def _rise(first: int, count: int, length: int) -> np.ndarray:
    """A cosine rise from 0 to 1 in `length` frames (see `audio.fades.ramp`): `count` frames of it from `first` on."""
    return 0.5 - 0.5 * exponentials(1j * np.pi / length, count, first + 0.5, np.complex64).real


def _fall(first: int, count: int, length: int, top: float, bottom: float) -> np.ndarray:
    """An exponential fall between two levels in `length` frames: `count` frames of it from `first` on."""
    end = math.exp(-_DECADES)
    scale = (top - bottom) / (1 - end)
    fall = _exponential(length, count) * (scale * math.exp(-_DECADES * (first + 1) / length))
    fall += bottom - scale * end
    return np.maximum(fall, bottom, out=fall)


@lru_cache(maxsize=16)  # all chunks of a fall are multiples of one curve
def _exponential(length: int, count: int) -> np.ndarray:
    return exponentials(-_DECADES / length, count, dtype=np.float32)
