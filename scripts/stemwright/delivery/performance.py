"""The notes of a stem as they sound, and the table that they are kept in.

`annotations/notes/STEM.csv` has a row for each note, in order. The lines that begin with `#` name the columns.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from stemwright import sources
from stemwright.music.played import PlayedNote
from stemwright.music.render_context import RenderContext, Slice
from stemwright.music.timeline import Timeline

COLUMNS = ("onset", "duration", "pitch", "velocity", "layer", "piece")
"""The columns: seconds, seconds, a MIDI note number with cents, 1 to 127, and two texts that may be empty."""

COMMENT = "#"
"""What the line begins with that names the columns: readers of numbers (mir_eval, NumPy) skip it."""


@dataclass(frozen=True)
class TimedNote:
    """A row of the table: see `COLUMNS`."""

    onset: float
    duration: float
    pitch: float
    velocity: int
    layer: str = ""
    piece: str = ""


def read_performance(
    entries: Sequence[Mapping[str, Any]], files: Sequence[str], timeline: Timeline
) -> list[PlayedNote]:
    """Read the notes of a stem as they sound, in the same way as the job that renders it.

    Parameters
    ----------
    entries
        What plays, as plain data: the `name` of its layer, `source`, `seed`, the roles of its `files`, the `harmony` of
        each section, and the `sections` that it sounds in (None for all).
    files
        The paths of their files, in the same order.
    timeline
        The song's timeline.

    Returns
    -------
    list of PlayedNote
        In order. Where a stem sounds in some sections only, its notes are those that are written there.
    """
    left, found = iter(files), list[PlayedNote]()
    for entry in entries:
        paths = {role: next(left) for role in entry["files"]}
        context = RenderContext(
            timeline.rate,
            1,
            timeline.frames,
            seed=entry["seed"],
            timeline=timeline,
            files=paths,
            harmony=entry["harmony"],
        )
        source = sources.make(entry["source"])
        for part, end in _sounding(context, timeline, entry["sections"]):
            for note in source.played(part):
                found.append(replace(note, end=min(note.end, end), layer=entry["name"]))
    return sorted(found)


def _sounding(
    context: RenderContext, timeline: Timeline, sections: Sequence[str] | None
) -> Iterator[tuple[RenderContext, int]]:
    """What of the song is heard: the context of each part, and its last frame."""
    if sections is None:
        yield context, timeline.frames
        return
    for start, end in timeline.spans(sections):
        yield replace(context, slice=Slice(start, end, 0, timeline.frames)), end


def notes_table(notes: Iterable[PlayedNote], rate: int) -> str:
    """The table of notes at a sample rate in Hz."""
    rows = (
        (
            seconds(note.frame / rate),
            seconds((note.end - note.frame) / rate),
            f"{note.pitch:g}",
            note.velocity,
            note.layer,
            note.piece,
        )
        for note in notes
    )
    return table(COLUMNS, rows)


def read_notes(path: str | os.PathLike) -> list[TimedNote]:
    """The rows of a table of notes. Raises ValueError for a file that is none."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if header != [f"{COMMENT} {COLUMNS[0]}", *COLUMNS[1:]]:
        raise ValueError(f"its first line names {', '.join(header)}")
    return [
        TimedNote(float(onset), float(duration), float(pitch), int(velocity), layer, piece)
        for onset, duration, pitch, velocity, layer, piece in rows
    ]


def seconds(value: float) -> str:
    """A time with nine decimals: what is rounded off is less than a ten-thousandth of a frame."""
    return f"{value:.9f}"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV, with a first line, a comment, that names its columns."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([(f"{COMMENT} {columns[0]}", *columns[1:]), *rows])
    return text.getvalue()
