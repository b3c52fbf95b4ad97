"""Every mistake one can make in a song or in config.yaml, and exactly what is said of it, and where.

What is said stands in the files themselves: `#! message` is expected of the nearest line above that is none.
"""

import json
import re
from pathlib import Path

import pytest
import soundfile as sf
import yaml as pyyaml

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation.problems import InvalidFileError

TEXT = (Path(__file__).resolve().parent / "mistakes.txt").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^### (.*)\n((?:(?!### ).*\n)*)", TEXT, re.MULTILINE))
CONFIGS = [title for title in FILES if title.startswith("config.yaml: ")]
SONGS = [title for title in FILES if title not in CONFIGS]
KNOWN = (
    "known are: against, albums, annotations, artist, audio, bpm, cache, commit, datasets, deliveries, delivery, "
    "file, gates, keep, key, metadata, "
    "pathvars, report, session, solo, song, songs, style, title"
)
NAME = "must be letters, digits, - and _ only, at most 64, not beginning with -"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory: `ref.wav` is a second of audio, `text.wav` is none, `songs/` waits for songs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()
    (tmp_path / "text.wav").write_text("not sound at all")
    sf.write("ref.wav", [[0.0, 0.0]] * 48_000, 48_000, subtype="PCM_16")
    return tmp_path


def expected(file, text):
    """What the `#!` of a text ask for."""
    messages, line = [], 0
    for number, content in enumerate(text.splitlines(), 1):
        if content.startswith("#! "):
            messages.append(f"{file}:{line}: {content[3:]}")
        else:
            line = number
    return messages


def told(read):
    with pytest.raises(InvalidFileError) as caught:
        read()
    return str(caught.value).splitlines()


@pytest.mark.parametrize("name", SONGS)
def test_what_is_said_of_a_song(folder, name):
    text = FILES[name]
    (folder / "songs/x.yaml").write_text(text, encoding="utf-8")
    assert "#! " in text
    rules = load_house({"songs": ["x"]}, [])
    assert told(lambda: load_song("x", rules, "songs/x.yaml")) == expected("songs/x.yaml", text)


def test_the_line_of_the_contract(folder):
    song = (
        "bpm: 120\nlength: 1 bar\n# a\n\n# comment\n\nstems:\n  bass:\n    source:\n      tone: {note: A2}\n"
    )
    (folder / "songs/x.yaml").write_text(song + "\n    gain_db: 240\n")
    rules = load_house({"songs": ["x"]}, [])
    lines = told(lambda: load_song("x", rules, "songs/x.yaml"))
    assert lines == ["songs/x.yaml:12: stems.bass.gain_db: must be at most 24 (is 240)"]


@pytest.mark.parametrize("text", ["", "# only\n# comments\n", "~", "---\n"])
def test_a_song_with_nothing_in_it(folder, text):
    (folder / "songs/x.yaml").write_text(text)
    lines = told(lambda: load_song("x", load_house({"songs": ["x"]}, []), "songs/x.yaml"))
    assert lines == ["songs/x.yaml:1: must be keys and values at its top level (is nothing)"]


def test_a_song_that_is_not_there(folder):
    lines = told(lambda: load_song("x", load_house({"songs": ["x"]}, []), "songs/x.yaml"))
    assert lines == ["songs/x.yaml: is missing, or not a regular file"]


@pytest.mark.parametrize("name", CONFIGS)
def test_what_is_said_of_the_house_rules(folder, name):
    text = FILES[name]
    (folder / "config.yaml").write_text(text)
    lines = told(lambda: load_house(pyyaml.safe_load(text), ["config.yaml"]))  # as Snakemake reads it
    assert lines == expected("config.yaml", text)


def test_what_comes_from_the_command_line_is_said_to(folder):
    (folder / "config.yaml").write_text("songs: [x]\nsession:\n  sample_rate: 100\n  channels: 1\n")
    config = {
        "songs": ["y", 5],
        "session": {"sample_rate": 100, "channels": "3"},
        "gates": {"dc": {"warn": "no"}},
        "x": None,
    }
    assert told(lambda: load_house(config, ["config.yaml"])) == [
        "--config: songs[1]: must be text: put it in quotes (is 5)",
        "--config: session.channels: must be 1 or 2 (is 3)",
        "--config: gates.dc.warn: must be a number (is 'no')",
        f"--config: x: is not a known key; {KNOWN}",
        "config.yaml:3: session.sample_rate: must be at least 8000 (is 100)",
    ]


