"""An instrument that plays a preset of a SoundFont with FluidSynth."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Annotated, Any

import numpy as np

from stemwright.audio import Stream, as_channels, resample
from stemwright.audio.fades import ramp
from stemwright.base.errors import StemwrightError
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments._recording import FADE_OUT_S
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.instruments.soundfonts import fluidsynth, sf2
from stemwright.instruments.soundfonts.fluidsynth import Action
from stemwright.music.controls import Controls
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts")
"""Where Debian and Fedora install SoundFonts: a file that is named without a folder is looked for here, too."""

_DRUM_BANK = 128
_ORGANS = range(16, 24)  # of General MIDI: organs have footages below 8'
_PACKAGES = {"FluidR3_GM.sf2": "fluid-soundfont-gm", "TimGM6mb.sf2": "timgm6mb-soundfont"}  # of Debian
_AT_ONCE = 150
"""Blocks rendered at once of a hit, a tenth of a second."""


def _number_or_name(value: object) -> int | str:
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 127:
        return value
    raise ValueError(f"must be a preset's number, 0 to 127, or its name (is {value!r})")


@dataclass(frozen=True)
class Soundfont(Instrument):
    """A preset of a SoundFont (.sf2, .sf3), played by FluidSynth, which must be installed (`apt install fluidsynth`).
    A file that is named without a folder may also be an installed one: FluidR3_GM.sf2 (`apt install
    fluid-soundfont-gm`), TimGM6mb.sf2 (`apt install timgm6mb-soundfont`). As the kit of drums, it plays bank 128.
    It is played without FluidSynth's reverb and chorus. Notes begin within a third of a millisecond of their frames.
    """

    example = "{file: soundfonts/FluidR3_GM.sf2, preset: Nylon String Guitar}"

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    preset: Annotated[
        Any,
        Field(
            "The preset: its number, from 0, or its name.", parse=_number_or_name, types=("integer", "string")
        ),
    ] = 0
    bank: (
        Annotated[
            int,
            Field(
                "Its bank, 128 for drums. By default 0 for a preset's number, and any for its name.",
                ge=0,
                le=16_383,
            ),
        ]
        | None
    ) = None

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("file",), self._path)]

    def as_kit(self, pieces: Mapping[str, int]) -> Instrument:
        is_numbered = self.bank is None and isinstance(self.preset, int)
        return replace(self, bank=_DRUM_BANK) if is_numbered else self

    @property
    def _path(self) -> str:
        """The path of the file: as it is written, or where it is installed."""
        places = [
            self.file,
            *(
                os.path.join(folder, self.file)
                for folder in _FOLDERS
                if os.path.basename(self.file) == self.file
            ),
        ]
        return next(
            (path for path in places if "\0" not in path and os.path.isfile(os.path.expanduser(path))),
            self.file,
        )

    @property
    def sounds_below(self) -> bool:
        is_organ = (
            self.preset in _ORGANS if isinstance(self.preset, int) else "organ" in str(self.preset).lower()
        )
        return is_organ and self.bank in (None, 0)

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        path = os.path.expanduser(self._path)
        if "\0" not in path and os.path.exists(path) and not os.path.isfile(path):
            return  # told with the other files that are none
        if "\0" in path or not os.path.isfile(path):
            package = _PACKAGES.get(os.path.basename(self.file), " or ".join(_PACKAGES.values()))
            yield (
                ("file",),
                f"there is no such SoundFont (is {self.file!r}). Debian has {', '.join(_PACKAGES)}: "
                f"apt install {package}",
            )
            return
        try:
            sf2.find_preset(path, self.preset, self.bank)
        except StemwrightError as error:
            yield ("file",), str(error)
        except ValueError as error:
            yield ("preset",), str(error)

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        if fluidsynth.version() == "missing":
            yield (
                ("file",),
                "needs FluidSynth, which is not installed here: apt install fluidsynth (Debian, Ubuntu)",
            )

    def libraries(self) -> dict[str, str]:
        return {"fluidsynth": fluidsynth.version()}

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        frames = -(-context.frames * fluidsynth.RATE // context.rate)
        sound = as_channels(self._sound(notes, context), context.channels)
        return resample(sound, frames, context.channels, fluidsynth.RATE, context.rate)

    def sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        cache = SoundCache()
        with self._synth(context, 1) as synth:
            for note in notes:
                kind = (*_tuned(note), note.midi_velocity, note.frames)
                yield note.frame, cache.get(kind, partial(_hit, synth, note, context))

    def _synth(self, context: RenderContext, channels: int) -> fluidsynth.FluidSynth:
        path = context.files["file"]
        try:
            bank, preset = sf2.find_preset(path, self.preset, self.bank)
        except ValueError as error:
            raise StemwrightError(f"{path}: preset {error}") from None
        return fluidsynth.FluidSynth(path, bank, preset, channels)

    def _sound(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        """The whole song at FluidSynth's sample rate, stereo."""
        channels = _channels(notes)
        if len(channels) > fluidsynth.CHANNELS:
            raise StemwrightError(
                f"{context.files['file']}: the notes have {len(channels)} different tunings and controls; at most "
                f"{fluidsynth.CHANNELS} are supported"
            )
        events = sorted(_note_events(notes, channels, context.rate))
        for (tuning, controls), channel in channels.items():
            events += _control_events(channel, tuning, controls, context.rate)
        end = -(-context.frames * fluidsynth.RATE // (context.rate * fluidsynth.BLOCK))
        at = 0
        with self._synth(context, len(channels)) as synth:
            for block, action, channel, arguments in sorted(
                events, key=itemgetter(0, 1)
            ):  # keeps the order of controls
                if block >= end:
                    break
                yield from synth.blocks(block - at)
                at = block
                synth.act(action, channel, arguments)
            yield from synth.blocks(end - at)


_Channel = tuple[float, Controls | None]
"""The tuning of notes, a deviation from their keys in semitones, and the controls that act on them."""

_Event = tuple[int, Action, int, tuple[float, ...]]
"""The block, what to do, on which channel, and the arguments."""


def _hit(synth: fluidsynth.FluidSynth, note: Note, context: RenderContext) -> np.ndarray:
    """One note, until nothing sounds any more or it is released: shape (frames, context.channels)."""
    key, tuning = _tuned(note)
    synth.act(Action.TUNE, 0, (tuning,))
    synth.act(Action.ON, 0, (key, note.midi_velocity))
    blocks: list[np.ndarray] = []
    held = _block(note.frames, context.rate)
    while not blocks or (not synth.is_silent and held > len(blocks) * _AT_ONCE):
        blocks.extend(synth.blocks(_AT_ONCE))
    synth.act(Action.OFF, 0, (key,))
    synth.act(Action.SILENCE, 0, ())
    sound = np.concatenate(blocks)
    if not sound.any():
        raise StemwrightError(
            f"{context.files['file']}: the preset has no sound at MIDI key {key}: map the piece to another key"
        )
    fade = round(FADE_OUT_S * fluidsynth.RATE)
    sound *= ramp(len(sound) - 1 - np.arange(len(sound)), fade)[:, None]
    parts = as_channels([sound], context.channels)
    return np.concatenate(list(resample(parts, len(sound), context.channels, fluidsynth.RATE, context.rate)))


def _tuned(note: Note) -> tuple[int, float]:
    """The key nearest to a note, and the deviation from it in semitones, as whole cents."""
    key = round(note.pitch)
    return key, round(note.pitch - key, 2)


def _channels(notes: Sequence[Note]) -> dict[_Channel, int]:
    """The number of the channel for each tuning with each controls, in a fixed order."""
    found = dict.fromkeys((_tuned(note)[1], note.controls) for note in notes)
    return {which: number for number, which in enumerate(sorted(found, key=lambda each: each[0]))}


def _control_events(channel: int, tuning: float, controls: Controls | None, rate: int) -> Iterator[_Event]:
    """The tuning and the controls of a channel."""
    yield 0, Action.TUNE, channel, (tuning,)
    if controls is not None:
        for bend in controls.bends:
            yield _block(int(bend.at), rate), Action.TUNE, channel, (tuning + bend.semitones,)
        for level in controls.levels:
            yield _block(int(level.at), rate), Action.LEVEL, channel, (level.volume, level.expression)
        for at in controls.silences:
            yield _block(int(at), rate), Action.SILENCE, channel, ()


def _note_events(notes: Sequence[Note], channels: dict[_Channel, int], rate: int) -> Iterator[_Event]:
    """The beginnings and ends of notes."""
    voices: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for note in notes:
        key, tuning = _tuned(note)
        if not 0 <= key <= 127:
            raise StemwrightError(
                f"a SoundFont has MIDI notes 0 to 127, but a note is at {note.pitch:g}: change transpose or the part"
            )
        start, end = (_block(frame, rate) for frame in (note.frame, note.frame + note.frames))
        spans = voices.setdefault((channels[tuning, note.controls], key), [])
        if spans and spans[-1][1] > start:  # struck again while held: the first ends here
            spans[-1] = (spans[-1][0], start, spans[-1][2])
        spans.append((start, max(start + 1, end), note.midi_velocity))
    for (channel, key), spans in voices.items():
        for start, end, velocity in spans:
            if start < end:  # otherwise another begins in the same block
                yield start, Action.ON, channel, (key, velocity)
                yield end, Action.OFF, channel, (key,)


def _block(frame: int, rate: int) -> int:
    """The number of FluidSynth's block nearest to a frame at `rate`."""
    size = rate * fluidsynth.BLOCK
    return (2 * frame * fluidsynth.RATE + size) // (2 * size)
