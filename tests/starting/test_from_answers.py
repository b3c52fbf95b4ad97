"""A song to begin with: each style, in major and in minor, is a song without mistakes and doubts."""

import itertools

import pytest
import yaml

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.starting.from_answers import from_answers, title_of
from stemwright.starting.rendering import style_names

HEAD = {
    "schema": "../schema/song.schema.json",
    "target": "build/new/new.zip",
    "title": "New: #1 {x}",
    "artist": "",
}


def started(tmp_path, house=None, **answers):
    rules = load_house({"songs": ["new"], "song": "new", **answers, **(house or {})}, [])
    text = from_answers(rules.house, HEAD)
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    return text, load_song("new", rules, str(tmp_path / "new.yaml"))


@pytest.mark.parametrize("style, key", list(itertools.product(style_names(), ["", "B minor", "Ab major"])))
def test_every_style_is_a_song_in_every_kind_of_key(tmp_path, style, key):
    text, song = started(tmp_path, style=style, key=key, bpm="400/3")
    data = yaml.safe_load(text)
    assert song.doubts == [] and data["title"] == HEAD["title"] and data["bpm"] == "400/3"
    assert data["key"] == key or not key
    assert set(data["stems"]) == {"drums", "bass", "chords", "lead"}
    # What is played fits the harmony: the bass plays the root of each bar of the chart first.
    numerals = ["I", "II", "III", "IV", "V", "VI", "VII"]
    for section in ("verse", "chorus", "outro"):
        (chart,) = (entry[section]["chords"] for entry in data["sections"] if section in entry)
        roots = [numerals.index(cell.strip(" 7").upper()) + 1 for cell in chart.strip("|").split("|")]
        bars = data["stems"]["bass"]["source"]["play"]["parts"][section]["degrees"]["pattern"].split("|")
        assert [int(bar.replace(".", " ").split()[0].strip(",")) for bar in bars] == roots


def test_every_line_that_is_not_plain_is_explained(tmp_path):
    text, _ = started(tmp_path)
    assert text.count("#") > 30 and text.startswith(
        "# yaml-language-server: $schema=../schema/song.schema.json\n"
    )
    assert max(map(len, text.splitlines())) <= 140


def test_under_the_house_rules_of_a_mono_session(tmp_path):
    _, song = started(tmp_path, {"session": {"channels": 1}})
    assert song.document.stems["lead"].pan == 0


def test_a_style_that_there_is_not(tmp_path):
    with pytest.raises(ValueError, match=r"there is none of that name .*did you mean pop"):
        started(tmp_path, style="popp")


def test_titles_are_made_of_names():
    assert [title_of(name) for name in ("night-bus", "NB_2", "_-")] == ["Night Bus", "NB 2", "_-"]
