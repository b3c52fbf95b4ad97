"""Which song or album an artifact belongs to, by its path."""

from pathlib import Path

import pytest

from stemwright.records.paths import document_of, homes_above


@pytest.mark.parametrize(
    "artifact, homes",
    [
        ("tune/stems/bass.wav", ["tune", "tune/stems"]),
        ("rock/blue/blue.zip", ["rock", "rock/blue"]),
        ("tune/albums/x.wav", ["tune", "tune/albums"]),
        ("albums/night/tracks/01.wav", ["albums/night"]),
        ("albums/night/refused/disc/night.wav.jsonl", ["albums/night"]),
        ("albums/x.wav", []),
        ("index.html", []),
    ],
)
def test_the_folders_that_may_be_that_of_a_song(artifact, homes):
    assert homes_above(Path(artifact)) == homes


def test_the_document_of_a_folder():
    assert document_of("rock/blue") == Path("songs/rock/blue.yaml")
    assert document_of("albums/night") == Path("albums/night.yaml")
