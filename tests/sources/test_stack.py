"""The source stack: layers that add up, each at its own level and place, with files, mistakes and dice of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import yaml
from soundfonts import soundfont

from stemwright import sources
from stemwright.instruments.soundfonts import fluidsynth
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.sources.drums import Drums
from stemwright.sources.stack import Layer, Stack
from stemwright.validation.problems import InvalidFileError

RATE = 8_000
TEMPO = TempoMap([TempoChange(1, parse_bpm("120"), parse_time_signature("4/4"))])
LINE = Timeline.build(RATE, TEMPO, None, [("a", parse_duration("8 bars"), None)])
CANVAS = RenderContext(RATE, 2, LINE.frames, "stem", LINE)
TONES = {"low": {"tone": {"note": "A2"}}, "high": {"tone": {"note": "E5", "level_db": -9.0}}}
BEAT = {"patterns": {"*": {"kick": "x---"}}, "timing_ms": 5.0}


def rendered(source, context=CANVAS):
    return np.concatenate(list(sources.render(source, context, None)))


def test_layers_add_up_through_gain_and_pan():
    low, high = (rendered(sources.make(TONES[name])) for name in ("low", "high"))
    stack = Stack({"low": Layer(TONES["low"], gain_db=-6.0), "high": Layer(TONES["high"], pan=1.0)})
    expected = low * 10 ** (-6 / 20) + high * [0, 1]
    assert np.allclose(rendered(stack), expected, atol=1e-12)
    other_order = Stack(dict(reversed(stack.layers.items())))
    assert np.array_equal(rendered(other_order), rendered(stack))


def test_layers_of_other_lengths_and_blocks(tmp_path):
    """A recording comes in the resampler's blocks and ends early: the other layer goes on."""
    t = np.arange(44_100) / 44_100
    sf.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 100 * t), 44_100)
    keys = {"layers": {"tone": {"source": TONES["low"]}, "file": {"source": {"audio": {"file": "input"}}}}}
    stack = Stack(**keys)
    context = replace(CANVAS, files={"layers.file.source.audio.file": str(tmp_path / "a.wav")})
    sound, tone = rendered(stack, context), rendered(sources.make(TONES["low"]))
    assert len(sound) == CANVAS.frames
    assert np.array_equal(sound[RATE + 10 :], tone[RATE + 10 :])
    added = (sound - tone)[100 : RATE - 100, 0]
    assert np.allclose(added, 0.5 * np.sin(2 * np.pi * 100 * np.arange(100, RATE - 100) / RATE), atol=1e-4)


def test_each_layer_draws_for_itself():
    stack = Stack({name: Layer({"drums": BEAT}) for name in ("one", "two")})
    one, two = (
        sorted(frame for frame, _ in Drums(**BEAT).onsets(replace(CANVAS, seed=f"stem/{name}")))
        for name in ("one", "two")
    )
    assert one != two
    assert sorted(frame for frame, _ in stack.onsets(CANVAS)) == sorted(one + two)


def test_levels_of_onsets_are_those_in_the_stem():
    (plain,), (quiet,) = (
        {level for _, level in Stack({"a": Layer({"drums": BEAT}, gain_db=gain)}).onsets(CANVAS)}
        for gain in (0.0, -7.0)
    )
    assert quiet == pytest.approx(plain - 7)


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()

    def plan(layers, channels=2, **keys):
        song = {"bpm": 120, "sections": [{"a": {"length": "8 bars", "chords": "| C |", "key": "C major"}}]}
        song["stems"] = {"s": {"source": {"stack": {"layers": layers}}}}
        (tmp_path / "songs/x.yaml").write_text(yaml.safe_dump({**song, **keys}))
        house = load_house({"songs": ["x"], "session": {"sample_rate": RATE, "channels": channels}}, [])
        return Plan(load_song("x", house, "songs/x.yaml"), "build")

    return plan


