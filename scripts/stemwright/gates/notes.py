"""Notes: the table of a stem's notes is whole, and all of them are in the song."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.delivery.performance import TimedNote, read_notes
from stemwright.gates._base import Check, Gate, GateContext, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_STEP_S = 1e-9
"""What a time is rounded to."""


@dataclass(frozen=True)
class Notes(Gate):
    """Every note is in the song and in a section in which its stem sounds, with a length, a pitch and a velocity.

    Source: our own. Remedy: delete the file and run again.
    """

    stages = ("notes",)
    needs = "a song"

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`sounds_in`: the names of the sections that the stem sounds in, None for all of the song."""
        sections = song.document.stems[artifact.stem].sections
        return {"sounds_in": sorted(sections) if sections else None}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`timeline`: the timeline of the song."""
        return {"timeline": artifact.compared_with}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,) = subject.inputs["timeline"]
        timeline, names = read_json(path), subject.context["sounds_in"]
        rate = timeline["sample_rate"]
        spans = [(0.0, timeline["frames"] / rate)]
        if names is not None:
            spans = [
                (section["start_frame"] / rate, section["end_frame"] / rate)
                for section in timeline["sections"]
                if section["name"] in names
            ]
        try:
            notes = read_notes(subject.path)
        except ValueError as error:
            raise StemwrightError(f"{subject.path}: is no table of notes ({error})") from None
        faults = list(_faults(notes, spans))
        remedy = f"delete {subject.path} and run again"
        status = self.failed() if faults else "pass"
        limit = f"0 of {len(notes):,}"
        return [Check("notes", status, len(faults), "notes at fault", limit, "; ".join(faults[:3]), remedy)]


def _faults(notes: Sequence[TimedNote], spans: Sequence[tuple[float, float]]) -> Iterator[str]:
    before = -1.0
    for note in notes:
        end = note.onset + note.duration
        is_in = any(start - _STEP_S <= note.onset < stop for start, stop in spans)
        if not is_in or end > spans[-1][1] + 2 * _STEP_S:
            yield f"{note.onset:.3f} s: is not where the stem sounds"
        elif note.duration <= 0:
            yield f"{note.onset:.3f} s: has no length"
        elif not (-48 <= note.pitch <= 175 and 1 <= note.velocity <= 127):
            yield f"{note.onset:.3f} s: has pitch {note.pitch:g} and velocity {note.velocity}"
        elif note.onset < before:
            yield f"{note.onset:.3f} s: is not in order"
        before = note.onset
