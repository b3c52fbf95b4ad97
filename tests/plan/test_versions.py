"""Versions in the plan: what they are made of, what makes them again, and how they are judged."""

from __future__ import annotations

import pytest
import yaml

from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

SONG = {
    "title": "Song",
    "bpm": 120,
    "sections": [{"verse": "2 bars"}, {"chorus": "2 bars"}, {"verse": "2 bars"}],
    "stems": {
        "kick": {"source": {"tone": {"note": "A1"}}, "output": "drums"},
        "snare": {"source": {"tone": {"note": "A3"}}, "output": "drums"},
        "vocals": {"source": {"tone": {"note": "A4"}}, "sends": {"hall": -6}, "dialogue": True},
        "keys": {"source": {"tone": {"note": "C4"}}, "sends": {"hall": -6}},
    },
    "buses": {
        "drums": {"effects": [{"compressor": {"threshold_db": -20}}]},
        "hall": {"effects": [{"reverb": {}}]},
    },
    "master": {"target": "ebu-r128"},
    "gates": {"click": {"over_db": 40}},
    "versions": {
        "instrumental": {"without": ["vocals"], "target": "spotify", "gates": {"click": False}},
        "acappella": {"only": ["vocals"]},
        "short": {"sections": ["chorus", "verse"], "length": "3 s"},
        "bed": {"loop": "chorus"},
    },
}


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(*edits):
        song = yaml.safe_load(yaml.safe_dump(SONG))
        for *keys, last, value in edits:
            place = song
            for key in keys:
                place = place[key]
            place[last] = value
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(song), encoding="utf-8")
        return Plan(load_song("x", load_house({"songs": ["x"]}, []), "x.yaml"), "build")

    return plan


def of_versions(plan):
    """What each version's mix is made by: its job, and that of all that it is built on, by name."""
    found = {}
    for name in plan.graph.names("version_mix"):
        artifact = plan.graph.get("version_mix", name)
        found[name] = [
            plan.job(each) for each in (*artifact.upstream(), artifact) if each.stage != "timeline"
        ]
    return found


VOCALS = ("stems", "vocals", "source", {"tone": {"note": "B4"}})


@pytest.mark.parametrize(
    ("edits", "again"),
    [
        ([VOCALS], {"acappella", "short", "bed"}),
        ([("stems", "vocals", "gain_db", -3)], {"acappella", "short", "bed"}),
        ([("stems", "keys", "pan", 0.5)], {"instrumental", "short", "bed"}),
        ([("buses", "hall", "gain_db", -3)], {"instrumental", "acappella", "short", "bed"}),
        ([("buses", "drums", "effects", [])], {"instrumental", "short", "bed"}),
        ([("master", "effects", [{"gain": {"gain_db": 1}}])], set()),
        ([("versions", "short", "fade_out", "0.5 s")], {"short"}),
        ([("versions", "short", "target", "tidal")], set()),
        ([("title", "Other")], set()),
    ],
)
def test_only_what_is_heard_in_a_version_is_a_reason_to_mix_it_again(plan, edits, again):
    before, after = of_versions(plan()), of_versions(plan(*edits))
    assert {name for name in before if before[name] != after[name]} == again


def test_the_gains_of_a_bus_that_is_heard_in_part_are_those_of_the_whole(plan):
    """Then what is left out counts, too: its level is in the gains."""
    hall = ("buses", "hall", "effects", [{"reverb": {}}, {"compressor": {"threshold_db": -20}}])
    before, after = of_versions(plan(hall)), of_versions(plan(hall, VOCALS))
    assert before["instrumental"] != after["instrumental"]
    assert set(plan(hall).graph.names("gains")) == {"hall", "drums"}  # the drums, for versions that are cut
    assert plan(("versions", {"instrumental": {"without": ["vocals"]}})).graph.names("gains") == ()


def test_each_version_is_a_song_of_its_own(plan):
    versions = plan().song.versions
    assert {name: song.document.title for name, song in versions.items()} == {
        name: f"Song ({name})" for name in versions
    }
    assert {name: song.timeline.frames for name, song in versions.items()} == {
        "instrumental": 576_000,
        "acappella": 576_000,
        "short": 144_000,
        "bed": 192_000,
    }
    assert [section.name for section in versions["short"].timeline.sections] == ["chorus"]
    assert versions["acappella"].dialogue == ["vocals"] and versions["instrumental"].dialogue == []
    assert versions["short"].dialogue == []  # speech is found in the song's own time


def test_how_versions_are_judged(plan):
    plan = plan()

    def judged(stage, name):
        return plan.verification(plan.graph.get(stage, name))["params"]

    instrumental, acappella = judged("version_mix", "instrumental"), judged("version_mix", "acappella")
    assert "click" not in instrumental["gates"] and acappella["gates"]["click"] == {"over_db": 40}
    assert "complement" in acappella["gates"] and "complement" not in instrumental["gates"]
    asked = plan.asked_by_gates(plan.graph.get("version_mix", "acappella"))
    assert [entry.path for entry in asked["whole"]] == ["build/x/mix/mix.wav"]
    assert [entry.path.split("/")[-2] for entry in asked["parts"]] == ["acappella", "instrumental"]
    assert [part["passes"] for part in acappella["context"]["null"]["parts"]] == [
        2,
        2,
    ]  # compressor and reverb
    assert not {"null_test", "duplicate", "compare", "seam"} & set(acappella["gates"])
    short, bed = judged("version_mix", "short"), judged("version_mix", "bed")
    assert short["format"]["frames"] == 144_000 and short["context"]["boundaries"] == []
    assert "seam" in bed["gates"] and "edges" not in bed["gates"] and "edges" in short["gates"]
    targets = {
        name: judged("version_master", name)["context"]["target"]["name"] for name in plan.song.versions
    }
    assert targets == {
        "instrumental": "spotify",
        "acappella": "ebu-r128",
        "short": "ebu-r128",
        "bed": "ebu-r128",
    }
    files = {file for file in plan.targets if "/versions/" in file}
    assert "build/x/versions/bed/master.json" in files and len(files) == 4 * (3 + 4)


def test_a_distortion_on_the_way_has_no_complement(plan):
    hall = ("buses", "hall", "effects", [{"distortion": {"drive_db": 6}}])
    for edits, is_judged in (
        ([], True),
        ([hall], False),
        ([("versions", "acappella", "only", ["keys"])], False),
    ):
        found = plan(*edits)
        gates = found.gates(found.graph.get("version_mix", "acappella"))
        assert ("complement" in gates) == is_judged
