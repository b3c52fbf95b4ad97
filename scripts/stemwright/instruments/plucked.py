"""A plucked string: a wave that runs to and fro, loses a little on each way, and its highs first.

The model is that of Karplus and Strong as extended by Jaffe and Smith (1983): a pluck X into a loop of one
period G, Y = X / (1 - G). Here the whole note is solved at once in the frequency domain, so that the loop may be
of any length and any loss: it is in tune to the last digit, and not stepped through sample by sample. An FFT
takes what it is given for periodic, but a string rings on; it is solved for y e^(-at), which dies within the
transform's length, and multiplied by e^(at) again (Laplace's transform in place of Fourier's).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.edges import faded, remove_dc
from stemwright.instruments.dsp.fourier import fast_length, powers
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Field

_DECAY = 12.0  # nepers that e^(-at) falls in the length of the transform: what wraps around is 104 dB down
_LEAD_S = 0.004  # room before the pluck for what the limit at the top rings backwards
_BODIES = {
    body: tuple((2 * np.pi * hertz, q, strength) for hertz, q, strength in modes)
    for body, modes in {
        "none": (),
        "guitar": ((98, 9, 0.9), (204, 14, 0.9), (390, 16, 0.5), (560, 18, 0.35), (1_120, 8, 0.25)),
        "bass": ((62, 6, 0.8), (110, 9, 0.8), (235, 10, 0.4), (640, 8, 0.2)),
    }.items()
}
"""Modes of the body: angular frequency, Q, and strength against the string's own sound. A guitar's air resonance
lies near 100 Hz and its top plate's first near 200 (Fletcher and Rossing, The Physics of Musical Instruments)."""


@dataclass(frozen=True)
class Plucked(Instrument):
    """A plucked string. A harder pluck is brighter."""

    example = "{decay_s: 3, damping_hz: 900}"

    decay_s: Annotated[
        float,
        Field(
            "How long A3 rings, to -60 dB; lower strings ring longer, higher ones less.", "s", ge=0.05, le=30
        ),
    ] = 4.0
    damping_hz: Annotated[
        float,
        Field("Where partials ring half as long as the lowest: low for nylon.", "Hz", ge=100, le=20_000),
    ] = 1_500.0
    pick_position: Annotated[
        float, Field("Where it is plucked: 0.5 the middle, 0.05 near the bridge.", ge=0.02, le=0.5)
    ] = 0.18
    brightness_hz: Annotated[
        float,
        Field("Where the hardest pluck begins to lack highs: low for a thumb.", "Hz", ge=200, le=20_000),
    ] = 5_000.0
    stiffness: Annotated[
        float, Field("How much partials are stretched (inharmonicity B): 0.0001 for steel.", ge=0, le=0.002)
    ] = 0.0
    body: Annotated[Literal["none", "guitar", "bass"], Field("What the string is on.")] = "guitar"
    release_ms: Annotated[float, Field("From letting go to silence.", "ms", ge=10, le=5_000)] = 120.0
    level_db: Annotated[float, Field("Its level.", "dB", ge=-60, le=12)] = 0.0

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        hertz = frequency(note.pitch)
        ring = self._ring(hertz)
        release = round(self.release_ms / 1000 * rate)
        frames = min(note.frames + release, round(1.2 * ring * rate) + release)
        sound = self._string(hertz, ring, note.velocity, frames, rate)
        faded(sound, round(0.0005 * rate), release)
        peak = np.max(np.abs(sound), initial=0.0)
        sound *= note.velocity**2 * amplitude(self.level_db - 10) / peak if peak else 0.0
        return np.broadcast_to(remove_dc(sound[:, None]), (frames, channels))

    def _ring(self, hertz: float) -> float:
        """Seconds to -60 dB of the lowest partial: strings ring about as long as the root of their length."""
        return self.decay_s * (220.0 / hertz) ** 0.5

    def _string(self, hertz: float, ring: float, velocity: float, frames: int, rate: int) -> np.ndarray:
        lead = round(_LEAD_S * rate)
        size = fast_length(frames + 2 * lead)
        a = _DECAY * rate / size
        f = np.fft.rfftfreq(size, 1 / rate)
        s = a + 2j * np.pi * f
        # All that follows is of the complex frequency f - ja/2pi, not of f: decays come out as they are.
        k = (f - 1j * a / (2 * np.pi)) / hertz
        loss = np.log(1000) / ring / hertz * (1 + (k * (hertz / self.damping_hz)) ** 2)
        if self.stiffness:
            # The partial, counted from 1, that is there: f = k f0 sqrt(1 + B k^2) / sqrt(1 + B).
            b = self.stiffness
            k = k * np.sqrt(2 * (1 + b) / (1 + np.sqrt(1 + 4 * b * (1 + b) * k * k)))
        trip = -2j * np.pi * k
        # Soft plucks are broad: two poles, from a seventh of the frequency on for the softest.
        soft = 2 * np.pi * max(self.brightness_hz * 0.15 ** (1 - velocity), hertz)
        y = (1 - np.exp(trip * self.pick_position)) / (1 - np.exp(trip - loss))
        # The pluck is a step of force; without the string's rest position, which is no sound.
        y *= s / ((s + 0.8 * np.pi * hertz) * (1 + s / soft)) ** 2
        if modes := _BODIES[self.body]:
            y *= 1 + sum(3 * g * s * w / q / (s * s + s * w / q + w * w) for w, q, g in modes)
        y *= np.clip((0.48 - f / rate) / 0.08, 0, 1) * np.exp(-lead / rate * s)
        heard = np.fft.irfft(y, size)[lead : lead + frames]
        return heard * powers(a / rate, frames, dtype=float)