def test_a_second_config_file_is_named_for_what_it_says(folder):
    (folder / "config.yaml").write_text("songs: [x]\nsession: {channels: 1}\ngates:\n  dc: {warn: 3}\n")
    (folder / "other.yaml").write_text("session:\n  channels: 7\n")
    config = {"songs": ["x"], "session": {"channels": 7}, "gates": {"dc": {"warn": 3}}}
    for files in (["other.yaml", "config.yaml"], ["config.yaml", "other.yaml"]):
        assert told(lambda files=files: load_house(config, files)) == [
            "config.yaml:4: gates.dc.warn: must be at most 1 (is 3)",
            "other.yaml:2: session.channels: must be 1 or 2 (is 7)",
        ]


def test_house_rules_without_a_file_and_keys_that_are_no_text(folder):
    assert told(lambda: load_house({"songs": ["x"], 3: 1, None: 2, ("a", 1): 3}, [])) == [
        f"config: {key}: is not a known key; {KNOWN}" for key in ("3", "None", "('a', 1)")
    ]


def test_what_a_song_overrides_is_said_to_the_song_and_what_not_to_the_house(folder):
    (folder / "config.yaml").write_text(
        "songs: [x]\nsession: {channels: 1}\ndelivery:\n  subtype: FLOAT\n  names: {stem: x}\n"
    )
    (folder / "songs/x.yaml").write_text(
        "bpm: 120\nlength: 1 bar\ndelivery:\n  container: FLAC\ngates:\n  dc: {warn: 2}\nstems:\n"
        "  a: {source: {tone: {note: A2}}, pan: 1}\n  b: {source: {tone: {note: A3}}}\n"
    )
    rules = load_house(pyyaml.safe_load((folder / "config.yaml").read_text()), ["config.yaml"])
    assert told(lambda: load_song("x", rules, "songs/x.yaml")) == [
        "config.yaml:4: delivery.subtype: must be PCM_16 or PCM_24 for FLAC (is FLOAT) (in songs/x.yaml)",
        "config.yaml:5: delivery.names.stem: gives x.flac to b and to a; names must differ (in songs/x.yaml)",
        "songs/x.yaml:6: gates.dc.warn: must be at most 1 (is 2)",
        "songs/x.yaml:8: stems.a.pan: must be 0 in a mono song (is 1)",
    ]


def test_what_a_song_repeats_of_the_house_rules_is_its_own(folder):
    (folder / "config.yaml").write_text("songs: [x]\ndelivery: {subtype: FLOAT}\n")
    above = "bpm: 120\nlength: 1 bar\nstems: {a: {source: {tone: {note: A2}}}}\n"
    song = above + "delivery:\n  container: FLAC\n  subtype: FLOAT\n"
    (folder / "songs/x.yaml").write_text(song)
    rules = load_house({"songs": ["x"], "delivery": {"subtype": "FLOAT"}}, ["config.yaml"])
    assert told(lambda: load_song("x", rules, "songs/x.yaml")) == [
        "songs/x.yaml:6: delivery.subtype: must be PCM_16 or PCM_24 for FLAC (is FLOAT)"
    ]


OF_OTHER_SCRIPTS = ("bаss", "ｂass", "é", "😀")
HOSTILE = [
    "../x",
    "..",
    "/etc/x",
    "a\\b",
    "a\0b",
    "a\nb",
    "-rf",
    "n" * 300,
    "bаss",
    "ｂass",
    "é",
    "con",
    "NUL",
    "a:b",
    "",
]
HOSTILE += [" a", "a\u202eb", "~", "$HOME", "a;b", "a|b", "*", "😀", ".hidden", "com1", "a\tb"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("place", ["song", "stem", "section", "file"])
def test_hostile_names_are_refused_wherever_they_stand(folder, place, name):
    if place == "file" and name in OF_OTHER_SCRIPTS:
        return  # files may be named in any script
    if place == "song":
        told(lambda: load_house({"songs": [name]}, []))
        return
    song = {"bpm": 120, "length": "1 bar", "stems": {"a": {"source": {"tone": {"note": "A2"}}}}}
    if place == "stem":
        song["stems"][name] = song["stems"].pop("a")
    elif place == "section":
        song["sections"] = [{name: "1 bar"}]
    else:
        song["delivery"] = {"names": {"master": name}}
    (folder / "songs/x.yaml").write_text(json.dumps(song, ensure_ascii=False), encoding="utf-8")
    (line,) = told(lambda: load_song("x", load_house({"songs": ["x"]}, []), "songs/x.yaml"))
    assert line.startswith(
        {"stem": "songs/x.yaml:1: stems", "section": "songs/x.yaml:1: sections[0]"}.get(place, "songs")
    )
