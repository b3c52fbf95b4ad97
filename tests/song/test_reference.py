"""The length of a song that ends with its reference, wherever that stands."""

from __future__ import annotations

import pytest
import soundfile as sf

from stemwright.song.house import load_house
from stemwright.song.load import load_song


@pytest.mark.parametrize(
    "keys, frames",
    [
        ("", 48_000),
        (", start: 250 ms", 36_000),
        (", at: bar 2", 48_000 + 96_000),
        (", start: 0.5 s, at: bar 1 beat 2", 24_000 + 24_000),
        (", align: {file: ref.wav}", 48_000),
    ],
)
def test_it_ends_with_the_reference(tmp_path, monkeypatch, keys, frames):
    monkeypatch.chdir(tmp_path)
    sf.write("ref.wav", [0.0] * 44_100, 44_100)
    stems = "stems: {a: {source: {reference: }}}"
    text = f"bpm: 120\nlength: reference\nreference: {{file: ref.wav{keys}}}\n{stems}\n"
    (tmp_path / "x.yaml").write_text(text)
    assert load_song("x", load_house({"songs": ["x"]}, []), "x.yaml").timeline.frames == frames
