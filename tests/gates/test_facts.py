"""What a song's jobs of verification hold: which gates of time and damage, with which facts, and what changes them."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
import yaml

from stemwright.gates import Subject, make, verify
from stemwright.measure.chroma import key_correlation
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.sources.drums import Drums

RATE = 8_000
SONG = {
    "bpm": 120,
    "key": "G major",
    "sections": [{"a": "4 bars"}, {"b": {"length": "4 bars", "key": "E minor"}}],
    "reference": {"file": "reference.wav"},
    "stems": {
        "bass": {"source": {"tone": {"note": "A2"}}},
        "drums": {"source": {"drums": {"patterns": {"*": {"kick": "x---"}}}}, "sections": ["b"]},
        "guide": {"source": {"reference": {}}, "gain_db": -3.0, "sections": ["a", "b"]},
    },
}


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """The plan of SONG with other keys, and its jobs of verification by kind and stem."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()
    sf.write("reference.wav", np.zeros(16 * RATE), RATE)

    def job(kind, stem=None, **keys):
        (tmp_path / "songs/x.yaml").write_text(yaml.safe_dump({**SONG, **keys}))
        house = load_house({"songs": ["x"], "session": {"sample_rate": RATE, "channels": 1}}, [])
        plan = Plan(load_song("x", house, "songs/x.yaml"), "build")
        artifact = plan.graph.get(kind, stem or "")
        return {**plan.verification(artifact), "inputs": plan.asked_by_gates(artifact)}

    return job


def test_keys_are_those_that_sound_and_may_be_written_short(planned):
    sections = [{"a": {"length": "4 bars", "transpose": 2}}, {"b": {"length": "4 bars", "key": "E"}}]
    job = planned("mix", key="G", sections=sections)
    assert [key for *_, key in job["params"]["context"]["keys"]] == ["A major", "E major"]
    assert (
        0.2
        < key_correlation(np.eye(12)[[0, 4, 7]].sum(axis=0), "C")
        == key_correlation(np.eye(12)[[0, 4, 7]].sum(axis=0), "C major")
    )


OURS = {"grid", "tempo", "dropout", "click", "reference_in_mix", "section_key"}


@pytest.mark.parametrize(
    "kind, stem, gates",
    [
        ("reference", None, {"grid", "tempo"}),
        ("stem", "drums", {"grid", "tempo"}),
        ("stem", "bass", set()),
        ("stem", "guide", set()),
        ("processed", "bass", {"dropout", "click"}),
        ("mix", None, {"dropout", "click", "reference_in_mix", "section_key"}),
        ("master", None, {"dropout", "reference_in_mix"}),
    ],
)
def test_which_gates_hold_for_what(planned, kind, stem, gates):
    assert OURS & set(planned(kind, stem)["params"]["gates"]) == gates


@pytest.mark.parametrize("gate", sorted(OURS))
def test_each_can_be_turned_off_and_only_then_lets_pass(planned, tmp_path, gate):
    """A file that is wrong in every respect fails by each gate that the song's checks hold, and by none turned off."""
    rng = np.random.default_rng(0)
    t = np.arange(16 * RATE) / RATE
    wrong = 0.3 * sum(np.sin(2 * np.pi * f * t) for f in (277.2, 311.1, 370, 415.3, 466.2, 493.9)) / 3
    wrong[40_000:40_100] = 0  # a hole
    wrong[8 * RATE :] += 0.4  # a step where section b begins
    path = str(tmp_path / "wrong.wav")
    sf.write(path, wrong, RATE, "FLOAT")
    sf.write(tmp_path / "reference.wav", 0.3 * rng.standard_normal(16 * RATE), RATE, "FLOAT")
    beats = np.zeros(16 * RATE)
    for at in np.arange(0, 15.5, 60 / 137):
        beats[round(at * RATE) :][:200] = 0.3 * rng.standard_normal(200)
    sf.write(tmp_path / "beats.wav", beats, RATE, "FLOAT")
    kind, stem = {"grid": ("stem", "drums"), "tempo": ("stem", "drums")}.get(gate, ("mix", None))
    path = str(tmp_path / "beats.wav") if stem else path

    def bad(**keys):
        params = planned(kind, stem, **keys)["params"]
        inputs = {"reference": [str(tmp_path / "reference.wav")]}
        gates = {name: limits for name, limits in params["gates"].items() if name == gate}
        subject = Subject(path, kind, params["format"], params["context"], inputs)
        checks = verify(subject, make(gates)).checks
        return {check.status for check in checks} & {"fail", "warn"}

    assert bad() == ({"warn"} if gate == "section_key" else {"fail"})
    assert bad(gates={gate: False}) == set()


def test_another_stem_joins_in_by_its_own_gates(planned):
    stems = {**SONG["stems"], "bass": {**SONG["stems"]["bass"], "gates": {"grid": {"offset_ms": 20}}}}
    job = planned("stem", "bass", stems=stems)
    assert job["params"]["gates"]["grid"] == {"offset_ms": 20} and "tempo" not in job["params"]["gates"]
    assert "source" not in job["params"]["context"]["grid"]


