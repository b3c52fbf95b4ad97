"""Subtractive synthesis: oscillators rich in partials, a filter that attenuates some of them, envelopes for both.

The filter acts on the partials: each of its positions is a wavetable (see `dsp.tables`), and the sound cross-fades
between them. There is no aliasing and no zipper noise, however fast the filter is swept, and the result is as exact at
44.1 kHz as at 192 kHz. What this leaves out is the ringing of the filter after a sudden sweep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.chunks import chunks
from stemwright.instruments.dsp.edges import remove_dc
from stemwright.instruments.dsp.envelope import Envelope
from stemwright.instruments.dsp.noise import swept_noise
from stemwright.instruments.dsp.tables import partial_count, read_chunk, row_weights, wavetables
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Configurable, Field

_LOWEST_HZ, _HIGHEST_HZ = 10.0, 40_000.0


@dataclass(frozen=True)
class Oscillator(Configurable):
    """An oscillator: its waveform, tuning and level."""

    wave: Annotated[Literal["saw", "square", "triangle", "sine", "noise"], Field("Its waveform.")] = "saw"
    semitones: Annotated[int, Field("Tuning relative to the note.", "semitones", ge=-36, le=36)] = 0
    cents: Annotated[float, Field("Fine tuning.", "cents", ge=-100, le=100)] = 0.0
    level_db: Annotated[float, Field("Its level.", "dB", ge=-60, le=0)] = 0.0

    @property
    def ratio(self) -> float:
        """Its frequency relative to that of the note."""
        return 2.0 ** (self.semitones / 12 + self.cents / 1200)


@dataclass(frozen=True)
class Filter(Configurable):
    """The filter, and how pitch, velocity and its envelope move its cut-off."""

    shape: Annotated[Literal["lowpass", "highpass", "bandpass"], Field("The type of the filter.")] = "lowpass"
    slope_db: Annotated[Literal[12, 24], Field("Its slope: 12 or 24 dB per octave.")] = 24
    cutoff_hz: Annotated[
        float,
        Field("Cut-off frequency without its envelope, for A3 at full velocity.", "Hz", ge=20, le=20_000),
    ] = 8_000.0
    resonance: Annotated[float, Field("Resonance at the cut-off: 0 none, 1 a Q of 14.", ge=0, le=1)] = 0.0
    tracking: Annotated[
        float, Field("Key tracking: 1 follows the pitch fully, 0 not at all.", ge=0, le=1)
    ] = 0.5
    envelope_octaves: Annotated[
        float,
        Field("How far the filter envelope moves the cut-off at full velocity.", "octaves", ge=-8, le=8),
    ] = 0.0
    velocity_octaves: Annotated[
        float,
        Field(
            "How much lower the cut-off is for the softest note than for the hardest.", "octaves", ge=0, le=6
        ),
    ] = 1.5

    def response(self, hertz: np.ndarray, cutoff: np.ndarray) -> np.ndarray:
        """The complex frequency response, shape (cut-offs, frequencies), of `hertz` and `cutoff`, both in Hz.

        The analogue two-pole state-variable filter, 1 / (1 + s/Q + s²) for the low-pass; for 24 dB per octave, a
        second section of Q 0.54 follows, which with a first Q of 1.31 is a Butterworth filter. The whole is lowered by
        half of the resonant peak in dB.
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
    """An analogue-style synthesiser: oscillators, unison, a resonant filter with an envelope, glide and vibrato."""

    example = "{oscillators: [{wave: saw}, {wave: square, semitones: -12}], filter: {cutoff_hz: 900}}"

    oscillators: Annotated[
        list[Annotated[Oscillator, Field("An oscillator.")]],
        Field("The oscillators.", min_length=1, max_length=4),
    ] = field(default_factory=lambda: [Oscillator()])
    filter: Annotated[Filter, Field("The filter.")] = Filter()
    envelope: Annotated[Envelope, Field("The envelope of the level.")] = field(default_factory=Envelope)
    filter_envelope: Annotated[Envelope, Field("The envelope of the filter.")] = field(
        default_factory=Envelope
    )
    unison: Annotated[int, Field("Voices that play each oscillator in unison.", "voices", ge=1, le=9)] = 1
    detune_cents: Annotated[
        float, Field("Interval between the lowest and the highest voice of a unison.", "cents", ge=0, le=100)
    ] = 15.0
    width: Annotated[float, Field("Stereo width of a unison.", ge=0, le=1)] = 0.7
    glide_ms: Annotated[
        float, Field("Time of the glide from the pitch of the note before.", "ms", ge=0, le=2_000)
    ] = 60.0
    vibrato_cents: Annotated[float, Field("Depth of the vibrato, up and down.", "cents", ge=0, le=100)] = 0.0
    vibrato_hz: Annotated[float, Field("Rate of the vibrato.", "Hz", ge=0.1, le=12)] = 5.5
    vibrato_delay_ms: Annotated[float, Field("Time in which the vibrato fades in.", "ms", ge=0, le=5_000)] = (
        300.0
    )
    level_db: Annotated[float, Field("Level of the instrument.", "dB", ge=-60, le=12)] = 0.0

    def __post_init__(self) -> None:
        self._nest(oscillators=Oscillator, filter=Filter, envelope=Envelope, filter_envelope=Envelope)

    @property
    def glides(self) -> bool:
        return True

    @property
    def sounds_below(self) -> bool:
        return any(each.wave != "noise" and each.semitones < 0 for each in self.oscillators)

    def rings(self, note: Note, rate: int) -> int:
        return self.envelope.frames(note.frames, rate)

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        frames = self.envelope.frames(note.frames, rate)
        turns, segments = self._pitch(note, rate, frames)
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
        rows, row = _filter_rows(self.filter, octaves)
        for where, highest, fade in segments:
            sounding = [
                (
                    _filtered_tables(self.filter, oscillator.wave, oscillator.ratio * highest, rate, rows),
                    voices,
                )
                for oscillator, voices in unisons
                if partial_count(oscillator.ratio * highest, rate)
            ]
            if sounding:
                _play(wave[:, where], sounding, turns[where], row if row is None else row[where], fade)
        gain = note.velocity**2 * amplitude(self.level_db - 12) / np.sqrt(len(self.oscillators))
        for chunk in chunks(frames):
            here = wave[:, chunk]
            here *= gain * self.envelope.level(note.frames, rate, here.shape[1], chunk.start)
        return remove_dc(wave.T)

    def _octaves(self, note: Note, rate: int, frames: int) -> np.ndarray:
        """The filter's position in octaves above cutoff_hz, shape (frames,), or (1,) if it does not move."""
        bounds = np.log2(_LOWEST_HZ / self.filter.cutoff_hz), np.log2(_HIGHEST_HZ / self.filter.cutoff_hz)
        rest = self.filter.tracking * (note.pitch - 57) / 12 - self.filter.velocity_octaves * (
            1 - note.velocity
        )
        depth = self.filter.envelope_octaves * note.velocity
        if not depth:
            return np.clip(np.array([rest]), *bounds)
        level = [
            self.filter_envelope.level(note.frames, rate, chunk.stop - chunk.start, chunk.start)
            for chunk in chunks(frames)
        ]
        return np.clip(rest + depth * np.concatenate(level), *bounds)

    def _pitch(self, note: Note, rate: int, frames: int) -> tuple[np.ndarray, list[Segment]]:
        """The phase in turns at each frame, and the segments of the note.

        A note that glides down has fewer partials below the limit on its way than at its end, so it is split into
        several segments.
        """
        hertz, vibrato = frequency(note.pitch), self.vibrato_cents / 1200 * np.log(2)
        n, whole = np.arange(frames), slice(0, frames)
        highest = hertz * (1 + vibrato)
        glide = 0 if note.glide_from is None else min(round(self.glide_ms / 1000 * rate), frames)
        if not vibrato and not glide:
            return n * (hertz / rate), [Segment(whole, highest, None)]
        ratio = np.ones(frames)
        if vibrato:
            # Applied to the frequency, not to its logarithm, so that its mean is the note.
            fade_in = ramp(n, round(self.vibrato_delay_ms / 1000 * rate))
            ratio += vibrato * fade_in * np.sin(2 * np.pi * self.vibrato_hz / rate * n)
        segments = [Segment(whole, highest, None)]
        if note.glide_from is not None and glide:
            interval = (note.glide_from - note.pitch) / 12
            ratio[:glide] *= 2.0 ** (interval * (1 - ramp(n[:glide], glide)))
            if interval > 0:
                segments = self._downward_segments(ratio[:glide], interval, frames, highest, rate)
        return np.concatenate([[0.0], np.cumsum(ratio[:-1])]) * (hertz / rate), segments

    def _downward_segments(
        self, ratio: np.ndarray, interval: float, frames: int, highest: float, rate: int
    ) -> list[Segment]:
        """The segments of a note that glides down by `interval` octaves: one for each half octave, and the rest."""
        fade = round(0.005 * rate)
        octave_steps = [*np.arange(interval, 0, -0.5), 0.0]
        extended = np.append(ratio, 0.0)
        crossings = [int(np.argmax(extended <= 2.0**step * 1.0001)) for step in octave_steps[1:-1]]
        starts = [0, *crossings, len(ratio)]
        segments = []
        for start, stop, octaves in zip(starts, [*starts[1:], frames], octave_steps, strict=True):
            n = np.arange(start, min(stop + fade, frames))
            gain = ramp(n - start, fade if start else 0) - (ramp(n - stop, fade) if stop < frames else 0)
            segments.append(Segment(slice(start, start + len(n)), highest * 2.0**octaves, gain))
        return segments

    def _unison(self, oscillator: Oscillator, channels: int, rng: np.random.Generator) -> list[UnisonVoice]:
        """The unison voices of one oscillator."""
        level, voices = amplitude(oscillator.level_db) / np.sqrt(self.unison), []
        for voice in range(self.unison):
            # `position` is from -1 to 1. A single voice begins at phase 0, those of a unison at random phases.
            position = 2 * voice / (self.unison - 1) - 1 if self.unison > 1 else 0.0
            phase = rng.random() if self.unison > 1 else 0.0
            pan = self.width * position * (-1) ** voice
            gains = [1.0] if channels == 1 else [np.sqrt(1 - pan), np.sqrt(1 + pan)]
            ratio = oscillator.ratio * 2.0 ** (position * self.detune_cents / 2400)
            voices.append(UnisonVoice(ratio, phase, [np.float32(level * gain) for gain in gains]))
        return voices


