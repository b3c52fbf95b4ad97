"""Annotations of a song that moves: closed forms of its times, JAMS by its schema, and MIDI as mido reads it."""

import json
import math
import re
from itertools import pairwise

import mido
import pytest
from jsonschema import Draft4Validator
from moving_song import moving_plan

from stemwright.delivery.annotations import write_annotations
from stemwright.delivery.performance import notes_table, read_notes, read_performance
from stemwright.music.timeline import Timeline

TABLES = ("beats.csv", "downbeats.csv", "sections.csv", "chords.lab", "keys.csv", "tempo.csv")

# Of JAMS 0.3 (schemata/jams_schema.json and namespaces/*), what we write of it.
VALUES = {
    "beat_position": {
        "type": "object",
        "required": ["position", "measure", "num_beats", "beat_units"],
        "properties": {
            "position": {"type": "number", "minimum": 1},
            "measure": {"type": "integer", "minimum": 0},
            "num_beats": {"type": "integer", "minimum": 1},
            "beat_units": {"enum": [1, 2, 4, 8, 16, 32, 64, 128, 256]},
        },
    },
    "tempo": {"type": "number", "minimum": 0},
    "segment_open": {"type": "string"},
    "chord": {"type": "string"},
    "key_mode": {
        "type": "string",
        "pattern": "^[A-G][b#]?:(major|minor|dorian|phrygian|lydian|mixolydian|locrian)$",
    },
    "note_midi": {"type": "number"},
}


def annotation_schema(value):
    at_least_0 = {"type": "number", "minimum": 0}
    row = {
        "time": at_least_0,
        "duration": at_least_0,
        "value": value,
        "confidence": {"type": "number", "maximum": 1},
    }
    return {
        "type": "object",
        "required": ["annotation_metadata", "data", "namespace"],
        "properties": {
            "annotation_metadata": {
                "type": "object",
                "properties": {"curator": {"required": ["name", "email"]}},
            },
            "data": {"type": "array", "items": {"type": "object", "required": [*row], "properties": row}},
            "time": at_least_0,
            "duration": at_least_0,
            "sandbox": {"type": "object"},
        },
    }


def edit(song):
    song["annotations"] = True
    song["delivery"] = {}
    song["sections"][1]["verse"]["chords"] = "| G | Em7 | C/E | N.C. |"
    song["sections"][2] = {"chorus": {"length": "5 bars", "key": "B minor"}}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The song's plan, its JAMS, its tables as rows of text, its MIDI file, and the notes of its stems."""
    folder = tmp_path_factory.mktemp("annotations")
    plan = moving_plan(folder, edit)
    params = plan.job(plan.graph.get("annotations"))["params"]
    timeline = Timeline.from_dict(params["timeline"])
    notes = {}
    for stem in ("bass", "drums", "pair"):
        played = plan.job(plan.graph.get("notes", stem))["params"]["performances"]
        (folder / stem).write_text(notes_table(read_performance(played, [], timeline), timeline.rate))
        notes[stem] = read_notes(folder / stem)
    paths = {"jams": folder / "x.jams", "midi": folder / "x.mid"}
    paths |= {f"{name.partition('.')[0]}_table": folder / name for name in TABLES}
    write_annotations(paths, params, timeline, notes)
    rows = {}
    for name in TABLES:
        lines = (folder / name).read_text().splitlines()
        rows[name] = [re.split("[,\t]", line) for line in lines if not line.startswith("#")]
    return (
        plan,
        json.loads(paths["jams"].read_text()),
        rows,
        mido.MidiFile(paths["midi"], charset="utf-8"),
        notes,
    )


def test_jams_is_as_its_schema_says(written):
    _, jams, _, _, _ = written
    found = [each["namespace"] for each in jams["annotations"]]
    assert found == ["beat_position", "tempo", "segment_open", "chord", "key_mode", *["note_midi"] * 3]
    for each in jams["annotations"]:
        Draft4Validator(annotation_schema(VALUES[each["namespace"]])).validate(each)
        assert each["duration"] == jams["file_metadata"]["duration"]
    said = jams["file_metadata"]
    assert re.fullmatch("[0-9].[0-9].[0-9]", said["jams_version"]) and said["title"].startswith('"quoted"')


