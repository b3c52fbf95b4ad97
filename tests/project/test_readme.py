"""The songs in README can be built: each snippet that has stems is a song without mistakes and doubts."""

import re
from pathlib import Path

import pytest
import soundfile as sf
import yaml
from snippets import yaml_snippets

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.load_album import check_songs, read_album

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = yaml_snippets(README)
SONGS = [snippet for snippet in SNIPPETS if re.search(r"^stems:", snippet, re.MULTILINE)]
ALBUMS = [snippet for snippet in SNIPPETS if re.search(r"^songs:\n  - ", snippet, re.MULTILINE)]
UNSAID = "bpm: 98\nkey: G major\nlength: 60 bars\n"


@pytest.mark.parametrize("song", SONGS)
def test_a_snippet_is_a_song(song, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r"file: ([\w/-]+\.wav)", song):
        Path(file).parent.mkdir(exist_ok=True)
        sf.write(file, [0.0] * 800_000, 8_000, subtype="PCM_16")
    Path("song.yaml").write_text(song if "title:" in song else UNSAID + song, encoding="utf-8")
    assert not load_song("song", load_house({"songs": ["song"]}, []), "song.yaml").doubts


@pytest.mark.parametrize("album", ALBUMS)
def test_a_snippet_is_an_album(album, tmp_path):
    (tmp_path / "album.yaml").write_text(album, encoding="utf-8")
    rules = load_house({"songs": ["song"]}, [])
    check_songs(read_album("album", rules, str(tmp_path / "album.yaml")), house_songs())


def house_songs():
    return yaml.safe_load((ROOT / "config.yaml").read_text())["songs"]


def test_there_are_songs_in_it():
    assert len(SONGS) >= 6 and ALBUMS