class Segment(NamedTuple):
    """A stretch of a note: its frames, the highest frequency in Hz, and its gain at each frame (None for 1)."""

    frames: slice
    highest_hz: float
    gain: np.ndarray | None


class UnisonVoice(NamedTuple):
    """A voice of a unison: frequency relative to the note, initial phase in turns, gain in each channel."""

    ratio: float
    phase: float
    gains: list[np.float32]


def _play(
    wave: np.ndarray,
    sounding: list[tuple[np.ndarray, list[UnisonVoice]]],
    turns: np.ndarray,
    row: np.ndarray | None,
    fade: np.ndarray | None,
) -> None:
    """Add to `wave`, shape (channels, frames), the voices of each stack of wavetables, in place."""
    for chunk in chunks(len(turns)):
        weights = None if row is None else row_weights(row[chunk], len(sounding[0][0]))
        block = np.zeros((len(wave), len(turns[chunk])), dtype=np.float32)
        for stack, voices in sounding:
            for voice in voices:
                voice_wave = read_chunk(stack, turns[chunk] * voice.ratio + voice.phase, weights)
                for channel, gain in zip(block, voice.gains, strict=True):
                    channel += gain * voice_wave
        wave[:, chunk] += block if fade is None else block * fade[chunk]


def _filter_rows(filter: Filter, octaves: np.ndarray) -> tuple[tuple[float, ...], np.ndarray | None]:
    """The filter's position in octaves in each row of a stack, and the row at each frame (None for a single row)."""
    if len(octaves) == 1:
        return (float(octaves[0]),), None
    density = max(4.0, 1.2 * 20.0**filter.resonance)  # rows per octave: closer than the resonant peak is wide
    low, high = np.floor(2 * octaves.min()) / 2 - 1 / density, np.ceil(2 * octaves.max()) / 2 + 2 / density
    return tuple(low + np.arange(int((high - low) * density) + 1) / density), (octaves - low) * density


@lru_cache(maxsize=16)
def _filtered_tables(
    filter: Filter, wave: str, hertz: float, rate: int, octaves: tuple[float, ...]
) -> np.ndarray:
    k = np.arange(1, partial_count(hertz, rate) + 1)
    response = filter.response(k * hertz, filter.cutoff_hz * 2.0 ** np.array(octaves))
    return wavetables(_WAVES[wave](k) * -1j * response)


_WAVES = {
    "saw": lambda k: 2 / (np.pi * k),
    "square": lambda k: np.where(k % 2, 4 / (np.pi * k), 0.0),
    "triangle": lambda k: np.where(k % 2, 8 / (np.pi * k) ** 2 * (2 - k % 4), 0.0),
    "sine": lambda k: np.where(k == 1, 1.0, 0.0),
}
"""Amplitude of the sine of each partial, for a waveform between -1 and 1 (Fourier series)."""
