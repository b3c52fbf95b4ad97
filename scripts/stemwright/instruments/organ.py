"""A tonewheel organ: nine drawbars, percussion, key click, a rotating speaker.

Drawbars, their footages and their steps of 3 dB are those of the Hammond B-3. As in that organ, there are no wheels
above 5.9 kHz: those an octave lower are used instead. All drawbars together are one wavetable (see `dsp.tables`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.chunks import chunks
from stemwright.instruments.dsp.edges import fade_edges, remove_dc
from stemwright.instruments.dsp.noise import noise
from stemwright.instruments.dsp.tables import MAX_FREQUENCY, read_wavetables, wavetables
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Field

_HARMONICS = (1, 3, 2, 4, 6, 8, 10, 12, 16)
"""The frequency of each drawbar (16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1 1/3', 1') as a multiple of half the
note's frequency."""

_HIGHEST_HZ = 5_925.0
_PERCUSSION = {"second": 4, "third": 6}
_FADE_IN_S, _FADE_OUT_S = 0.003, 0.015
_HORN_DELAY_S = 0.0006
"""The time in which sound crosses the radius of the horn, 0.2 m: half the range of the Doppler delay."""


def _parse_drawbars(text: object) -> list[int]:
    digits = text.replace(" ", "") if isinstance(text, str) else ""
    if len(digits) != 9 or not set(digits) <= set("012345678"):
        raise ValueError(f"must be nine digits from 0 to 8, such as 88 8000 000 (is {text!r})")
    if not int(digits):
        raise ValueError(f"must have a drawbar above 0 (is {text!r})")
    return [int(digit) for digit in digits]


@dataclass(frozen=True)
class Organ(Instrument):
    """A tonewheel organ. Softer notes are duller and have less percussion."""

    example = "{drawbars: '88 8000 008', percussion: third}"

    drawbars: Annotated[
        str, Field("The nine drawbars, 16' to 1', each 0 (off) to 8 (full), quoted.", parse=_parse_drawbars)
    ] = "88 8000 000"
    percussion: Annotated[Literal["none", "second", "third"], Field("The harmonic of the percussion.")] = (
        "none"
    )
    percussion_ms: Annotated[
        float, Field("Time in which the percussion decays by 20 dB.", "ms", ge=20, le=2_000)
    ] = 250.0
    click: Annotated[
        float, Field("Key click at the start of a note: 1 is as loud as the note.", ge=0, le=1)
    ] = 0.15
    rotor_hz: Annotated[float, Field("Rotation speed of the speaker's horn.", "Hz", ge=0.1, le=12)] = 6.7
    rotor_depth: Annotated[
        float, Field("Depth of the speaker's effect: 0 none, 1 as heard from nearby.", ge=0, le=1)
    ] = 0.3
    level_db: Annotated[float, Field("Level of the instrument.", "dB", ge=-60, le=12)] = 0.0

    @property
    def sounds_below(self) -> bool:
        return any(_parse_drawbars(self.drawbars)[:2])  # 16' and 5 1/3'

    def rings(self, note: Note, rate: int) -> int:
        return note.frames + round(_FADE_OUT_S * rate)

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        frames = note.frames + round(_FADE_OUT_S * rate)
        hertz = frequency(note.pitch)
        levels = np.array([amplitude(3 * (step - 8)) * (step > 0) for step in _parse_drawbars(self.drawbars)])
        norm = np.sqrt(np.sum(levels**2))
        wheels = _wheel_tables(_HARMONICS, levels / norm, hertz, rate, note.velocity)
        percussion = None
        if self.percussion != "none":
            percussion = _wheel_tables([_PERCUSSION[self.percussion]], [1.0], hertz, rate, note.velocity)
        sound = np.empty((frames, channels))
        for chunk in chunks(frames):
            n = np.arange(chunk.start, chunk.stop)
            for channel in range(channels):
                # Two microphones on opposite sides of the horn: as it nears one, it moves away from the other.
                swing = self.rotor_depth * np.sin(2 * np.pi * (self.rotor_hz / rate * n + channel / 2))
                turns = hertz / 2 * (n / rate + _HORN_DELAY_S * (1 + swing))
                wave = read_wavetables(wheels, turns)
                if percussion is not None:
                    fall = note.velocity * 10.0 ** (-n / (self.percussion_ms / 1000 * rate))
                    wave += fall * read_wavetables(percussion, turns)
                sound[chunk, channel] = wave * (1 + 0.4 * swing)
        rng = np.random.default_rng(list(f"{seed}/{note.pitch}".encode()))
        contacts = self.click * note.velocity * _key_click(frames, rate, rng)
        sound[: len(contacts)] += contacts[:, None]
        sound *= note.velocity**2 * amplitude(self.level_db - 14)
        for column in sound.T:
            fade_edges(column, round(_FADE_IN_S * rate), round(_FADE_OUT_S * rate))
        return remove_dc(sound)


def _wheel_tables(
    harmonics: Sequence[int], levels: Sequence[float] | np.ndarray, hertz: float, rate: int, velocity: float
) -> np.ndarray:
    """A wavetable of one period of half the note's frequency, with partials at the given harmonics of it.

    Partials fall by 6 dB per octave at velocity 0, and less with more velocity.
    """
    spectrum = np.zeros((1, max(harmonics)), dtype=complex)
    for harmonic, level in zip(harmonics, levels, strict=True):
        wheel = harmonic
        while wheel * hertz / 2 > _HIGHEST_HZ and wheel % 2 == 0:
            wheel //= 2
        if wheel * hertz / 2 < MAX_FREQUENCY * rate:
            # The phases of the wheels are free: these lower the crest factor (Schroeder 1970).
            phase = np.exp(-1j * np.pi * wheel * (wheel - 1) / max(_HARMONICS))
            spectrum[0, wheel - 1] += level * (2 / max(wheel, 2)) ** (1 - velocity) * phase
    return wavetables(spectrum)


def _key_click(frames: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """12 ms of noise below 4 kHz that rises from silence: contacts closing one after the other."""
    n = np.arange(min(frames, round(0.012 * rate)))
    sound = noise(len(n), rate, rng, 4_000.0) * ramp(n, round(0.004 * rate))
    return sound * (np.exp(n / (-0.003 * rate)) * ramp(len(n) - 1 - n, round(0.003 * rate)))
