"""Notes from a standard MIDI file."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from operator import add
from typing import Annotated, Any, Literal

from stemwright.base.errors import StemwrightError
from stemwright.music.controls import EXPRESSION, VOLUME, Bend, Controls, Depth, Level, Position
from stemwright.music.midi_file import MidiFile, MidiNote, read_midi
from stemwright.music.parts._base import Event, Items, Part, ReportMistake, Span
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, TempoMap
from stemwright.validation.fields import Field

_LARGE = 500_000  # bytes; files above this are not read while planning, which would become slow
_EARLY = Fraction(1, 16)
"""Quarters: a note that begins less than a 64th note before its section was played early, and belongs to it."""


def parse_track(value: object) -> int | str:
    """The number (from 1) or the name of a track. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)) or value == "" or value in range(-999, 1):
        raise ValueError(f"must be a track's number, from 1, or its name (is {value!r})")
    return value


@dataclass(frozen=True)
class Midi(Part):
    """Notes from a standard MIDI file, as in `midi: {file: keys.mid, track: 2}`, at the song's tempo.

    The file starts at bar 1 of the song, and each section plays the notes that begin in it, or less than a 64th note
    before it. With `loop_bars`, the file starts at the beginning of the section and repeats. The pedals sustain and
    sostenuto prolong notes; pitch bend (with its range and tuning), modulation (a vibrato of up to 50 cents), volume
    and expression act on notes while they are held. Volume is relative to 100, that of a file that sets none. What is
    not played, such as program changes, is printed when the stem is built.
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
                self._selected(path, context.timeline.tempo)
            except (StemwrightError, OSError) as error:
                yield (), str(error)

    def remarks(self, context: RenderContext) -> Iterator[str]:
        path = context.files["file"]
        file, notes = self._selected(path, context.required_timeline().tempo)
        if unplayed := file.describe_unplayed(notes):
            yield f"{path}: {unplayed}"

    def events(self, span: Span) -> Iterator[Event]:
        file, notes = self._selected(span.files["file"], span.tempo)
        if self.loop_bars is None:
            for note in _starting(notes, span.start - _EARLY, span.end - _EARLY):
                yield _event(note, Fraction(0), note.end, file.controls.get(note.channel))
            return
        starts = list(self._repetitions(span))
        controls = {channel: _repeated(once, starts, span.end) for channel, once in file.controls.items()}
        for start, following in zip(starts, [*starts[1:], span.end], strict=True):
            length = span.tempo.advance(start, Duration(bars=Fraction(self.loop_bars))) - start
            early = _starting(notes, length - _EARLY, length)
            for at, several in (
                (start - length, (note for note in early if note.start < length)),
                (start, _starting(notes, -_EARLY, following - start - _EARLY)),
            ):
                for note in several:
                    yield _event(note, at, min(note.end, following - at), controls.get(note.channel))

    def _repetitions(self, span: Span) -> Iterator[Fraction]:
        """Where the file starts in a section, in quarters."""
        start = span.start
        while start < span.end:
            yield start
            start = span.tempo.advance(start, Duration(bars=Fraction(self.loop_bars or 1)))

    def _selected(self, path: str, tempo: TempoMap) -> tuple[MidiFile, Sequence[MidiNote]]:
        """The file, and the notes selected of it, in order. Raises StemwrightError and OSError."""
        file = read_midi(path)
        return file, _select(file, self.track, self.channel, tempo if self.tempo == "check" else None)


@lru_cache(maxsize=8)  # each section plays from the same notes
def _select(
    file: MidiFile, track: int | str | None, channel: int | None, tempo: TempoMap | None
) -> Sequence[MidiNote]:
    if tempo is not None:
        file.check_tempo(tempo)
    return file.select(track, channel)


def _starting(notes: Sequence[MidiNote], after: Fraction, until: Fraction) -> Sequence[MidiNote]:
    """The notes, in order, that begin after a position, and not after another."""
    first, last = (bisect_right(notes, at, key=lambda note: note.start) for at in (after, until))
    return notes[first:last]


def _event(note: MidiNote, start: Fraction, end: Fraction, controls: Controls | None) -> Event:
    """A note up to `end` in its file, which begins at `start`, in quarters."""
    return Event(start + note.start, start + end, note.pitch, note.velocity / 127, controls=controls)


def _repeated(once: Controls, starts: Sequence[Fraction], end: Fraction) -> Controls:
    """The controls of a file that repeats, and begins each time with those that no message has changed."""
    bends: list[Bend] = []
    levels: list[Level] = []
    silences: list[Position] = []
    depths: list[Depth] = []
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        bends.append(Bend(start, 0.0))
        levels.append(Level(start, VOLUME, EXPRESSION))
        depths.append(Depth(start, 0.0))
        turn = once.until(following - start).moved(partial(add, start))
        bends += turn.bends
        levels += turn.levels
        silences += turn.silences
        depths += turn.depths
    return Controls(tuple(bends), tuple(levels), tuple(silences), tuple(depths))
