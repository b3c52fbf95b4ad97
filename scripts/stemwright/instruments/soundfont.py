"""An instrument that plays a preset of a SoundFont with FluidSynth."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.audio import Stream, as_channels, resample
from stemwright.base.errors import StemwrightError
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.soundfonts import fluidsynth, sf2
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_MISSING_FILE = (
    "needs a SoundFont file: Debian's packages fluid-soundfont-gm and timgm6mb-soundfont put one into "
    "/usr/share/sounds/sf2"
)


def _number_or_name(value: object) -> int | str:
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 127:
        return value
    raise ValueError(f"must be a preset's number, 0 to 127, or its name (is {value!r})")


@dataclass(frozen=True)
class Soundfont(Instrument):
    """A preset of a SoundFont (.sf2, .sf3), played by FluidSynth, which must be installed (`apt install fluidsynth`).
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
        return [(("file",), self.file)]

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        path = os.path.expanduser(self.file)
        if "\0" in path or not os.path.isfile(path):
            yield ("file",), _MISSING_FILE
            return
        try:
            sf2.find_preset(path, self.preset, self.bank)
        except StemwrightError as error:
            yield ("file",), str(error)
        except ValueError as error:
            yield ("preset",), str(error)

    def libraries(self) -> dict[str, str]:
        return {"fluidsynth": fluidsynth.version()}

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        frames = -(-context.frames * fluidsynth.RATE // context.rate)
        sound = as_channels(self._sound(notes, context), context.channels)
        return resample(sound, frames, context.channels, fluidsynth.RATE, context.rate)

    def _sound(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        """The whole song at FluidSynth's sample rate, stereo."""
        path = context.files["file"]
        try:
            bank, preset = sf2.find_preset(path, self.preset, self.bank)
        except ValueError as error:
            raise StemwrightError(f"{path}: preset {error}") from None
        events = sorted(_events(notes, context.rate))
        tunings = sorted({tuning for *_, tuning, _, _ in events})
        if len(tunings) > fluidsynth.TUNINGS:
            raise StemwrightError(
                f"{path}: the notes have {len(tunings)} different tunings; at most {fluidsynth.TUNINGS} are supported"
            )
        end = -(-context.frames * fluidsynth.RATE // (context.rate * fluidsynth.BLOCK))
        at = 0
        with fluidsynth.FluidSynth(path, bank, preset, tunings) as synth:
            for block, begins, tuning, key, velocity in events:
                if block >= end:
                    break
                yield from synth.blocks(block - at)
                at = block
                if begins:
                    synth.on(tuning, key, velocity)
                else:
                    synth.off(tuning, key)
            yield from synth.blocks(end - at)


def _events(notes: Sequence[Note], rate: int) -> Iterator[tuple[int, bool, float, int, int]]:
    """(block, whether a note begins, tuning, key, velocity). Sorted, a block's note-offs come before its note-ons."""
    voices: dict[tuple[float, int], list[tuple[int, int, int]]] = {}
    for note in notes:
        key = round(note.pitch)
        if not 0 <= key <= 127:
            raise StemwrightError(
                f"a SoundFont has MIDI notes 0 to 127, but a note is at {note.pitch:g}: change transpose or the part"
            )
        start, end = (_block(frame, rate) for frame in (note.frame, note.frame + note.frames))
        spans = voices.setdefault((round(note.pitch - key, 2), key), [])
        if spans and spans[-1][1] > start:  # struck again while held: the first ends here
            spans[-1] = (spans[-1][0], start, spans[-1][2])
        spans.append((start, max(start + 1, end), max(1, round(note.velocity * 127))))
    for (tuning, key), spans in voices.items():
        for start, end, velocity in spans:
            if start < end:  # otherwise another begins in the same block
                yield start, True, tuning, key, velocity
                yield end, False, tuning, key, 0


def _block(frame: int, rate: int) -> int:
    """The number of FluidSynth's block nearest to a frame at `rate`."""
    size = rate * fluidsynth.BLOCK
    return (2 * frame * fluidsynth.RATE + size) // (2 * size)
