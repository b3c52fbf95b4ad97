"""A dataset, built for real: of a tiny song of a table, and of one more; its checksums, and what it says of mistakes."""

import hashlib
import json
import re
import subprocess

import pytest
import soundfile as sf
from workdirs import Workdir

CONFIG = """\
songs:
  - {table: songs.csv, template: tune.yaml, name: kits/$name}
datasets: [mini]
session: {sample_rate: 8000, channels: 1}
gates: {placeholder: false, edges: false}
"""
TABLE = "name,tempo,kick,fold\nslow,200,x---,train\n"
SONG = """\
title: "$name"
bpm: $tempo
sections: [verse: {length: 1 bars, chords: "| C7 |"}]
stems:
  drums: {gain_db: -3, source: {drums: {patterns: {"*": {kick: "$kick"}}}}}
  lead:
    gain_db: -9
    gates: {notes_heard: true}
    source:
      play:
        instrument: {subtractive: {oscillators: [{semitones: 0}]}}
        parts: {"*": {notes: {pattern: "B4 F5 1/8, G#4 A#4 1/8, F4 B4 1/8, A3 G4 1/8, D#4 A4 1/8, C#4 D#4 1/8, A4 G5 1/8, A#3 G#4 1/8"}}}
"""
DATASET = """\
title: Mini kits
license: CC BY 4.0
songs: [kits/*]
audio: [mix]
splits: {column: fold}
delivery: {container: FLAC, subtype: PCM_16}
"""


@pytest.fixture(scope="module")
def mini(tmp_path_factory, code):
    """The dataset, built by the name of its target: the folder."""
    work = Workdir(tmp_path_factory.mktemp("datasets"), code)
    work.write("config.yaml", CONFIG)
    work.write("songs.csv", TABLE)
    work.write("tune.yaml", SONG)
    work.write("datasets/mini.yaml", DATASET)
    work.snakemake("datasets")
    return work


def test_a_dataset_as_mirdata_and_sha256sum_read_it(mini):
    home = mini / "build/datasets/mini"
    index = json.loads((home / "index.json").read_text())
    assert list(index["tracks"]) == ["kits_slow"] and index["version"] == "1.0"
    for entry in index["tracks"].values():  # as mirdata.validate.validate_files does it
        assert {"mix", "jams", "midi", "beats", "chords", "notes_drums"} <= set(entry)
        for path, md5 in entry.values():
            assert hashlib.md5((home / path).read_bytes()).hexdigest() == md5
    assert json.loads((home / "splits.json").read_text()) == {"train": ["kits_slow"]}
    subprocess.run(["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"], cwd=home, check=True)
    jams = json.loads((home / index["tracks"]["kits_slow"]["jams"][0]).read_text())
    audio = sf.info(home / index["tracks"]["kits_slow"]["mix"][0])
    assert audio.frames / audio.samplerate == jams["file_metadata"]["duration"] == 1.2  # 4 beats of 0.3 s
    onsets = (home / index["tracks"]["kits_slow"]["notes_drums"][0]).read_text().splitlines()
    assert [float(row.split(",")[0]) for row in onsets[1:]] == pytest.approx([0, 0.3, 0.6, 0.9])
    track = json.loads((home / index["tracks"]["kits_slow"]["metadata"][0]).read_text())
    assert track["parameters"] == {"name": "slow", "tempo": 200, "kick": "x---", "fold": "train"}
    assert not list((mini / "build/kits/slow").glob("*.zip"))  # the song's own delivery was not asked for
    heard = json.loads((mini / "build/kits/slow/stems/lead.wav.ok").read_text())["checks"]
    heard = {check["id"]: check["status"] for check in heard if check["id"].startswith("notes_heard")}
    assert set(heard) == {f"notes_heard{part}" for part in ("", ".silence", ".late", ".octave")}
    assert set(heard.values()) == {"pass"}
    notes = (mini / "build/kits/slow/annotations/notes").glob("*.csv")
    assert [path.name for path in notes] == ["lead.csv"]  # drums are not compared


@pytest.mark.long
def test_one_more_song_damage_and_what_is_said(mini):
    assert "Nothing to be done" in mini.snakemake("-n", "datasets").text
    said = mini.fails("-n", "build/datasets/mini/indx.json").text
    assert "dataset mini has no such target; did you mean build/datasets/mini/index.json?" in said
    mini.write("songs.csv", f"{TABLE}fast,240,x-x-,test\n")
    planned = mini.snakemake("-n", "datasets").jobs
    assert not [job for job in planned if "slow" in job]
    assert {"write the index", "track kits_fast", "notes of kits_fast/drums"} <= set(planned)
    mini.snakemake("datasets")
    home = mini / "build/datasets/mini"
    assert json.loads((home / "splits.json").read_text()) == {"test": ["kits_fast"], "train": ["kits_slow"]}
    table = next(home.glob("annotations/kits_fast/*_beats.csv"))
    table.write_text(table.read_text().replace("0.250000000", "0.260000000"))
    assert "annotations.beats.table" in mini.fails("datasets").text
    mini.snakemake("datasets")
    assert "0.250000000" in table.read_text()
    said = mini.snakemake("-n", "datasets", "--config", "songs=[kits/slow]").text
    assert "datasets/mini.yaml: is left out of this run, since the command line chooses songs" in said
    mini.write("tune.yaml", SONG.replace("semitones: 0", "semitones: 12"))  # not as its notes are written
    said = mini.fails("build/kits/slow/stems/lead.wav.ok").text
    assert "refused: build/kits/slow/stems/lead.wav: notes_heard" in said
    assert re.search(r"notes_heard +FAIL +[0-2] of \d+ notes", said)
