"""Songs in folders and songs of a table, built for real: each is built again for its own file or row, and for no other."""

import json
import re
import zipfile

import numpy as np
import pytest
import soundfile as sf

TEMPLATE = """\
title: Étude $id
bpm: $tempo
length: 1 bar
stems:
  tone: {source: {tone: {note: $note}}, gain_db: $gain}
"""
HEADER, FIRST, SECOND = "id,tempo,note,gain\n", "001,120,A4,-3\n", "002,240,A3,-6\n"


@pytest.fixture
def listed(empty):
    """A folder with a song in a folder, and with two in a table."""
    table = {"table": "etudes.csv", "template": "etude.yaml", "name": "etudes/$id"}
    session = {"sample_rate": 8000, "channels": 1}
    empty.write("config.yaml", {"songs": ["rock/", table], "session": session})
    values = {"$id": "1", "$tempo": "240", "$note": "A2", "$gain": "0"}
    text = re.sub(r"\$\w+", lambda found: values[found[0]], TEMPLATE)
    empty.write("songs/rock/blue.yaml", text)
    empty.write("etude.yaml", TEMPLATE)
    empty.write("etudes.csv", HEADER + FIRST + SECOND)
    return empty


def jobs(run):
    """The songs of the jobs of a plan."""
    return set(re.findall(r"^Job \d+: (\S+): ", run.text, re.MULTILINE))


def test_an_edit_of_a_row_is_one_of_its_song_alone(listed):
    listed.snakemake("stems")
    for name, hertz, seconds in (("etudes/001", 440, 2), ("etudes/002", 220, 1), ("rock/blue", 110, 1)):
        stem, rate = sf.read(listed / f"build/{name}/processed/tone.wav")
        assert len(stem) == seconds * rate  # a bar of four beats
        assert np.argmax(np.abs(np.fft.rfft(stem))) / seconds == pytest.approx(hertz, abs=1)
    rows = f"1,glad,{FIRST}2,sad,{SECOND.replace('A3', 'C3')}3,?,003,90,A3,0\n"
    listed.write("etudes.csv", f"no,mood,{HEADER}{rows}")
    run = listed.snakemake("-n", "stems")
    assert "etudes.csv:1: no, mood: is used neither in etude.yaml nor" in run.text
    assert jobs(run) == {"etudes/002", "etudes/003"} and "(tone.note A3 → C3)" in run.text
    assert not re.search("etudes/002: timeline", run.text)


@pytest.mark.long
def test_songs_in_folders_are_packed_and_pruned_by_their_names(listed):
    listed.snakemake("archives")
    with zipfile.ZipFile(listed / "build/rock/blue/blue.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["song"] == "rock/blue"
        assert {"blue_master.wav", "blue_tone.wav"} <= set(archive.namelist())
    listed.write("etudes.csv", HEADER + SECOND + FIRST)  # in another order, they are the same songs
    assert listed.snakemake("-n", "archives").jobs == []
    for chosen in ("etudes/001", "rock/*"):  # what is not asked for is not removed
        run = listed.snakemake("-n", "prune", "--config", f'songs=["{chosen}"]')
        assert "\n0 files would be removed" in run.text
    listed.write("etudes.csv", HEADER + FIRST)
    run = listed.snakemake("-n", "prune")
    assert "would remove build/etudes/002/master/master.wav\n" in run.text
    assert not re.search("would remove build/(etudes/001|rock)", run.text)


def test_mistakes_are_told_before_anything_is_built(listed):
    listed.write("etudes.csv", HEADER + FIRST + SECOND.replace("-6", "loud"))
    assert "etudes.csv:3: gain: gives stems.tone.gain_db (etude.yaml:5), which must be" in listed.fails().text
    (listed / "etude.yaml").unlink()  # config.yaml is in the order of its keys
    assert (
        "config.yaml:4: songs[1].template: etude.yaml is missing, or not a regular file"
        in listed.fails().text
    )
    chosen = listed.fails("--config", "songs=[etudes/001]").text
    assert "config.yaml:4: songs[1].template: etude.yaml is missing" in chosen
    listed.write("etude.yaml", TEMPLATE)
    said = listed.fails("build/rock/bleu/stems/tone.wav").text
    assert "there is no song rock/bleu; did you mean build/rock/blue/stems/tone.wav?" in said
    assert not (listed / "build").exists()