PLAY = {"play": {"instrument": {"organ": {}}, "parts": {"a": {"chords": "x-"}}}}


def test_its_job_knows_what_each_layer_does(read, tmp_path):
    for name in ("a.wav", "b.wav"):
        sf.write(tmp_path / name, np.zeros(100), RATE)
    files = {name: {"source": {"audio": {"file": f"{name}.wav"}}} for name in ("a", "b")}
    plan = read({**files, "keys": {"source": PLAY}})
    job = plan.job(plan.graph.get("stem", "s"))
    assert [entry.path for entry in plan.graph.get("stem", "s").inputs["files"]] == ["a.wav", "b.wav"]
    assert job["params"]["files"] == ["layers.a.source.audio.file", "layers.b.source.audio.file"]
    layers = job["params"]["source"]["stack"]["layers"]
    assert layers["a"]["source"]["audio"]["file"] == "input"
    assert job["params"]["context"]["harmony"][0]["chords"]
    other = read({"tone": {"source": TONES["low"]}})
    alone = other.job(other.graph.get("stem", "s"))
    assert "timeline" not in alone["params"]["context"]
    assert alone["tools"]["code"] != job["tools"]["code"]


def test_another_fluidsynth_is_another_library(read, tmp_path, monkeypatch):
    (tmp_path / "sine.sf2").write_bytes(soundfont())
    play = {"instrument": {"soundfont": {"file": "sine.sf2"}}, "parts": {"*": {"notes": "C3 1/4"}}}
    plan = read({"font": {"source": {"play": play}}, "tone": {"source": TONES["low"]}})
    for version in ("2.3.1", "2.4.0"):
        monkeypatch.setattr(fluidsynth, "version", lambda version=version: version)
        libraries = plan.job(plan.graph.get("stem", "s"))["tools"]["libraries"]
        assert libraries["fluidsynth"] == version and "numpy" in libraries


def test_layered_drums_are_held_to_the_grid(read):
    drums = {name: {"source": {"drums": BEAT}} for name in ("one", "two")}
    plans = [read(layers) for layers in (drums, {**drums, "keys": {"source": PLAY}})]
    gates = [plan.gates(plan.graph.get("stem", "s")) for plan in plans]
    assert "grid" in gates[0] and "grid" not in gates[1]


@pytest.mark.parametrize(
    "layers, keys, told",
    [
        ({}, {}, "stems.s.source.stack.layers: must have at least 1 entr"),
        ({"a": {}}, {}, "stems.s.source.stack.layers.a.source: is required"),
        ({"a": {"source": {"reference": {}}}}, {}, "stems.s.source.stack.layers.a.source.reference: "),
        ({"a": {"source": {"stack": {"layers": {}}}}}, {}, "stems.s.source.stack.layers.a.source.stack: "),
        ({"../a": {"source": PLAY}}, {}, "stems.s.source.stack.layers.../a: must "),
        (
            {"a": {"source": {"audio": {"file": "lost.wav"}}}},
            {},
            "stems.s.source.stack.layers.a.source.audio.file: there is no such file",
        ),
        (
            {"a": {"source": {**PLAY, "play": {**PLAY["play"], "parts": {"z": {"chords": "x"}}}}}},
            {},
            "stems.s.source.stack.layers.a.source.play.parts.z: there is no section 'z'",
        ),
        (
            {"a": {"source": {**PLAY, "play": {**PLAY["play"], "parts": {"a": {"degrees": "1 . 99"}}}}}},
            {},
            "stems.s.source.stack.layers.a.source.play.parts.a.degrees: bar 1 beat 2: must be a degree",
        ),
        ({"a": {"source": PLAY, "pan": 0.5}}, {"channels": 1}, "layers.a.pan: must be 0 in a mono song"),
    ],
)
def test_mistakes_are_told_with_their_place(read, layers, keys, told):
    with pytest.raises(InvalidFileError) as error:
        read(layers, **keys)
    assert told in str(error.value)
