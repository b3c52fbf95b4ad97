"""A tonewheel organ: nine drawbars, percussion, key click, a rotating speaker.

Drawbars, their footages and their steps of 3 dB are those of the Hammond B-3, as is that wheels above
5.9 kHz, which it has not, are those an octave below. The wave of all drawbars is one table (see _tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.edges import faded, remove_dc
from stemwright.instruments.dsp.noise import noise
from stemwright.instruments.dsp.pieces import pieces
from stemwright.instruments.dsp.tables import TOP, read, tables
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Field

_HALVES = (1, 3, 2, 4, 6, 8, 10, 12, 16)
"""The pitch of each drawbar (16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1 1/3', 1') in halves of the note's."""

_HIGHEST_HZ = 5_925.0
_PERCUSSION = {"second": 4, "third": 6}
_IN_S, _OUT_S = 0.003, 0.015
_HORN_S = 0.0006
"""The time sound takes across the radius of a horn, 0.2 m: how much nearer and farther it comes."""


def _drawbars(text: object) -> list[int]:
    digits = text.replace(" ", "") if isinstance(text, str) else ""
    if len(digits) != 9 or not set(digits) <= set("012345678"):
        raise ValueError(f"must be nine digits from 0 to 8, such as 88 8000 000 (is {text!r})")
    if not int(digits):
        raise ValueError(f"must have a drawbar that is out (is {text!r})")
    return [int(digit) for digit in digits]


@dataclass(frozen=True)
class Organ(Instrument):
    """A tonewheel organ. Softer notes are duller, and have less percussion."""

    example = "{drawbars: '88 8000 008', percussion: third}"

    drawbars: Annotated[
        str, Field("The nine drawbars, 16' to 1', each 0 (in) to 8 (out), quoted.", parse=_drawbars)
    ] = "88 8000 000"
    percussion: Annotated[
        Literal["none", "second", "third"], Field("The harmonic that is struck with each note.")
    ] = "none"
    percussion_ms: Annotated[float, Field("How long it takes to fall by 20 dB.", "ms", ge=20, le=2_000)] = (
        250.0
    )
    click: Annotated[
        float, Field("The noise of the contacts at the start: 1 is as loud as the note.", ge=0, le=1)
    ] = 0.15
    rotor_hz: Annotated[float, Field("Turns of the speaker's horn a second.", "Hz", ge=0.1, le=12)] = 6.7
    rotor_depth: Annotated[float, Field("How much of it is heard: 0 none, 1 as from nearby.", ge=0, le=1)] = (
        0.3
    )
    level_db: Annotated[float, Field("Its level.", "dB", ge=-60, le=12)] = 0.0

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        frames = note.frames + round(_OUT_S * rate)
        hertz = frequency(note.pitch)
        levels = np.array([amplitude(3 * (step - 8)) * (step > 0) for step in _drawbars(self.drawbars)])
        loudest = np.sqrt(np.sum(levels**2))
        wheels = _period(_HALVES, levels / loudest, hertz, rate, note.velocity)
        struck = None
        if self.percussion != "none":
            struck = _period([_PERCUSSION[self.percussion]], [1.0], hertz, rate, note.velocity)
        sound = np.empty((frames, channels))
        for piece in pieces(frames):
            n = np.arange(piece.start, piece.stop)
            for channel in range(channels):
                # Microphones on two sides of the horn: when it comes near to one it goes from the other.
                swing = self.rotor_depth * np.sin(2 * np.pi * (self.rotor_hz / rate * n + channel / 2))
                turns = hertz / 2 * (n / rate + _HORN_S * (1 + swing))
                heard = read(wheels, turns)
                if struck is not None:
                    fall = note.velocity * 10.0 ** (-n / (self.percussion_ms / 1000 * rate))
                    heard += fall * read(struck, turns)
                sound[piece, channel] = heard * (1 + 0.4 * swing)
        rng = np.random.default_rng(list(f"{seed}/{note.pitch}".encode()))
        contacts = self.click * note.velocity * _contacts(frames, rate, rng)
        sound[: len(contacts)] += contacts[:, None]
        sound *= note.velocity**2 * amplitude(self.level_db - 14)
        for channel in sound.T:
            faded(channel, round(_IN_S * rate), round(_OUT_S * rate))
        return remove_dc(sound)


def _period(halves, levels, hertz: float, rate: int, velocity: float) -> np.ndarray:
    """One period of half the note's frequency; partials fall by 6 dB an octave at no velocity, and else less."""
    spectrum = np.zeros((1, max(halves)), dtype=complex)
    for half, level in zip(halves, levels, strict=True):
        wheel = half
        while wheel * hertz / 2 > _HIGHEST_HZ and wheel % 2 == 0:
            wheel //= 2
        if wheel * hertz / 2 < TOP * rate:
            # Wheels turn as they will: phases that spread the peaks (Schroeder 1970).
            phase = np.exp(-1j * np.pi * wheel * (wheel - 1) / max(_HALVES))
            spectrum[0, wheel - 1] += level * (2 / max(wheel, 2)) ** (1 - velocity) * phase
    return tables(spectrum)


def _contacts(frames: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Some 10 ms of noise below 4 kHz that rises from silence: contacts closing one after the other."""
    n = np.arange(min(frames, round(0.012 * rate)))
    sound = noise(len(n), rate, rng, 4_000.0) * ramp(n, round(0.004 * rate))
    return sound * (np.exp(n / (-0.003 * rate)) * ramp(len(n) - 1 - n, round(0.003 * rate)))