def test_songs_without_reference_or_keys_have_no_such_checks(planned):
    stems = {name: SONG["stems"][name] for name in ("bass",)}
    gates = planned("mix", stems=stems, key=None, sections=[{"a": "8 bars"}])["params"]["gates"]
    assert OURS & set(gates) == {"dropout", "click"}


def test_facts(planned):
    facts = planned("stem", "drums")["params"]["context"]["grid"]
    assert (
        facts["sections"] == ["b"]
        and facts["seed"] == "drums"
        and facts["timeline"]["tempo"] == [[1, "120", "4/4"]]
    )
    assert facts["source"]["drums"]["patterns"] == {"*": {"kick": "x---"}}
    facts = planned("mix")["params"]["context"]
    assert facts["boundaries"] == [8 * RATE]
    assert facts["keys"] == [["a", 0, 8 * RATE, "G major"], ["b", 8 * RATE, 16 * RATE, "E minor"]]
    assert facts["reference"] == {"spans": [[0, 16 * RATE]], "gain_db": -3.0}


@pytest.mark.parametrize(
    "kind, stem", [("stem", "drums"), ("stem", "bass"), ("reference", None), ("processed", "bass")]
)
def test_a_fader_or_a_key_is_nothing_to_a_stem(planned, kind, stem):
    stems = {**SONG["stems"], "guide": {**SONG["stems"]["guide"], "gain_db": -9.0}}
    before, after = planned(kind, stem), planned(kind, stem, stems=stems, key="A major")
    assert (before["params"], before["tools"]) == (after["params"], after["tools"])


def test_the_code_of_a_source_is_a_reason_only_where_it_says_what_is_written(planned, monkeypatch):
    named = {}

    def fingerprint(scripts, modules=()):
        named[len(named)] = list(modules)
        return {}

    monkeypatch.setattr("stemwright.plan.jobs.fingerprint", fingerprint)
    planned("stem", "drums")
    planned("stem", "bass")
    planned("reference")
    assert [Drums.__module__ in modules for modules in named.values()] == [True, False, False]


def test_the_side_chains_on_the_way_are_read_for_clicks(planned):
    keyed = {**SONG["stems"]["bass"], "effects": [{"compressor": {"threshold_db": -30, "key": "drums"}}]}
    stems = {**SONG["stems"], "bass": keyed}
    for kind, stem, count in (("processed", "bass", 1), ("mix", None, 1), ("processed", "drums", 0)):
        inputs = planned(kind, stem, stems=stems)["inputs"].get("side_chains", [])
        assert [entry.path for entry in inputs] == ["build/x/processed/drums.wav"] * count


def test_what_is_in_the_mix_is_read_where_its_end_is_cut(planned):
    stems = {**SONG["stems"], "pad": {"source": {"tone": {"note": "A3"}}, "output": "wide"}}
    job = planned("mix", stems=stems, buses={"wide": {}})
    names = ["bass", "drums", "guide", "pad", "wide"]
    assert sorted(job["params"]["context"]["sounds"]) == names
    assert sorted(entry.path for entry in job["inputs"]["sounds"]) == [
        f"build/x/processed/{name}.wav" for name in names
    ]
    assert "sounds" not in planned("master")["inputs"]


def test_a_reference_is_looked_at_from_where_it_is_used(planned):
    reference = {"file": "reference.wav", "start": "1.5 s"}
    assert planned("reference", reference=reference)["params"]["context"]["imported"]["starts"] == [1.5]
    assert planned("reference")["params"]["context"]["imported"]["starts"] == [0.0]


@pytest.mark.parametrize(
    "delivery, is_converted, is_integer, may_be_silent",
    [
        ({}, False, True, False),
        ({"subtype": "FLOAT"}, False, False, False),
        ({"sample_rate": 16_000}, True, True, False),
        ({"container": "MP3", "bitrate_kbps": 64}, True, False, False),
        ({"channels": 1}, True, True, False),
        ({"channels": "split"}, True, True, True),
    ],
)
def test_gates_of_a_delivered_master(
    tmp_path, monkeypatch, delivery, is_converted, is_integer, may_be_silent
):
    """What is converted is compared after the same conversion; one side of a master that is two files may be silent."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(yaml.safe_dump({"length": "1 s", "stems": {"a": SONG["stems"]["bass"]}}))
    keys = {"songs": ["x"], "session": {"sample_rate": RATE}, "delivery": delivery}
    plan = Plan(load_song("x", load_house(keys, []), "x.yaml"), "build")
    delivered = [plan.graph.get("delivered", name) for name in plan.graph.names("delivered")]
    masters = [artifact for artifact in delivered if artifact.role == "master"]
    assert len(masters) == 1 + (delivery.get("channels") == "split")
    for artifact in masters:
        job = plan.verification(artifact)["params"]
        assert ("conversion" in job["gates"], "null_test" in job["gates"]) == (is_converted, not is_converted)
        if delivery.get("channels") != "split":
            assert job["context"].get("folded", False) == ("channels" in delivery)
        assert job["context"]["integer"] == is_integer and ("silence" not in job["gates"]) == may_be_silent
