"""The annotations of a song: its ground truth as JAMS, as tables, and as MIDI.

JAMS is one JSON file with all of it (E. Humphrey, J. Salamon, O. Nieto, J. Forsyth, R. Bittner and J. P. Bello, "JAMS:
a JSON annotated music specification", ISMIR 2014; format 0.3). Times are exact musical time, and of notes the frames on
which they sound, in seconds with nine decimals.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from stemwright.base.files import atomic_write, write_json
from stemwright.delivery.performance import TimedNote, seconds, table
from stemwright.music.midi_file import TICKS, write_midi
from stemwright.music.parts import Event
from stemwright.music.timeline import Timeline

JAMS_VERSION = "0.3.4"

Interval = tuple[Fraction, Fraction, str]
"""Start and end in seconds, and a label."""

_METADATA = {
    "curator": {"name": "", "email": ""},
    "annotator": {},
    "version": "",
    "corpus": "",
    "annotation_tools": "Stemwright",
    "annotation_rules": "",
    "validation": "",
    "data_source": "synthesis",
}


@dataclass(frozen=True)
class Beat:
    """A beat: its time in seconds, its bar (0 in a pick-up), its place in that from 1, and the time signature there."""

    time: Fraction
    bar: int
    position: int
    beats: int
    unit: int


@dataclass(frozen=True)
class Annotations:
    """What is known of a song, without its notes.

    `tempo` has (start, end, beats per minute), the tempo in the notes that the song counts.
    """

    duration: Fraction
    beats: Sequence[Beat]
    tempo: Sequence[tuple[Fraction, Fraction, Fraction]]
    sections: Sequence[Interval]
    chords: Sequence[Interval]
    keys: Sequence[Interval]


def annotate(params: Mapping[str, Any], timeline: Timeline) -> Annotations:
    """Find what is known of a song from what its stage says of it, and its timeline."""
    duration = Fraction(timeline.frames, timeline.rate)

    def at(quarter: Fraction) -> Fraction:
        """Its time; of the end of the music, which is rounded to a frame, not after that of the audio."""
        return min(timeline.tempo.seconds(quarter), duration)

    spans = timeline.sections_or_all
    chords = [(at(Fraction(start)), at(Fraction(end)), label) for start, end, label in params["chords"]]
    keys = [
        (at(span.start), at(span.end), key.replace(" ", ":"))
        for span, key in zip(spans, params["keys"], strict=True)
        if key
    ]
    return Annotations(
        duration,
        list(_beats(timeline)) if params["has_tempo"] else [],
        _joined((a, min(b, duration), bpm) for a, b, bpm in _tempi(timeline)) if params["has_tempo"] else [],
        [(at(span.start), at(span.end), span.name) for span in timeline.sections],
        _joined(chords),
        _joined(keys),
    )


def _beats(timeline: Timeline) -> Iterator[Beat]:
    meters = timeline.tempo.meters
    for bar, beat, quarter in meters.beats():
        if timeline.frame(quarter) >= timeline.end_frame:
            return
        signature = meters.at(quarter).signature
        yield Beat(
            timeline.tempo.seconds(quarter), bar, int(beat), len(signature.beats), signature.denominator
        )


def _tempi(timeline: Timeline) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """The tempo from time to time; in a ramp, that of each beat on average. While time is held there is none."""
    tempo = timeline.tempo
    held = dict(tempo.holds)
    beats = [quarter for _, _, quarter in _until(tempo.meters.beats(), timeline.end)]
    for passage in tempo.passages():
        end = timeline.end if passage.end is None else min(passage.end, timeline.end)
        inner = {at for at in held if passage.start < at < end}
        if passage.bpm != passage.to:
            inner |= {at for at in beats if passage.start < at < end}
        for first, last in pairwise(sorted({passage.start, *inner, end})):
            start, stop = tempo.seconds(first) + held.get(first, 0), tempo.seconds(last)
            if start < stop:
                yield start, stop, 60 * (last - first) / (stop - start) / passage.signature.unit_quarters


def _until(beats: Iterator[tuple[int, int, Fraction]], end: Fraction) -> Iterator[tuple[int, int, Fraction]]:
    for beat in beats:
        if beat[2] >= end:
            return
        yield beat


def _joined(intervals: Any) -> list:
    """Intervals, of which those that follow each other with one value are one."""
    found: list = []
    for start, end, value in intervals:
        if found and found[-1][1:] == (start, value):
            found[-1] = (found[-1][0], end, value)
        else:
            found.append((start, end, value))
    return found


def tables(known: Annotations) -> dict[str, str]:
    """The text of each table, by what follows the name of the song. That of chords has tabs: labels have commas."""

    def intervals(rows: Sequence[tuple[Fraction, Fraction, Any]]) -> list[tuple[str, str, Any]]:
        return [(_seconds(start), _seconds(end), value) for start, end, value in rows]

    beats = [(_seconds(beat.time), beat.position) for beat in known.beats]
    downbeats = [(time,) for time, position in beats if position == 1]
    tempo = [(start, end, f"{_number(bpm):.12g}") for start, end, bpm in intervals(known.tempo)]
    chords = ["\t".join(row) for row in intervals(known.chords)]
    return {
        "beats.csv": table(("time", "position"), beats),
        "downbeats.csv": table(("time",), downbeats),
        "sections.csv": table(("start", "end", "label"), intervals(known.sections)),
        "chords.lab": "".join(f"{row}\n" for row in chords),
        "keys.csv": table(("start", "end", "key"), intervals(known.keys)),
        "tempo.csv": table(("start", "end", "bpm"), tempo),
    }


def jams(
    known: Annotations, params: Mapping[str, Any], notes: Mapping[str, Sequence[TimedNote]]
) -> dict[str, Any]:
    """All annotations as plain data for JSON, as JAMS has them.

    Parameters
    ----------
    known
        What is known of the song.
    params
        What its stage says of it: `title`, `artist`, and of each of the `stems` that have notes its `name`,
        `instrument`, and `is_drums`.
    notes
        The notes of each of these.

    Returns
    -------
    dict
    """
    duration = _number(known.duration)
    positions = [
        (
            beat.time,
            beat.time,
            {
                "position": beat.position,
                "measure": beat.bar,
                "num_beats": beat.beats,
                "beat_units": beat.unit,
            },
        )
        for beat in known.beats
    ]
    timed: dict[str, Sequence[tuple[Any, Any, Any]]] = {
        "beat_position": positions,
        "tempo": [(start, end, _number(bpm)) for start, end, bpm in known.tempo],
        "segment_open": known.sections,
        "chord": known.chords,
        "key_mode": known.keys,
    }
    found = [_annotation(name, duration, rows, {}) for name, rows in timed.items() if rows]
    for stem in params["stems"]:
        its = notes[stem["name"]]
        more: dict[str, Any] = {
            "stem": stem["name"],
            "instrument": stem["instrument"],
            "is_drums": stem["is_drums"],
            "velocity": [note.velocity for note in its],
        }
        more |= {
            key: [getattr(note, key) for note in its]
            for key in ("layer", "piece")
            if any(getattr(note, key) for note in its)
        }
        rows = [(note.onset, note.onset + note.duration, note.pitch) for note in its]
        found.append(_annotation("note_midi", duration, rows, more))
    said = {"title": params["title"], "artist": params["artist"] or "", "release": ""}
    return {
        "file_metadata": {**said, "duration": duration, "identifiers": {}, "jams_version": JAMS_VERSION},
        "annotations": found,
        "sandbox": {},
    }


def _annotation(
    namespace: str, duration: float, rows: Sequence[tuple[Any, Any, Any]], more: Mapping[str, Any]
) -> dict[str, Any]:
    data = [{**_placed(start, end), "value": value, "confidence": 1.0} for start, end, value in rows]
    return {
        "namespace": namespace,
        "annotation_metadata": _METADATA,
        "data": data,
        "sandbox": dict(more),
        "time": 0.0,
        "duration": duration,
    }


def _placed(start: Fraction | float, end: Fraction | float) -> dict[str, float]:
    """Time and duration in floats, whose sum is not after the end: mir_eval refuses what overlaps by a rounding."""
    time, stop = _number(start), _number(end)
    duration = stop - time
    while time + duration > stop:
        duration = math.nextafter(duration, 0)
    return {"time": time, "duration": duration}


def write_performance(
    path: str | os.PathLike,
    timeline: Timeline,
    stems: Sequence[Mapping[str, Any]],
    notes: Mapping[str, Sequence[TimedNote]],
) -> None:
    """Write the notes as they sound to a MIDI file with the song's tempo: a track for each stem.

    MIDI has no pitch between two keys: what is bent is on the nearest.

    Parameters
    ----------
    path
        The file to write.
    timeline
        The song's timeline.
    stems
        The `name` of each stem that has notes, and whether it `is_drums`.
    notes
        The notes of each.
    """
    parts = {stem["name"]: _apart([_event(note, timeline) for note in notes[stem["name"]]]) for stem in stems}
    drums = [stem["name"] for stem in stems if stem["is_drums"]]
    markers = [(section.start, section.name) for section in timeline.sections]
    write_midi(path, parts, timeline.tempo, drums=drums, markers=[*markers, (timeline.end, "end")])


def _apart(events: Sequence[Event]) -> list[Event]:
    """Events of which none outlasts the next one on its key: a note-off would end that."""
    found, following = list[Event](), dict[int, Fraction]()
    for event in sorted(events, reverse=True):
        after = following.get(event.pitch, event.end)
        found.append(replace(event, end=min(event.end, after)) if after > event.start else event)
        following[event.pitch] = event.start
    return found[::-1]


def _event(note: TimedNote, timeline: Timeline) -> Event:
    """A note in quarters; in a hold, where time stands, it is one tick long."""
    first = round(note.onset * timeline.rate)
    last = round((note.onset + note.duration) * timeline.rate)
    start, end = (timeline.tempo.quarters(Fraction(frame, timeline.rate)) for frame in (first, last))
    key = min(max(round(note.pitch), 0), 127)
    return Event(start, max(end, start + Fraction(1, TICKS)), key, note.velocity / 127)


def write_annotations(
    paths: Mapping[str, str | os.PathLike],
    params: Mapping[str, Any],
    timeline: Timeline,
    notes: Mapping[str, Sequence[TimedNote]],
) -> None:
    """Write all annotations of a song.

    Parameters
    ----------
    paths
        Where to write each file: `jams`, `midi`, and the tables: `beats_table` is that of `beats.csv`.
    params
        What its stage says of it.
    timeline
        Its timeline.
    notes
        The notes of each stem that has some.
    """
    known = annotate(params, timeline)
    write_json(paths["jams"], jams(known, params, notes))
    write_performance(paths["midi"], timeline, params["stems"], notes)
    for name, text in tables(known).items():
        with atomic_write(paths[f"{name.partition('.')[0]}_table"]) as part:
            part.write_text(text, encoding="utf-8")


def _number(value: Fraction | float) -> float:
    return round(float(value), 9)


def _seconds(value: Fraction) -> str:
    return seconds(float(value))
