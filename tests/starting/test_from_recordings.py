"""Songs that play a folder of recordings: faders that add up to the mix, and only the time that is certain."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import yaml
from click_tracks import ROCK, drummed, timeline
from exports import FRAMES, RATE, stems

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.starting.from_recordings import from_recordings

HEAD = {"schema": "", "target": "build/new/new.zip", "title": "New", "artist": ""}
PARTS = stems()


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(parts, whole=None, name="Song_mix.wav", rate=RATE):
    Path("takes").mkdir()
    for stem, sound in parts.items():
        sf.write(f"takes/Song_{stem}.wav", sound, rate, "PCM_24")
    if whole is not None:
        sf.write(f"takes/{name}", whole, rate, "PCM_24")


def started(audio="takes", **answers):
    """The data of the song, which must be one, and what was told."""
    rules = load_house({"songs": ["new"], "song": "new", "audio": str(audio), **answers}, [])
    text, told = from_recordings(rules, HEAD)
    with open("new.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    song = load_song("new", rules, "new.yaml")
    return yaml.safe_load(text), "\n".join(told), song


def test_faders_polarity_and_pans_of_a_mix_are_found():
    sides = {"bass": (0.5, 0.5), "drums": (-0.7, -0.7), "keys": (1.3, 0.4), "vocals": (0, 0)}
    write(PARTS, sum(np.array(sides[name]) * sound for name, sound in PARTS.items()))
    data, told, _ = started()
    found = data["stems"]
    assert found["bass"]["gain_db"] == pytest.approx(20 * np.log10(0.5), abs=0.001)
    assert found["drums"] | {"source": 0} == {
        "source": 0,
        "effects": [{"polarity": {}}],
        "gain_db": pytest.approx(20 * np.log10(0.7), abs=0.001),
    }
    assert found["keys"]["gain_db"] == pytest.approx(20 * np.log10(1.3), abs=0.001)
    # balance: the far side is lowered by cos(pan * 90°)
    assert np.cos(-found["keys"]["pan"] * np.pi / 2) == pytest.approx(0.4 / 1.3, abs=1e-4)
    assert found["vocals"]["mute"] is True and data["session"] == {"sample_rate": RATE}
    assert "at these faders, the stems add up to Song_mix.wav: the difference is 1" in told  # 100 dB and more


def test_stems_that_lie_elsewhere_than_in_the_mix():
    late = 37
    moved = {**PARTS, "keys": PARTS["keys"][late:], "bass": np.pad(PARTS["bass"], ((late, 0), (0, 0)))}
    write(moved, sum(PARTS.values()))
    data, _, _ = started()
    assert data["stems"]["keys"]["source"]["audio"]["at"] == f"{late / RATE:g} s"
    assert data["stems"]["bass"]["source"]["audio"]["start"] == f"{late / RATE:g} s"
    assert data["length"] == f"{FRAMES / RATE:g} s"


def test_a_mix_with_a_stem_that_is_missing():
    write({name: sound for name, sound in PARTS.items() if name != "vocals"}, sum(PARTS.values()))
    data, told, _ = started()
    assert {stem["gain_db"] for stem in data["stems"].values()} == {0}
    assert "do not add up to Song_mix.wav" in told and "a stem is missing" in told and "drums +0.0 dB" in told


def test_stems_that_integers_would_clip_are_delivered_as_floats():
    loud = PARTS["bass"] / np.abs(PARTS["bass"]).max() * 0.9
    write({"bass": loud, "keys": PARTS["keys"]}, 0.4 * (1.5 * loud + PARTS["keys"]))
    assert started()[0].get("delivery") is None
    sf.write("takes/Song_mix.wav", 0.4 * (3 * loud + PARTS["keys"]), RATE, "FLOAT")
    assert started()[0]["delivery"] == {"subtype": "FLOAT"}


def test_a_master_sets_the_target(tmp_path):
    """EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS has -23 LUFS."""
    t = np.arange(3 * RATE) / RATE
    tone = np.repeat(10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * t)[:, None], 2, axis=1)
    write(
        {"one": tone / 2, "two": 0.3 * tone + 0.01 * np.random.default_rng(1).normal(0, 1, tone.shape)},
        tone,
        "Song_master.wav",
    )
    data, _, _ = started()
    assert data["master"]["target"] == {"integrated_lufs": pytest.approx(-23, abs=0.11), "severity": "warn"}
    assert (
        data["master"]["limiter"]["ceiling_db"] == pytest.approx(-23, abs=0.2)
        or data["master"]["limiter"]["ceiling_db"] == -20
    )


@pytest.mark.parametrize("late, bpm", [(0, 101), (0.3, None)])
def test_bars_are_counted_only_where_they_begin_with_the_files(late, bpm):
    drums, _ = drummed(timeline(101, bars=8, rate=RATE), patterns={"*": ROCK})
    write(
        {
            "drums": np.pad(drums, ((round(late * RATE), 0), (0, 0))),
            "noise": 0.001 * np.random.default_rng(1).normal(0, 1, drums.shape),
        }
    )
    data, told, _ = started()
    assert data.get("bpm") == bpm
    if bpm is None:
        assert "its tempo is 101 BPM" in told and "`start: 0.3" in told and "no bpm" in told
    assert started(bpm="77.5")[0]["bpm"] == 77.5  # who knows it says it


def test_paths_are_relative_where_they_can_be(tmp_path):
    write({"a": PARTS["bass"]})
    for folder in ("takes", "./takes/", tmp_path / "takes", "other/../takes"):
        (tmp_path / "other").mkdir(exist_ok=True)
        assert started(folder)[0]["stems"]["Song_a"]["source"]["audio"]["file"] == "takes/Song_a.wav"
    (tmp_path / "takes").rename(tmp_path / "~ #x: {y}")
    assert started("~ #x: {y}")[0]["stems"]["Song_a"]["source"]["audio"]["file"] == "./~ #x: {y}/Song_a.wav"
    for folder, says in (("build/x", "is in build"), ("no", "no such folder"), ("file", "is a file")):
        (tmp_path / "build/x").mkdir(parents=True, exist_ok=True)
        (tmp_path / "file").touch()
        with pytest.raises(ValueError, match=says):
            started(folder)
