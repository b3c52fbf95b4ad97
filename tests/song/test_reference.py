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


def test_it_may_stand_within_a_hold(tmp_path, monkeypatch):
    """Time stands at bar 2, from 2 s to 5 s of the song: the reference begins at 3.25 s, not with the hold."""
    monkeypatch.chdir(tmp_path)
    sf.write("ref.wav", [0.0] * 44_100, 44_100)
    text = """
bpm: 120
changes: [{at: bar 2 beat 1, hold: 3 s}]
sections: [a: 4 bars]
reference: {file: ref.wav, at: 3.25 s, align: {file: ref.wav, at: 4 s}}
stems: {a: {source: {reference: }}}
"""
    (tmp_path / "x.yaml").write_text(text)
    song = load_song("x", load_house({"songs": ["x"]}, []), "x.yaml")
    assert song.placed_reference.begin == 156_000
    assert song.frame_at("4 s") == 192_000
