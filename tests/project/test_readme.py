"""The songs in README can be built: each snippet that has stems is a song without mistakes and doubts."""

import re
from pathlib import Path

import pytest
import soundfile as sf

from stemwright.song.house import load_house
from stemwright.song.load import load_song

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SONGS = [snippet for snippet in SNIPPETS if re.search(r"^stems:", snippet, re.MULTILINE)]
UNSAID = "bpm: 98\nkey: G major\nlength: 60 bars\n"


@pytest.mark.parametrize("song", SONGS)
def test_a_snippet_is_a_song(song, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r"file: ([\w/-]+\.wav)", song):
        Path(file).parent.mkdir(exist_ok=True)
        sf.write(file, [0.0] * 800_000, 8_000, subtype="PCM_16")
    Path("song.yaml").write_text(song if "title:" in song else UNSAID + song, encoding="utf-8")
    assert not load_song("song", load_house({"songs": ["song"]}, []), "song.yaml").doubts


def test_there_are_songs_in_it():
    assert len(SONGS) >= 6
