"""Fixtures for tests of songs."""

import pytest
import yaml as pyyaml

from stemwright.song.house import load_house
from stemwright.song.load import load_song


@pytest.fixture
def read(tmp_path, monkeypatch):
    """`read(song, config)` is a song read from two texts, the house rules handed over as by Snakemake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()

    def read(song, config="songs: [x]\n"):
        (tmp_path / "songs/x.yaml").write_text(song, encoding="utf-8")
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        return load_song("x", load_house(pyyaml.safe_load(config), ["config.yaml"]), "songs/x.yaml")

    return read
