"""Subtractive synthesis: oscillators rich in partials, a filter that takes some away, envelopes on both.

The filter acts on the partials themselves: each position of it is a wavetable of its own (see _tables), between
which the sound fades. So there is no aliasing and no zipper noise, however it is swept, and it is as exact
at 44.1 kHz as at 192. What that leaves out is the filter's own ringing on after a sudden sweep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.edges import remove_dc
from stemwright.instruments.dsp.envelope import Envelope
from stemwright.instruments.dsp.noise import swept_noise
from stemwright.instruments.dsp.pieces import pieces
from stemwright.instruments.dsp.tables import mix, partials, read_piece, tables
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Configurable, Field

_LOWEST_HZ, _HIGHEST_HZ = 10.0, 40_000.0


@dataclass(frozen=True)
class Oscillator(Configurable):
    """One oscillator: its wave, and where it is tuned."""

    wave: Annotated[Literal["saw", "square", "triangle", "sine", "noise"], Field("Its wave.")] = "saw"
    semitones: Annotated[int, Field("Above or below the note.", "semitones", ge=-36, le=36)] = 0
    cents: Annotated[float, Field("Fine tuning.", "cents", ge=-100, le=100)] = 0.0
    level_db: Annotated[float, Field("Its level.", "dB", ge=-60, le=0)] = 0.0

    @property
    def ratio(self) -> float:
        """Its frequency, in that of the note."""
        return 2.0 ** (self.semitones / 12 + self.cents / 1200)


@dataclass(frozen=True)
class Filter(Configurable):
    """The filter, and what moves it."""

    shape: Annotated[Literal["lowpass", "highpass", "bandpass"], Field("What it lets through.")] = "lowpass"
    slope_db: Annotated[Literal[12, 24], Field("Its steepness: 12 or 24 dB an octave.")] = 24
    cutoff_hz: Annotated[float, Field("Where it is at rest, for A3 played hard.", "Hz", ge=20, le=20_000)] = (
        8_000.0
    )
    resonance: Annotated[float, Field("The peak at the cut-off: 0 none, 1 a Q of 14.", ge=0, le=1)] = 0.0
    tracking: Annotated[float, Field("How far it follows the pitch: 1 wholly.", ge=0, le=1)] = 0.5
    envelope_octaves: Annotated[
        float, Field("How far its envelope moves it, at full velocity.", "octaves", ge=-8, le=8)
    ] = 0.0
    velocity_octaves: Annotated[
        float, Field("How much lower it is for the softest note than for the hardest.", "octaves", ge=0, le=6)
    ] = 1.5

    def response(self, hertz: np.ndarray, cutoff: np.ndarray) -> np.ndarray:
        """The complex response at each frequency (last axis) for each cut-off (first axis).

        The analogue two-pole section of a state-variable filter, 1 / (1 + s/Q + s^2) and its kin; for 24 dB
        another of Q 0.54 after it, with which a Q of 1.31 would be Butterworth's. Half of the resonant peak,
        in dB, is taken back from the whole.
        """
        s = 1j * hertz[None, :] / cutoff[:, None]
        q = 20.0**self.resonance / np.sqrt(2)
        response = np.full(s.shape, (q * np.sqrt(2)) ** -0.5, dtype=complex)
        for quality in (q, 0.541)[: self.slope_db // 12]:
            below = 1 + s / quality + s * s
            above = {"lowpass": 1.0, "highpass": s * s, "bandpass": s / quality}[self.shape]
            response *= above / below
        return response


@dataclass(frozen=True)
class Subtractive(Instrument):
    """An analogue-style synthesiser: oscillators, unison, a resonant filter with its envelope, glide, vibrato."""

    example = "{oscillators: [{wave: saw}, {wave: square, semitones: -12}], filter: {cutoff_hz: 900}}"

    oscillators: Annotated[
        list[Annotated[Oscillator, Field("An oscillator.")]],
        Field("What it is made of.", min_length=1, max_length=4),
    ] = field(default_factory=lambda: [Oscillator()])
    filter: Annotated[Filter, Field("The filter.")] = Filter()
    envelope: Annotated[Envelope, Field("How the level moves.")] = field(default_factory=Envelope)
    filter_envelope: Annotated[Envelope, Field("How the filter moves.")] = field(default_factory=Envelope)
    unison: Annotated[int, Field("How many play each oscillator at once.", "voices", ge=1, le=9)] = 1
    detune_cents: Annotated[
        float, Field("How far apart the lowest and the highest of a unison are.", "cents", ge=0, le=100)
    ] = 15.0
    width: Annotated[float, Field("How far a unison spreads between left and right.", ge=0, le=1)] = 0.7
    glide_ms: Annotated[float, Field("How long a note slides from the one before.", "ms", ge=0, le=2_000)] = (
        60.0
    )
    vibrato_cents: Annotated[float, Field("Vibrato, up and down.", "cents", ge=0, le=100)] = 0.0
    vibrato_hz: Annotated[float, Field("How fast it is.", "Hz", ge=0.1, le=12)] = 5.5
    vibrato_delay_ms: Annotated[float, Field("How long it takes to come in.", "ms", ge=0, le=5_000)] = 300.0
    level_db: Annotated[float, Field("Its level.", "dB", ge=-60, le=12)] = 0.0

    def __post_init__(self) -> None:
        self._nest(oscillators=Oscillator, filter=Filter, envelope=Envelope, filter_envelope=Envelope)

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        frames = self.envelope.frames(note.frames, rate)
        turns, slides = self._pitch(note, rate, frames)
        octaves = self._octaves(note, rate, frames)
        rng = np.random.default_rng(list(f"{seed}/{note.pitch}".encode()))
        wave, unisons = np.zeros((channels, frames)), []
        for oscillator in self.oscillators:
            if oscillator.wave == "noise":
                cutoff = self.filter.cutoff_hz * 2.0**octaves
                gain = amplitude(oscillator.level_db)
                wave += gain * swept_noise(wave.shape, rate, rng, cutoff, self.filter.response)
            else:
                unisons.append((oscillator, self._unison(oscillator, channels, rng)))
        rows, row = _rows(self.filter, octaves)
        for where, top, fade in slides:
            heard = [
                (_periods(self.filter, oscillator.wave, oscillator.ratio * top, rate, rows), voices)
                for oscillator, voices in unisons
                if partials(oscillator.ratio * top, rate)
            ]
            if heard:
                _play(wave[:, where], heard, turns[where], row if row is None else row[where], fade)
        gain = note.velocity**2 * amplitude(self.level_db - 12) / np.sqrt(len(self.oscillators))
        for piece in pieces(frames):
            here = wave[:, piece]
            here *= gain * self.envelope.level(note.frames, rate, here.shape[1], piece.start)
        return remove_dc(wave.T)

    def _octaves(self, note: Note, rate: int, frames: int) -> np.ndarray:
        """Where the filter is, in octaves above its cutoff_hz: of shape (frames,), or (1,) where it is at rest."""
        bounds = np.log2(_LOWEST_HZ / self.filter.cutoff_hz), np.log2(_HIGHEST_HZ / self.filter.cutoff_hz)
        rest = self.filter.tracking * (note.pitch - 57) / 12 - self.filter.velocity_octaves * (
            1 - note.velocity
        )
        depth = self.filter.envelope_octaves * note.velocity
        if not depth:
            return np.clip(np.array([rest]), *bounds)
        level = [
            self.filter_envelope.level(note.frames, rate, piece.stop - piece.start, piece.start)
            for piece in pieces(frames)
        ]
        return np.clip(rest + depth * np.concatenate(level), *bounds)

    def _pitch(
        self, note: Note, rate: int, frames: int
    ) -> tuple[np.ndarray, list[tuple[slice, float, np.ndarray | None]]]:
        """The phase in turns at each frame; and the note's slides as (frames, highest frequency, gain or None).

        A note that slides down has room for fewer partials on its way than where it arrives: it is several.
        """
        hertz, shake = frequency(note.pitch), self.vibrato_cents / 1200 * np.log(2)
        n, whole = np.arange(frames), slice(0, frames)
        top = hertz * (1 + shake)
        glide = 0 if note.glide_from is None else min(round(self.glide_ms / 1000 * rate), frames)
        if not shake and not glide:
            return n * (hertz / rate), [(whole, top, None)]
        ratio = np.ones(frames)
        if shake:
            # Its depth is of the frequency, not of its logarithm, so that its middle is the note.
            come = ramp(n, round(self.vibrato_delay_ms / 1000 * rate))
            ratio += shake * come * np.sin(2 * np.pi * self.vibrato_hz / rate * n)
        slides = [(whole, top, None)]
        if glide:
            interval = (note.glide_from - note.pitch) / 12
            ratio[:glide] *= 2.0 ** (interval * (1 - ramp(n[:glide], glide)))
            if interval > 0:
                slides = self._steps_down(ratio[:glide], interval, frames, top, rate)
        return np.concatenate([[0.0], np.cumsum(ratio[:-1])]) * (hertz / rate), slides

    def _steps_down(self, ratio: np.ndarray, interval: float, frames: int, top: float, rate: int):
        """The parts of a note that slides down by `interval` octaves: one for each half octave, and the rest."""
        fade = round(0.005 * rate)
        tops = [*np.arange(interval, 0, -0.5), 0.0]
        starts = [0, *(np.argmax(np.append(ratio, 0.0) <= 2.0**t * 1.0001) for t in tops[1:-1]), len(ratio)]
        slides = []
        for start, stop, octaves in zip(starts, [*starts[1:], frames], tops, strict=True):
            n = np.arange(start, min(stop + fade, frames))
            gain = ramp(n - start, fade if start else 0) - (ramp(n - stop, fade) if stop < frames else 0)
            slides.append((slice(start, start + len(n)), top * 2.0**octaves, gain))
        return slides

    def _unison(self, oscillator: Oscillator, channels: int, rng) -> list[Voice]:
        """The voices of one oscillator."""
        level, voices = amplitude(oscillator.level_db) / np.sqrt(self.unison), []
        for voice in range(self.unison):
            # From -1 to 1; a voice alone begins at phase 0, as a unison it begins anywhere.
            place = 2 * voice / (self.unison - 1) - 1 if self.unison > 1 else 0.0
            phase = rng.random() if self.unison > 1 else 0.0
            side = self.width * place * (-1) ** voice
            sides = [1.0] if channels == 1 else [np.sqrt(1 - side), np.sqrt(1 + side)]
            ratio = oscillator.ratio * 2.0 ** (place * self.detune_cents / 2400)
            voices.append(Voice(ratio, phase, [np.float32(level * gain) for gain in sides]))
        return voices


class Voice(NamedTuple):
    """One of a unison: its frequency in that of the note, where in turns it begins, its gain in each channel."""

    ratio: float
    phase: float
    gains: list[np.float32]


def _play(
    wave: np.ndarray,
    heard: list[tuple[np.ndarray, list[Voice]]],
    turns: np.ndarray,
    row: np.ndarray | None,
    fade: np.ndarray | None,
) -> None:
    """Adds to `wave`, of shape (channels, frames), stacks with the voices that read them."""
    for piece in pieces(len(turns)):
        mixed = None if row is None else mix(row[piece], len(heard[0][0]))
        both = np.zeros((len(wave), len(turns[piece])), dtype=np.float32)
        for stack, voices in heard:
            for voice in voices:
                alone = read_piece(stack, turns[piece] * voice.ratio + voice.phase, mixed)
                for channel, gain in zip(both, voice.gains, strict=True):
                    channel += gain * alone
        wave[:, piece] += both if fade is None else both * fade[piece]


def _rows(filter: Filter, octaves: np.ndarray) -> tuple[tuple[float, ...], np.ndarray | None]:
    """Where the filter is in each row of a stack, in octaves; and the row at each frame (None: the one there is)."""
    if len(octaves) == 1:
        return (float(octaves[0]),), None
    density = max(4.0, 1.2 * 20.0**filter.resonance)  # tables an octave: closer than the peak is wide
    low, high = np.floor(2 * octaves.min()) / 2 - 1 / density, np.ceil(2 * octaves.max()) / 2 + 2 / density
    return tuple(low + np.arange(int((high - low) * density) + 1) / density), (octaves - low) * density


@lru_cache(maxsize=16)
def _periods(filter: Filter, wave: str, hertz: float, rate: int, octaves: tuple[float, ...]) -> np.ndarray:
    k = np.arange(1, partials(hertz, rate) + 1)
    response = filter.response(k * hertz, filter.cutoff_hz * 2.0 ** np.array(octaves))
    return tables(_WAVES[wave](k) * -1j * response)


_WAVES = {
    "saw": lambda k: 2 / (np.pi * k),
    "square": lambda k: np.where(k % 2, 4 / (np.pi * k), 0.0),
    "triangle": lambda k: np.where(k % 2, 8 / (np.pi * k) ** 2 * (2 - k % 4), 0.0),
    "sine": lambda k: np.where(k == 1, 1.0, 0.0),
}
"""Amplitude of the sine of each partial, for a wave between -1 and 1 (Fourier series)."""
