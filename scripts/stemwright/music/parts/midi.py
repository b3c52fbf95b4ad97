"""Notes from a standard MIDI file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from stemwright.base.errors import StemwrightError
from stemwright.music.midi_file import MidiNote, read_midi
from stemwright.music.parts._base import Event, Items, Part, ReportMistake, Span
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, TempoMap
from stemwright.validation.fields import Field

_LARGE = 500_000  # bytes; files above this are not read while planning, which would become slow


def parse_track(value: object) -> int | str:
    """The number (from 1) or the name of a track. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)) or value == "" or value in range(-999, 1):
        raise ValueError(f"must be a track's number, from 1, or its name (is {value!r})")
    return value


@dataclass(frozen=True)
class Midi(Part):
    """Notes from a standard MIDI file, as in `midi: {file: keys.mid, track: 2}`, at the song's tempo.

    The file starts at bar 1 of the song, and each section plays the notes that begin in it. With `loop_bars`, the file
    starts at the beginning of the section and repeats. The sustain pedal (controller 64) prolongs notes.
    """

    example = "{file: songs/night-bus/keys.mid, track: Piano}"

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    track: (
        Annotated[
            Any,
            Field(
                "The track: its number, from 1, or its name.", parse=parse_track, types=("integer", "string")
            ),
        ]
        | None
    ) = None
    channel: Annotated[int, Field("The channel.", ge=1, le=16)] | None = None
    tempo: Annotated[
        Literal["ignore", "check"],
        Field("Whether the file's own tempo is ignored, or checked: it must then be the song's."),
    ] = "ignore"
    loop_bars: (
        Annotated[
            int,
            Field(
                "Start the file with the section, and repeat it every that many bars.", "bars", ge=1, le=1_000
            ),
        ]
        | None
    ) = None

    short = "file"

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[object]:
        return []

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("file",), self.file)]

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        path = os.path.expanduser(self.file)
        # A missing file is reported elsewhere, or built later. A large file is only read by its job.
        if context.timeline is not None and os.path.isfile(path) and os.path.getsize(path) <= _LARGE:
            try:
                self._notes(path, context.timeline.tempo)
            except (StemwrightError, OSError) as error:
                yield (), str(error)

    def _notes(self, path: str, tempo: TempoMap) -> list[MidiNote]:
        """The notes selected, in order. Raises StemwrightError and OSError."""
        file = read_midi(path)
        if self.tempo == "check":
            file.check_tempo(tempo)
        return file.select(self.track, self.channel)

    def events(self, span: Span) -> Iterator[Event]:
        notes = self._notes(span.files["file"], span.tempo)
        if self.loop_bars is None:
            yield from (_event(note, Fraction(0)) for note in notes if span.start <= note.start < span.end)
            return
        start = span.start
        while start < span.end:
            following = span.tempo.advance(start, Duration(bars=Fraction(self.loop_bars)))
            end = min(following, span.end)
            for note in notes:
                if start + note.start < end:
                    event = _event(note, start)
                    yield Event(event.start, min(event.end, end), event.pitch, event.velocity)
            start = following


def _event(note: MidiNote, start: Fraction) -> Event:
    """A note moved to a file that begins at `start`, in quarters."""
    return Event(start + note.start, start + note.end, note.pitch, note.velocity / 127)
