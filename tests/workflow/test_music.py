"""The rebuild contract of stems that play parts: what an edit of harmony, of a part or of a MIDI file makes run."""

import json
import shutil
from fractions import Fraction

import pytest
from contract import FINISH, PACK, next_run, processing_of, rendering_of
from workdirs import Workdir, copy_code, once

from stemwright.music.midi_file import write_midi
from stemwright.music.parts import Event
from stemwright.music.timeline import TempoChange, TempoMap, parse_bpm, parse_time_signature

TIMELINE = ["timeline", "verify the timeline"]
ORGAN = {"organ": {}}


def play(parts, **keys):
    return {"source": {"play": {"instrument": ORGAN, "parts": parts, **keys}}, "gain_db": -12}


SONG = {
    "bpm": 120,
    "key": "G major",
    "sections": [
        {"verse": {"length": "2 bars", "chords": "| G | Am7 D7 |"}},
        {"chorus": {"length": "2 bars", "chords": "| IV | V |"}},
        {"end": "1 bar"},
    ],
    "stems": {
        "bass": play({"verse": {"degrees": "1 . 5 . 3 - . ."}, "chorus": {"same": "verse"}}, transpose=-12),
        "hook": play({"chorus": {"notes": "E4 1/4, G4 1/8., rest 1/16, B4 1/2"}}),
        "keys": play({"verse": {"chords": "x--x--x-"}, "chorus": {"arpeggio": "updown"}}),
        "seq": play({"verse": {"midi": "a.mid"}, "chorus": {"midi": {"file": "b.mid", "loop_bars": 1}}}),
    },
}


def from_stem(*stems):
    delivery = [f"{verb} tune_{stem}.wav" for stem in stems for verb in ("deliver", "verify")]
    return [*rendering_of(*stems), *processing_of(*stems), *FINISH, *delivery, *PACK]


def write_notes(path, *pitches):
    notes = [Event(Fraction(i), Fraction(i + 1), pitch, 0.7) for i, pitch in enumerate(pitches)]
    write_midi(
        path, {"notes": notes}, TempoMap([TempoChange(1, parse_bpm(120), parse_time_signature("4/4"))])
    )


@pytest.fixture(scope="module")
def music(tmp_path_factory, code):
    def build(folder):
        work = Workdir(folder, code)
        work.write("config.yaml", {"songs": ["tune"], "session": {"sample_rate": 8000, "channels": 2}})
        work.write("songs/tune.yaml", SONG)
        write_notes(work / "a.mid", 60, 62, 64, 65)
        write_notes(work / "b.mid", 72, 71)
        work.snakemake()

    return Workdir(once(tmp_path_factory, "music", build), code)


@pytest.fixture
def workdir(music, tmp_path):
    shutil.copytree(music.path, tmp_path / "work")
    return Workdir(tmp_path / "work", music.code)


def test_the_timeline_has_keys_and_chords(music):
    sections = json.loads((music / "build/tune/timeline.json").read_text())["sections"]
    assert [section["key"] for section in sections] == ["G major"] * 3
    assert [[chord["symbol"] for chord in section["chords"]] for section in sections] == [
        ["G", "Am7", "D7"],
        ["C", "D"],
        [],
    ]
    d7 = {"symbol": "D7", "frame": 24_000, "bar": 2, "beat": "3", "seconds": 3.0}
    assert sections[0]["chords"][2] == d7


def test_a_chord_chart(workdir):
    workdir.edit("sections", 0, "verse", "chords", value="| G | Am7 D7/F# |")
    assert next_run(workdir) == sorted([*TIMELINE, *from_stem("keys")])


def test_the_spelling_of_a_chord_is_no_sound(workdir):
    workdir.edit("sections", 0, "verse", "chords", value="| G | Amin7 D7 |")
    assert next_run(workdir) == sorted([*TIMELINE, *PACK])


@pytest.mark.long
def test_the_key_of_the_song_moves_degrees_and_numerals(workdir):
    workdir.edit("key", value="Ab major")
    assert next_run(workdir) == sorted([*TIMELINE, *from_stem("bass", "keys")])


@pytest.mark.long
def test_transposing_a_section_moves_what_is_not_absolute(workdir):
    workdir.edit("sections", 1, "chorus", "transpose", value=1)
    assert next_run(workdir) == sorted([*TIMELINE, *from_stem("bass", "keys")])
    chorus = json.loads((workdir / "build/tune/timeline.json").read_text())["sections"][1]
    assert (chorus["key"], [chord["symbol"] for chord in chorus["chords"]]) == ("Ab major", ["Db", "Eb"])


def test_a_part(workdir):
    workdir.edit("stems", "hook", "source", "play", "parts", "chorus", "notes", value="E4 1/2, G4 1/2")
    assert next_run(workdir) == sorted(from_stem("hook"))


def test_the_bytes_of_a_midi_file(workdir):
    write_notes(workdir / "a.mid", 60, 62, 64, 67)
    assert next_run(workdir) == sorted(from_stem("seq"))


@pytest.mark.long
def test_two_midi_files_that_are_swapped(workdir):
    parts = ("stems", "seq", "source", "play", "parts")
    workdir.edit(*parts, "verse", "midi", value="b.mid")
    workdir.edit(*parts, "chorus", "midi", "file", value="a.mid")
    assert next_run(workdir) == sorted(from_stem("seq"))


@pytest.mark.long
def test_one_midi_file_for_two_sections(workdir):
    workdir.edit("stems", "seq", "source", "play", "parts", "chorus", "midi", "file", value="a.mid")
    assert workdir.snakemake("build/tune/stems/seq.wav").jobs == ["render seq"]
    write_notes(workdir / "a.mid", 60, 62)
    data = (workdir / "a.mid").read_bytes()
    first_note = data.index(b"\x00\x90")
    program = data[:first_note] + b"\0\xc0\5" + data[first_note:]
    (workdir / "a.mid").write_bytes(program)  # the track's length is wrong now, which matters to no player
    run = workdir.snakemake("build/tune/stems/seq.wav")
    assert run.jobs == ["render seq"]
    told = "build/tune/stems/seq.wav: a.mid: channel 1: not played: program change (1)"
    assert run.text.count(told) == 1


def test_a_broken_midi_file_is_told_before_anything_runs(workdir):
    (workdir / "a.mid").write_bytes((workdir / "a.mid").read_bytes()[:-9])
    run = workdir.fails()
    told = (
        "midi: a.mid: is not a MIDI file that can be read, or is damaged (it ends too early): export it again"
    )
    assert "songs/tune.yaml:" in run.text and told in run.text and run.jobs == []


@pytest.mark.long
def test_the_code_of_a_part_makes_run_who_plays_it(workdir, tmp_path):
    workdir.code = copy_code(tmp_path / "code")
    path = workdir.code / "scripts/stemwright/music/parts/degrees.py"
    path.write_text(path.read_text() + "\n# changed\n")
    assert next_run(workdir) == sorted(from_stem("bass"))
