"""Annotations: what a program reads of JAMS, MIDI and tables is what the timeline and the notes of the stems say."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.delivery.performance import TimedNote, read_notes
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates.handoff import held_spans
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_TABLES = ("beats", "downbeats", "sections", "chords", "keys", "tempo")
_DAMAGED = (ArithmeticError, AttributeError, EOFError, LookupError, OSError, TypeError, ValueError, csv.Error)
"""What the readers below raise for bytes that are none of theirs."""

_ROUNDING_S = 1e-8
"""What two roundings to nine decimals can make of a time."""


@dataclass(frozen=True)
class Annotations(Gate):
    """Read back, beats, sections, chords and keys are where the timeline has them, and all files say the same.

    - beats, sections, chords, keys: of the JAMS file and of its table, compared with `timeline.json`, which has frames.
    - notes: those of the JAMS file are those of the tables of the stems.
    - midi: each of these notes is in its track, as MIDI can say it.
    - tempo: the beats of the tempo add up to the beats between its start and its end.

    Source: our own; MIDI's whole microseconds need a millisecond. Remedy: delete the file and run again.
    """

    stages = ("annotations",)
    needs = "a song"
    example = "{limit_ms: 2}"

    limit_ms: Annotated[float, Field("How far a note of the MIDI file may be off.", "ms", ge=0.1, le=20)] = (
        1.0
    )

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`noted`: the stems that have notes, in order; `has_beats`: whether the song has a tempo."""
        noted = [file.stem for file in artifact.made_of("notes")]
        return {"noted": noted, "has_beats": song.document.bpm is not None}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`timeline`, `notes` of each stem, `midi` and `tables`."""
        tables = [entry for name in _TABLES for entry in artifact.extra(f"{name}_table")]
        return {
            "timeline": artifact.compared_with,
            "notes": artifact.inputs["notes"],
            "midi": artifact.extra("midi"),
            "tables": tables,
        }

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,), (midi,) = subject.inputs["timeline"], subject.inputs["midi"]
        timeline = read_json(path)
        by_stem = zip(subject.context["noted"], subject.inputs["notes"], strict=True)
        notes = {stem: read_notes(table) for stem, table in by_stem}
        try:
            found = _read_jams(subject.path)
            tables = {
                name: _rows(table) for name, table in zip(_TABLES, subject.inputs["tables"], strict=True)
            }
            tracks = _read_midi(midi)
        except _DAMAGED as error:
            raise StemwrightError(f"{subject.path}: cannot be read back ({error})") from None
        rate = timeline["sample_rate"]
        frame_s = 0.5 / rate + _ROUNDING_S  # the timeline has the nearest frame
        beats = timeline["beats"] if subject.context["has_beats"] else []
        expected: dict[str, list[tuple]] = {
            "beats": [(beat["frame"] / rate, beat["beat"]) for beat in beats],
            "downbeats": [(beat["frame"] / rate,) for beat in beats if beat["beat"] == 1],
            "sections": [
                (each["start_frame"] / rate, each["end_frame"] / rate, each["name"])
                for each in timeline["sections"]
            ],
        }
        checks = [
            self._same(subject, f"{name}.{kind}", rows, given, frame_s)
            for name, rows in expected.items()
            for kind, given in (("jams", found[name]), ("table", tables[name]))
        ]
        starts = [(chord["frame"] / rate,) for section in timeline["sections"] for chord in section["chords"]]
        for kind, given in (("jams", found["chords"]), ("table", tables["chords"])):
            checks.append(self._same(subject, f"chords.{kind}", *_starts(starts, given), frame_s))
        checks.append(self._same(subject, "keys", found["keys"], tables["keys"], _ROUNDING_S))
        checks.append(self._same(subject, "tempo", found["tempo"], tables["tempo"], _ROUNDING_S))
        length = (timeline["frames"] / rate,)
        checks.append(self._same(subject, "duration", [length], [(found["duration"],)], _ROUNDING_S))
        said = {
            stem: [(n.onset, n.duration, n.pitch, n.velocity) for n in its] for stem, its in notes.items()
        }
        checks += [
            self._same(subject, f"notes.{stem}", rows, found["notes"].get(stem, []), _ROUNDING_S)
            for stem, rows in said.items()
        ]
        held = list(held_spans(timeline))
        checks += [
            self._same(subject, f"midi.{stem}", *_keys(its, tracks.get(stem, []), held), self.limit_ms / 1000)
            for stem, its in notes.items()
        ]
        return checks

    def _same(
        self,
        subject: Subject,
        name: str,
        expected: Sequence[tuple],
        found: Sequence[tuple],
        limit_s: float,
    ) -> Check:
        """One check of rows: times (floats) within a limit in s, all else equal; the worst counts."""
        limit = f"<= {limit_s * 1000:.3g}, all {len(expected):,} there"
        remedy = f"delete {subject.path} and run again"
        id = f"annotations.{name}"
        if len(expected) != len(found):
            reason = f"there are {len(found):,}, not {len(expected):,}"
            return Check(id, self.failed(), None, "ms off", limit, reason, remedy)
        worst = 0.0
        for due, row in zip(expected, found, strict=True):
            for a, b in zip(due, row, strict=True):
                if isinstance(a, float) and isinstance(b, float):
                    worst = max(worst, abs(a - b))
                elif a != b:
                    return Check(id, self.failed(), None, "ms off", limit, f"{row} is {due}", remedy)
        status = "pass" if worst <= limit_s else self.failed()
        return Check(id, status, round(worst * 1000, 6), "ms off", limit, remedy=remedy)


def _starts(chart: Sequence[tuple], chords: Sequence[tuple]) -> tuple[Sequence[tuple], Sequence[tuple]]:
    """The starts of chords, as they are expected and as they were found.

    Equal chords that follow each other are one: each start is to be one of the chart, and the first is to be there.
    """
    found = [row[:1] for row in chords]
    near = [min(chart, key=lambda each: abs(each[0] - row[0]), default=row) for row in found]
    missing = bool(chart) != bool(found) or (bool(chart) and near[0] != chart[0])
    return [(-1.0,)] if missing else near, found


def _keys(
    notes: Sequence[TimedNote], track: Sequence[tuple[float, int]], held: Sequence[tuple[float, float]]
) -> tuple[Sequence[tuple], Sequence[tuple]]:
    """The keys of a track of MIDI with their onsets, as expected and as found, but for those in `held` spans.

    Parameters
    ----------
    notes : sequence of TimedNote
        The notes of the stem.
    track : sequence of (float, int)
        The onset in s and the key of each note of its track.
    held : sequence of (float, float)
        The spans in s in which time stands.

    Returns
    -------
    expected, found : sequence of (int, float)
        A key and its onset in s, sorted.
    """
    rows = sorted((min(max(round(note.pitch), 0), 127), note.onset) for note in notes)
    found = sorted((key, onset) for onset, key in track)
    if held and len(rows) == len(found):
        kept = [not any(start < onset < stop for start, stop in held) for _, onset in rows]
        rows = [row for row, is_kept in zip(rows, kept, strict=True) if is_kept]
        found = [row for row, is_kept in zip(found, kept, strict=True) if is_kept]
    return rows, found


def _read_jams(path: str) -> dict[str, Any]:
    """What a JAMS file says, in the rows that tables have; `notes` by stem."""
    data = read_json(path)
    found: dict[str, Any] = {name: [] for name in _TABLES}
    found |= {"duration": float(data["file_metadata"]["duration"]), "notes": {}}
    names = {"segment_open": "sections", "chord": "chords", "key_mode": "keys", "tempo": "tempo"}
    for each in data["annotations"]:
        rows = [(float(row["time"]), float(row["duration"]), row["value"]) for row in each["data"]]
        if each["namespace"] == "beat_position":
            found["beats"] = [(time, value["position"]) for time, _, value in rows]
            found["downbeats"] = [(time,) for time, position in found["beats"] if position == 1]
        elif each["namespace"] == "note_midi":
            loud = each["sandbox"]["velocity"]
            found["notes"][each["sandbox"]["stem"]] = [
                (*row, velocity) for row, velocity in zip(rows, loud, strict=True)
            ]
        else:
            found[names[each["namespace"]]] = [(time, time + length, value) for time, length, value in rows]
    return found


def _rows(path: str) -> list[tuple]:
    """The rows of a table: times as floats, labels as text, positions as whole numbers."""
    with open(path, encoding="utf-8", newline="") as file:
        if path.endswith(".lab"):
            return [(float(a), float(b), label) for a, b, label in csv.reader(file, delimiter="\t")]
        header, *rows = csv.reader(file)
    kinds = {"position": int, "label": str, "key": str}
    read = [kinds.get(name.removeprefix("# "), float) for name in header]
    return [tuple(kind(cell) for kind, cell in zip(read, row, strict=True)) for row in rows]


def _read_midi(path: str) -> dict[str, list[tuple[float, int]]]:
    """The notes of each track by its name: (onset in s, key), in order."""
    import mido

    file = mido.MidiFile(path, charset="utf-8")
    tempi: list[tuple[int, float, float]] = [(0, 0.0, 0.5)]  # tick, second, seconds a quarter
    tick = 0
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "set_tempo":
            since, second, quarter = tempi[-1]
            at = second + (tick - since) / file.ticks_per_beat * quarter
            tempi.append((tick, at, message.tempo / 1e6))
    tracks: dict[str, list[tuple[float, int]]] = {}
    for track in file.tracks[1:]:
        tick, current, notes = 0, 0, []
        for message in track:
            tick += message.time
            while current + 1 < len(tempi) and tempi[current + 1][0] <= tick:
                current += 1
            if message.type == "note_on" and message.velocity:
                since, second, quarter = tempi[current]
                notes.append((second + (tick - since) / file.ticks_per_beat * quarter, message.note))
        tracks[track.name] = notes
    return tracks
