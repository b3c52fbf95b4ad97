"""What the page of a song is given of its plan."""

import pytest

from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

SONG = """
title: Tune
bpm: 120
meter: 2/4
sections: [{a: 1 bar}, {b: 1 bar}, {c: {length: 1 bar, title: The end}}]
stems:
  bass: {source: {tone: {note: A2}}, mute: [b], effects: [gain: {gain_db: -1}]}
  ghost: {source: {tone: {note: A3}}, mute: true, output: room}
  lead: {source: {tone: {note: A4}}, mute: [{at: bar 1, mute: true}, {at: bar 3, mute: false}], sends: {room: -6}}
buses: {room: {}}
versions: {bare: {without: [lead]}, short: {sections: [a, c]}}
deliveries: {web: {profile: streaming}}
"""


@pytest.fixture
def plan(tmp_path, monkeypatch):
    (tmp_path / "x.yaml").write_text(SONG)
    monkeypatch.chdir(tmp_path)
    house = load_house({"songs": ["x"], "solo": "bass", "session": {"sample_rate": 8_000}}, [])
    return Plan(load_song("x", house, "x.yaml"), "build")


def test_every_artifact_is_on_the_page_but_itself_and_a_solo(plan):
    page = plan.graph.get("report")
    shown = [each["file"] for each in plan.job(page)["params"]["artifacts"]]
    assert sorted(shown) == sorted(
        each.file for each in plan.artifacts if each.stage not in ("report", "solo")
    )
    assert [f"build/x/{file}.ok" for file in shown] == [each.path for each in page.inputs["verdicts"]]


def test_where_strips_are_heard_and_where_they_are_muted(plan):
    tracks = {each["id"]: each for each in plan.job(plan.graph.get("report"))["params"]["tracks"]}
    heard = {name: (each["is_direct"], each["buses"]) for name, each in tracks.items() if "buses" in each}
    assert heard == {
        "stem-bass": (True, []),
        "stem-ghost": (False, ["room"]),
        "stem-lead": (True, ["room"]),
        "bus-room": (True, []),
    }
    bar = 8_000
    assert tracks["stem-bass"]["muted"] == [[bar, 2 * bar]]
    assert tracks["stem-ghost"]["muted"] == [[0, 3 * bar]]
    assert tracks["stem-lead"]["muted"] == [[0, 2 * bar]]
    assert tracks["bus-room"]["muted"] == []
    assert (tracks["stem-bass"]["has_effects"], tracks["stem-lead"]["has_effects"]) == (True, False)


def test_a_version_that_is_cut_has_a_time_of_its_own(plan):
    tracks = {each["id"]: each for each in plan.job(plan.graph.get("report"))["params"]["tracks"]}
    assert tracks["version-bare"]["timeline"] is None
    assert tracks["version-short"]["timeline"] == {
        "seconds": 2.0,
        "sections": [{"name": "a", "start": 0.0, "end": 1.0}, {"name": "The end", "start": 1.0, "end": 2.0}],
    }


def test_titles_and_deliveries(plan):
    params = plan.job(plan.graph.get("report"))["params"]
    assert params["titles"] == ["a", "b", "The end"]
    assert [(each["name"], each["archive"]) for each in params["deliveries"]] == [
        ("", "x.zip"),
        ("web", "x-web.zip"),
    ]
    assert all(each["file"].startswith("delivery/") for one in params["deliveries"] for each in one["files"])
