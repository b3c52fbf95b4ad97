"""What a preview is made of, and what is a reason to make it again."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import soundfile as sf
import yaml

from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

SONG = {
    "bpm": 120,
    "length": "2 bars",
    "stems": {
        "bass": {"source": {"tone": {"note": "A2"}}, "gain_db": -3, "output": "low-end"},
        "lead": {
            "source": {"tone": {"note": "A4"}},
            "gain_db": {"like": "bass"},
            "output": "none",
            "sends": {"hall": -6, "low-end": -20},
        },
    },
    "buses": {"low-end": {"gain_db": -1}, "hall": {}},
    "reference": {"file": "demo.wav"},
    "versions": {"short": {"length": "1 bar"}},
}


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """The plan of the song, changed by a function."""
    monkeypatch.chdir(tmp_path)
    sf.write("demo.wav", np.zeros((9_000, 2)), 44_100)

    def plan(change=lambda song: None):
        song = copy.deepcopy(SONG)
        change(song)
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(song))
        return Plan(load_song("x", load_house({"songs": ["x"]}, []), "x.yaml"), "build")

    return plan


def test_one_for_each_strip_and_each_whole_and_the_files_it_is_made_of(plan):
    made = {
        artifact.name: {role: [entry.file for entry in found] for role, found in artifact.inputs.items()}
        for artifact in plan().graph.stage("preview")
    }
    assert made == {
        "stem-bass": {"audio": ["stems/bass.wav", "processed/bass.wav"]},
        "stem-lead": {"audio": ["stems/lead.wav", "processed/lead.wav"], "levels": ["levels/lead.json"]},
        "bus-hall": {"audio": ["buses/hall.wav", "processed/hall.wav"]},
        "bus-low-end": {"audio": ["buses/low-end.wav", "processed/low-end.wav"]},
        "mix": {"audio": ["mix/mix.wav"]},
        "master": {"audio": ["master/master.wav"]},
        "reference": {"audio": ["reference/reference.wav"]},
        "version-short": {"audio": ["versions/short/master.wav"]},
    }


def test_a_strip_is_heard_as_it_comes_into_what_it_feeds(plan):
    faders = {
        name: plan().job(plan().graph.get("preview", name))["params"]["faders"]
        for name in ("stem-bass", "stem-lead", "bus-low-end")
    }
    assert {name: list(path) for name, path in faders.items()} == {
        "stem-bass": ["fader"],
        "stem-lead": ["fader", "send"],  # to hall, the first of its buses
        "bus-low-end": ["fader"],
    }
    assert faders["stem-bass"]["fader"]["gain_db"] == -3
    assert faders["stem-lead"]["fader"]["gain_db"] == {"level": "lead"}
    assert faders["stem-lead"]["send"]["gain_db"] == -6


def test_a_fader_is_a_reason_for_its_own_preview_alone(plan):
    """What it feeds is made again, and so are the previews of that."""
    before, after = (
        {a.name: each.job(a) for a in each.graph.stage("preview")}
        for each in (plan(), plan(lambda song: song["stems"]["bass"].update(gain_db=-4)))
    )
    assert [name for name in before if before[name] != after[name]] == ["stem-bass"]


def test_an_edit_of_a_title_or_a_gate_is_no_reason(plan):
    before, after = (
        {a.name: each.job(a) for a in each.graph.stage("preview")}
        for each in (plan(), plan(lambda song: song.update(title="Other", gates={"dc": {"warn": 0.5}})))
    )
    assert before == after
