"""Which YAML file an artifact belongs to, by its path."""

from pathlib import Path

import pytest

from stemwright.records.paths import document_of


@pytest.mark.parametrize(
    "artifact, document",
    [
        ("tune/stems/bass.wav", "songs/tune.yaml"),
        ("tune/albums/x.wav", "songs/tune.yaml"),
        ("albums/night/tracks/01.wav", "albums/night.yaml"),
        ("albums/night/refused/disc/night.wav.jsonl", "albums/night.yaml"),
    ],
)
def test_the_document_of_an_artifact(artifact, document):
    assert document_of(Path(artifact)) == Path(document)
