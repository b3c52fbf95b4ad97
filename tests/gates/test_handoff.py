"""The gate of files for a DAW: passes what a song gives, refuses what is late, short of something, or damaged."""

import json
import zipfile

import pytest
from moving_song import moving_plan

from stemwright.delivery.handoff import write_handoff
from stemwright.delivery.zip_writer import write_zip
from stemwright.gates import Subject, make, verify
from stemwright.music.timeline.timeline import document

STAGE = "stage/x_labels_count-in-2-bars.txt"
NAMES = ["x.mid", "x.rpp", "x.dawproject", "x_labels.txt", "x_tempo.csv", STAGE]


def checks(name):
    """What is judged in a file: labels have no bar lines, and a table has no sections."""
    found = {"handoff.bars": "pass", "handoff.sections": "pass"}
    found.pop({"txt": "handoff.bars", "csv": "handoff.sections"}.get(name[-3:], ""), None)
    return found


@pytest.fixture
def judged(tmp_path):
    """`judged(name, damage, edit)`: the statuses of bars and sections; `damage` changes the bytes, `edit` the song."""

    def judged(name, damage=lambda data: data, edit=lambda song: None):
        plan = moving_plan(tmp_path, edit)
        path, song = tmp_path / name, plan.song
        path.parent.mkdir(exist_ok=True)
        write_handoff(path, plan.job(plan.graph.get("handoff", name))["params"])
        path.write_bytes(damage(path.read_bytes()))
        keys = [None] * len(song.timeline.sections)
        (tmp_path / "timeline.json").write_text(json.dumps(document(song.timeline, None, keys)))
        context = plan.verification(plan.graph.get("handoff", name))["params"]["context"]
        inputs = {"timeline": [str(tmp_path / "timeline.json")]}
        checks = verify(
            Subject(str(path), "handoff", context=context, inputs=inputs), make({"handoff": {}})
        ).checks
        return {check.id: check.status for check in checks}

    return judged


def repacked(tmp_path, change):
    """Damage of the document in a DAWproject."""

    def damage(data):
        (tmp_path / "in.zip").write_bytes(data)
        with zipfile.ZipFile(tmp_path / "in.zip") as archive:
            members = [(name, change(archive.read(name))) for name in archive.namelist()]
        write_zip(tmp_path / "out.zip", members)
        return (tmp_path / "out.zip").read_bytes()

    return damage


@pytest.mark.parametrize("name", NAMES)
def test_what_a_song_gives_passes(judged, name):
    assert judged(name) == checks(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_song_without_sections_passes(judged, name):
    def edit(song):
        del song["sections"], song["changes"], song["pickup"]
        song["stems"] = {"a": {"source": {"tone": {"note": "A2"}}}}
        song["length"] = "3 bars + 10 ms"

    assert judged(name, edit=edit) == checks(name)


BAD = {
    "a meter of REAPER": ("x.rpp", b" 524295 ", b" 524294 "),
    "a tempo of REAPER": ("x.rpp", b"PT 0.625 96 ", b"PT 0.625 95 "),
    "a region of REAPER": ("x.rpp", b"MARKER 3 8.95525", b"MARKER 3 8.95725"),
    "a name in REAPER": ("x.rpp", b'"chorus"', b'"refrain"'),
    "a name in MIDI": ("x.mid", b"chorus", b"Chorus"),
    "a region of labels": ("x_labels.txt", b"0.625000\t8.955250", b"0.627000\t8.955250"),
    "a name in labels": ("x_labels.txt", b"\tchorus", b"\trefrain"),
    "a region without length": ("x_labels.txt", b"8.955250\t18.983750", b"8.955250\t8.955250"),
    "the count-in in labels": (STAGE, b"\tcount-in of 2 bars", b"\tcount-in of 1 bar"),
    "a section in labels without the count-in": (STAGE, b"7.500000\t15.830250", b"0.625000\t8.955250"),
    "a bar line in a table": ("x_tempo.csv", b"0.625000000", b"0.627000000"),
    "a bar too many in a table": ("x_tempo.csv", b"9,3,3/4", b"10,3,3/4"),
    "a bar too few in a table": ("x_tempo.csv", b"9,1,3/4", b"8,1,3/4"),
    "a meter of MIDI": ("x.mid", b"\xff\x58\x04\x07\x03", b"\xff\x58\x04\x06\x03"),
    "a meter of a DAWproject": ("x.dawproject", b'numerator="7"', b'numerator="5"'),
    "a tempo of a DAWproject": ("x.dawproject", b'time="0.0" value="96.0"', b'time="0.0" value="95.0"'),
    "a marker of a DAWproject": ("x.dawproject", b'name="chorus"', b'name="verse"'),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_off_is_refused(judged, tmp_path, what):
    name, old, new = BAD[what]

    def change(data):
        assert data.count(old) == 1 or name == "x.dawproject"
        return data.replace(old, new)

    damage = repacked(tmp_path, change) if name == "x.dawproject" else change
    assert "fail" in judged(name, damage).values()


DAMAGED = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:300],
    "beheaded": lambda data: data[100:],
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_damaged_is_refused_without_a_traceback(judged, name, damage):
    assert "fail" in judged(name, DAMAGED[damage]).values()


def test_a_document_that_grows_when_it_is_read_is_refused(judged, tmp_path):
    bomb = repacked(tmp_path, lambda data: data.replace(b"?>", b"?><!DOCTYPE x [<!ENTITY a 'b'>]>", 1))
    assert judged("x.dawproject", bomb) == {"readable": "fail"}
