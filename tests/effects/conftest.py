"""The files that examples of effects name."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest
import soundfile as sf
from effect_runs import RATE, noise
from plugins import StandIn


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the files of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "impulses").mkdir()
    sf.write(
        folder / "impulses/hall.wav", noise(3_000) * np.exp(-np.arange(3_000) / 500)[:, None], RATE, "FLOAT"
    )
    return folder


@pytest.fixture(autouse=True)
def in_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)


@pytest.fixture(autouse=True)
def plugin_in_place_of_vst3(monkeypatch):
    """There is no VST3 to test with: what is tried is what runs it, with a limiter of pedalboard's own."""
    monkeypatch.setattr(pedalboard, "load_plugin", lambda path, **keys: StandIn())