def test_beats_and_tempo_by_closed_forms(written):
    _, jams, rows, _, _ = written
    beats = [(float(time), int(position)) for time, position in rows["beats.csv"]]
    quarter = 60 / 96
    assert beats[0] == (0.0, 4)  # the pick-up of one beat is the last of bar 0
    assert beats[1:6] == [
        (pytest.approx((1 + n) * quarter, abs=1e-9), p) for n, p in enumerate([1, 2, 3, 4, 1])
    ]
    # A ramp from 96 to 140 over 8 quarters, even in beats: dt = 60 dq / (96 + 44 q / 8).
    ramp = [5 * quarter + 60 * 8 / 44 * math.log(1 + 44 * q / 8 / 96) for q in range(9)]
    assert [time for time, _ in beats[5:14]] == pytest.approx(ramp, abs=1e-9)
    # Bar 4 at 140; bar 5 in 7/8, whose beats are eighths; then 3/4.
    bar5 = ramp[-1] + 4 * 60 / 140
    assert beats[17:24] == [(pytest.approx(bar5 + n * 30 / 140, abs=1e-9), n + 1) for n in range(7)]
    assert [position for _, position in beats[24:]] == [1, 2, 3] * 4
    # Bars 6 and 7 from 150 to 60 over 6 quarters, even in time: they last 6 * 60 / mean(150, 60) s. Bar 8 is at 100.
    bar8 = bar5 + 7 * 30 / 140 + 6 * 60 / 105
    assert beats[30][0] == pytest.approx(bar8, abs=1e-9)
    # Time stands for 1.5 s on its beat 3.
    assert beats[32][0] == pytest.approx(bar8 + 2 * 0.6, abs=1e-9)
    assert beats[33][0] == pytest.approx(bar8 + 3 * 0.6 + 1.5, abs=1e-9)
    tempo = [tuple(map(float, row)) for row in rows["tempo.csv"]]
    assert tempo[0] == (0.0, pytest.approx(5 * quarter, abs=1e-9), 96)
    assert [bpm for _, _, bpm in tempo[1:9]] == pytest.approx([60 / (b - a) for a, b in pairwise(ramp)])
    held = [(end, start) for (_, end, _), (start, _, _) in pairwise(tempo) if start - end > 1e-6]
    assert held == [(pytest.approx(bar8 + 1.2, abs=1e-9), pytest.approx(bar8 + 2.7, abs=1e-9))]
    assert [float(time) for (time,) in rows["downbeats.csv"]] == [time for time, p in beats if p == 1]
    first = jams["annotations"][0]["data"]
    assert [(row["time"], row["value"]["position"]) for row in first] == beats
    assert first[17]["value"] == {"position": 1, "measure": 5, "num_beats": 7, "beat_units": 8}


def test_sections_chords_and_keys(written):
    _, jams, rows, _, _ = written
    bars = [float(time) for (time,) in rows["downbeats.csv"]]
    end = f"{jams['file_metadata']['duration']:.3f}"
    assert [(row[2], float(row[0])) for row in rows["sections.csv"]] == [
        ("intro", 0.0),
        ("verse", bars[0]),
        ("chorus", bars[4]),
    ]
    assert [(float(a), float(b), label) for a, b, label in rows["chords.lab"]] == [
        (bars[0], bars[1], "G:maj"),
        (bars[1], bars[2], "E:min7"),
        (bars[2], bars[3], "C:maj/3"),
        (bars[3], bars[4], "N"),
    ]
    assert [(float(a), key) for a, _, key in rows["keys.csv"]] == [(0.0, "G:major"), (bars[4], "B:minor")]
    assert f"{float(rows['keys.csv'][-1][1]):.3f}" == end


def test_spans_in_jams_do_not_overlap_by_a_rounding(written):
    """As mir_eval.chord demands it of what `jams` gives: time + duration, in floats."""
    _, jams, _, _, _ = written
    for each in jams["annotations"][1:5]:
        spans = [(row["time"], row["time"] + row["duration"]) for row in each["data"]]
        assert all(end <= start for (_, end), (start, _) in pairwise(spans)), each["namespace"]
        assert max(end for _, end in spans) <= jams["file_metadata"]["duration"]


def test_the_midi_file_has_the_notes_where_they_sound(written):
    """Read by mido, at the tempo of the file: within a millisecond, but for what begins while time is held."""
    _, _, rows, midi, notes = written
    held = next((float(a[1]), float(b[0])) for a, b in pairwise(rows["tempo.csv"]) if a[1] != b[0])
    for track in midi.tracks[1:]:
        alone = mido.MidiFile(ticks_per_beat=midi.ticks_per_beat)
        alone.tracks = [midi.tracks[0], track]
        now, found = 0.0, []
        for message in alone:  # mido merges the tracks, and counts in seconds
            now += message.time
            if message.type == "note_on" and message.velocity:
                found.append((now, message.note))
        due = [(note.onset, round(note.pitch)) for note in notes[track.name]]
        assert len(found) == len(due) > 5
        pairs = [
            (a, b)
            for a, b in zip(sorted(found), sorted(due), strict=True)
            if not held[0] - 0.01 < b[0] < held[1] + 0.01
        ]
        assert max(abs(a[0] - b[0]) for a, b in pairs) < 0.001


def test_jams_has_the_notes_with_what_plays_them(written):
    _, jams, _, _, notes = written
    for each in jams["annotations"][-3:]:
        its = notes[each["sandbox"]["stem"]]
        assert [(row["time"], row["value"]) for row in each["data"]] == [(n.onset, n.pitch) for n in its]
        assert each["sandbox"]["velocity"] == [n.velocity for n in its]
    bass, drums, pair = (each["sandbox"] for each in jams["annotations"][-3:])
    assert (bass["is_drums"], drums["is_drums"]) == (False, True) and set(drums["piece"]) == {"kick", "hat"}
    assert set(pair["layer"]) == {"low"}
