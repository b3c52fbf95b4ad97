"""A plucked string: a wave that travels along a string and loses energy, high frequencies first.

The model is that of Karplus and Strong as extended by Jaffe and Smith (1983): a pluck X into a feedback loop G of one
period, Y = X / (1 - G). Here it is solved for a whole note in the frequency domain rather than sample by sample, so
that the loop can have any length, which makes the pitch exact, and any loss. Since an FFT assumes a periodic signal
and a string rings on, the solution is computed for y e^(-at), which decays within the length of the transform, and
multiplied by e^(at) afterwards (a Laplace rather than a Fourier transform).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np

from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.edges import fade_edges, remove_dc
from stemwright.instruments.dsp.fourier import exponentials, fast_length
from stemwright.instruments.dsp.noise import noise
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Field

_DECAY = 12.0  # fall of e^(-at) over the length of the transform, in nepers: what wraps around is 104 dB down
_PADDING_S = 0.004  # before the pluck, for the pre-ringing of the band limit
_BODIES = {
    body: tuple((2 * np.pi * hertz, q, strength) for hertz, q, strength in modes)
    for body, modes in {
        "none": (),
        "guitar": ((98, 9, 0.9), (204, 14, 0.9), (390, 16, 0.5), (560, 18, 0.35), (1_120, 8, 0.25)),
        "bass": ((62, 6, 0.8), (110, 9, 0.8), (235, 10, 0.4), (640, 8, 0.2)),
        "classical": (
            (91, 3.9, 0.1),
            (177, 8.5, 1.1),
            (480, 1.5, -0.2),
            (1_108, 2.46, 0.21),
            (2_142, 1.33, -0.275),
        ),
        "dreadnought": (
            (115, 11.8, 0.45),
            (165, 8.9, 1.13),
            (359, 2.5, 0.12),
            (2_382, 0.7, -0.3),
            (6_000, 1.7, 0.74),
        ),
    }.items()
}
"""Modes of each body: (angular frequency, Q, strength relative to the string's own sound).

A guitar's air resonance lies near 100 Hz and the first mode of its top plate near 200 Hz (Fletcher and Rossing, The
Physics of Musical Instruments). The broad modes of the last two were fitted, by octave bands from E2 to E5, to the
sampled guitars of FluidR3 (bench/plucked.py); negative ones are dips."""

_RADIATES_FROM = {"classical": 2 * np.pi * 162, "dreadnought": 2 * np.pi * 183}
"""Angular frequency below which a body radiates 12 dB less an octave, fitted likewise."""

_MUTED_DECAY_S, _MUTED_DAMPING_HZ = 0.4, 700.0  # of a string under the palm
_KNOCK_S = 0.2  # length of the noise of a pluck, with what the body makes of it,
_PLUCK_S = 0.002  # and its own decay
_KNOCKS = 8  # different ones
_DEEPEST_COMB = 0.4  # of a copy of the sound that is added to it
_NAIL_HZ = 9_000.0  # cut-off frequency of an edge
_PLAIN_HZ = 330.0  # strings tuned below E4 are thick or wound: they have less of it
_KNOCK_HZ = 6_000.0  # cut-off frequency of that noise


@dataclass(frozen=True)
class Plucked(Instrument):
    """A plucked string, brighter the harder it is plucked."""

    example = "{decay_s: 3, damping_hz: 900}"

    decay_s: Annotated[
        float,
        Field(
            "Decay of A3 to -60 dB; lower notes decay more slowly, higher ones faster.", "s", ge=0.05, le=30
        ),
    ] = 4.0
    damping_hz: Annotated[
        float,
        Field(
            "Frequency at which partials decay in half the time of the lowest: low for nylon.",
            "Hz",
            ge=100,
            le=20_000,
        ),
    ] = 1_500.0
    pick_position: Annotated[
        float, Field("Where the string is plucked: 0.5 is its middle, 0.05 near the bridge.", ge=0.02, le=0.5)
    ] = 0.18
    brightness_hz: Annotated[
        float,
        Field(
            "Cut-off frequency of the hardest pluck: low for a thumb.",
            "Hz",
            ge=200,
            le=20_000,
        ),
    ] = 5_000.0
    stiffness: Annotated[
        float,
        Field(
            "Inharmonicity coefficient B, by which partials are stretched: 0.0001 for steel.", ge=0, le=0.002
        ),
    ] = 0.0
    body: Annotated[
        Literal["none", "guitar", "bass", "classical", "dreadnought"],
        Field("The body that the string is mounted on."),
    ] = "guitar"
    nail: Annotated[
        float,
        Field(
            "Edge of a nail or a plectrum: level of the highest partials, which bass strings have less of.",
            ge=0,
            le=1,
        ),
    ] = 0.0
    knock: Annotated[
        float, Field("Noise of the pluck on string and body, relative to the note.", ge=0, le=1)
    ] = 0.0
    variation: Annotated[
        float, Field("How much equal notes differ, by where and how the string is plucked.", ge=0, le=1)
    ] = 0.0
    release_ms: Annotated[
        float, Field("Time from the end of the note to silence.", "ms", ge=10, le=5_000)
    ] = 120.0
    level_db: Annotated[float, Field("Level of the instrument.", "dB", ge=-60, le=12)] = 0.0

    @property
    def mutes(self) -> bool:
        return True

    def rings(self, note: Note, rate: int) -> int:
        """Its string and, later by less than a period, that again; the knock lasts longer than a short one."""
        string = note.frames + round(self.release_ms / 1000 * rate)
        return max(string, round(_KNOCK_S * rate)) + round(rate / frequency(note.pitch))

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        if note.is_muted:
            muted = replace(
                self,
                decay_s=min(self.decay_s, _MUTED_DECAY_S),
                damping_hz=min(self.damping_hz, _MUTED_DAMPING_HZ),
            )
            return muted.sound(replace(note, is_muted=False), rate, channels, seed)
        hertz = frequency(note.pitch)
        decay = self._decay(hertz)
        release = round(self.release_ms / 1000 * rate)
        frames = min(note.frames + release, round(1.2 * decay * rate) + release)
        sound = self._string(hertz, decay, note.velocity, frames, rate)
        fade_edges(sound, round(0.0005 * rate), release)
        peak = np.max(np.abs(sound), initial=0.0)
        sound *= note.velocity**2 * amplitude(self.level_db - 10) / peak if peak else 0.0
        return np.broadcast_to(remove_dc(sound[:, None]), (frames, channels))

    def _decay(self, hertz: float) -> float:
        """The decay of the lowest partial to -60 dB, in s: proportional to the square root of the period."""
        return self.decay_s * (220.0 / hertz) ** 0.5

    def _string(self, hertz: float, decay: float, velocity: float, frames: int, rate: int) -> np.ndarray:
        padding = round(_PADDING_S * rate)
        size = fast_length(frames + 2 * padding)
        a = _DECAY * rate / size
        f = np.fft.rfftfreq(size, 1 / rate)
        s = a + 2j * np.pi * f
        # All of the following uses the complex frequency f - ja/2pi instead of f, so that decays are exact.
        k = (f - 1j * a / (2 * np.pi)) / hertz
        loss = np.log(1000) / decay / hertz * (1 + (k * (hertz / self.damping_hz)) ** 2)
        if self.stiffness:
            # The (fractional) number of the partial at f, from f = k f0 sqrt(1 + B k^2) / sqrt(1 + B).
            b = self.stiffness
            k = k * np.sqrt(2 * (1 + b) / (1 + np.sqrt(1 + 4 * b * (1 + b) * k * k)))
        round_trip = -2j * np.pi * k
        # A soft pluck is broad: a low-pass of two poles, at 0.15 of the frequency for the softest.
        brightness = 2 * np.pi * max(self.brightness_hz * 0.15 ** (1 - velocity), hertz)
        y = (1 - np.exp(round_trip * self.pick_position)) / (1 - np.exp(round_trip - loss))
        # The pluck is a step of force; a high-pass removes the string's static displacement.
        pluck = s / ((s + 0.8 * np.pi * hertz) * (1 + s / brightness)) ** 2
        if self.nail:
            treble = 1 / (1 + (_PLAIN_HZ / hertz) ** 2)
            pluck += (
                self.nail
                * velocity
                * treble
                * s
                / (s + 0.8 * np.pi * hertz) ** 2
                / (1 + s / (2 * np.pi * _NAIL_HZ))
            )
        y *= pluck
        y *= _body_response(self.body, s)
        y *= np.clip((0.48 - f / rate) / 0.08, 0, 1) * np.exp(-padding / rate * s)
        string = np.fft.irfft(y, size)[padding : padding + frames]
        return string * exponentials(a / rate, frames, dtype=float)

    def varied(self, sound: np.ndarray, note: Note, rate: int, seed: str) -> np.ndarray:
        if not (self.variation or self.knock):
            return sound
        rng = np.random.default_rng(list(f"{seed}/{note.place}/{note.pitch}".encode()))
        # A sound and itself a part of a period later: as if plucked at two places at once.
        depth = _DEEPEST_COMB * self.variation * rng.uniform(-1, 1)
        later = round(rng.uniform(0.15, 0.85) / frequency(note.pitch) * rate)
        knock = _knock(self.body, rate, int(rng.integers(_KNOCKS))) if self.knock else np.zeros(0)
        mono = np.zeros(max(len(sound) + later, len(knock)))
        mono[: len(sound)] = sound[:, 0]
        mono[later : later + len(sound)] += depth * sound[:, 0]
        mono[: len(knock)] += self.knock * np.max(np.abs(sound), initial=0.0) * knock
        return np.broadcast_to(mono[:, None], (len(mono), sound.shape[1]))


def _body_response(body: str, s: np.ndarray) -> np.ndarray:
    """What a body makes of the string's force, at complex angular frequencies."""
    modes = (3 * g * s * w / q / (s * s + s * w / q + w * w) for w, q, g in _BODIES[body])
    response = 1 + sum(modes, np.zeros_like(s))
    lowest = _RADIATES_FROM.get(body)
    if lowest:
        response *= s * s / (s * s + s * lowest + lowest * lowest)
    return response


@lru_cache(maxsize=2 * _KNOCKS)
def _knock(body: str, rate: int, number: int) -> np.ndarray:
    """One of the noises of a pluck on string and body, with a peak of 1, shape (frames,)."""
    frames = round(_KNOCK_S * rate)
    size = fast_length(2 * frames)
    t = np.arange(frames) / rate
    burst = noise(frames, rate, np.random.default_rng(number)) * t * np.exp(-t / _PLUCK_S)
    s = 2j * np.pi * np.fft.rfftfreq(size, 1 / rate)
    s[0] = 1e-9
    response = _body_response(body, s) / (1 + s / (2 * np.pi * _KNOCK_HZ)) ** 2
    sound = np.fft.irfft(np.fft.rfft(burst, size) * response, size)[:frames]
    sound = remove_dc(fade_edges(sound, round(0.0005 * rate), frames // 2)[:, None])[:, 0]
    return sound / np.max(np.abs(sound), initial=1e-30)
