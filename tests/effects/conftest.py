"""The files that examples of effects name."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from effect_runs import RATE, noise


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the files of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "impulses").mkdir()
    sf.write(
        folder / "impulses/hall.wav", noise(3_000) * np.exp(-np.arange(3_000) / 500)[:, None], RATE, "FLOAT"
    )
    (folder / "references").mkdir()
    sf.write(folder / "references/album-track.wav", noise(9_000).cumsum(axis=0) / 100, RATE, "FLOAT")
    return folder


@pytest.fixture(autouse=True)
def in_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)
