"""A side from a delivery: its timeline is put together again from the manifest."""

import json

import pytest
from moving_song import moving_plan

from stemwright.base.errors import StemwrightError
from stemwright.comparison.deliveries import side_of, timeline_of
from stemwright.delivery.manifest import manifest
from stemwright.music.timeline import Timeline
from stemwright.music.timeline.timeline import document

FREE = {
    "sample_rate": 8_000,
    "frames": 8_000,
    "seconds": 1.0,
    "key": None,
    "tempo": [],
    "sections": [],
    "bars": 0,
}


def manifest_of(timeline, has_tempo=True, files=(), mix=()):
    return json.loads(
        json.dumps(
            manifest(
                song="x",
                title="X",
                artist=None,
                notes=None,
                timeline=timeline,
                files=files,
                mix=mix,
                total="mix",
                sum_files=[],
                master={},
                made_from={},
                versions={},
                has_tempo=has_tempo,
            )
        )
    )


def delivered(name, role, stem=None, version=""):
    audio = {"sample_rate": 8_000, "channels": 2, "subtype": "PCM_24", "frames": 8_000}
    sentinel = {"format": audio, "sha256": name.ljust(64, "0")}
    entry = {
        "file": name,
        "role": role,
        "stem": stem,
        "title": name,
        "bits": 24,
        "roundings": 1,
        "inputs": [],
    }
    return {**entry, "version": version, "sentinel": sentinel}


def part(stem, source):
    keys = {"gain_db": 0, "pan": 0, "mute": False, "output": "mix", "sends": {}, "is_part": True}
    return {"stem": stem, "source": source, "instruments": [], "effects": [], **keys}


def test_a_timeline_with_a_pickup_ramps_meters_and_a_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = moving_plan(tmp_path)
    params = plan.job(plan.graph.get("timeline"))["params"]
    written = document(Timeline.from_dict(params["timeline"]), params["key"], params["section_keys"])
    found = timeline_of(manifest_of(written, files=[delivered("a.wav", "master")]))
    assert found["beats"] == written["beats"] and len(found["beats"]) > 30
    assert found["sections"] == written["sections"]
    assert [e["frame"] for e in found["tempo"]] == [e["frame"] for e in written["tempo"]]


def test_tracks_have_roles_and_names():
    files = [
        delivered("bass.wav", "stem", "bass"),
        delivered("hall.wav", "stem", "hall"),
        delivered("master.wav", "master"),
        delivered("short.wav", "master", version="30s"),
    ]
    data = manifest_of(FREE, False, files, [part("bass", "tone"), part("hall", "bus")])
    paths = {file["file"]: f"/there/{file['file']}" for file in files}
    side = side_of("old.zip", data, paths)
    assert [(track.role, track.name, track.path) for track in side.tracks] == [
        ("stem", "bass", "/there/bass.wav"),
        ("bus", "hall", "/there/hall.wav"),
        ("master", "master", "/there/master.wav"),
        ("version", "30s", "/there/short.wav"),
    ]
    del paths["hall.wav"]
    with pytest.raises(StemwrightError, match=r"old\.zip: hall\.wav is missing"):
        side_of("old.zip", data, paths)


@pytest.mark.parametrize(
    "edit",
    [
        {"files": [{"role": "x"}]},
        {
            "sections": [
                {"name": "a", "key": None, "start": {"seconds": 1e15}, "end": {"seconds": 1}},
            ]
        },
        {"files": []},
        {"files": [1]},
        {"seconds": 1e308},
        {"seconds": "NaN"},
        {"tempo": [{"bar": 1, "bpm": "-5", "meter": "4/4"}]},
        {
            "sections": [
                {"name": "a", "key": None, "start": {"seconds": 0}, "end": {"seconds": 1e15}},
            ]
        },
    ],
)
def test_a_manifest_that_is_not_as_we_write_it(edit):
    timeline = {"sample_rate": 8_000, "frames": 8_000, "seconds": 1.0, "key": None, "sections": [], "bars": 0}
    data = manifest_of({**timeline, "tempo": []}, False, [delivered("m.wav", "master")])
    assert side_of("old.zip", data, {"m.wav": "m"}).tracks
    with pytest.raises(
        StemwrightError, match=r"^old\.zip: its manifest\.json is not as Stemwright writes it"
    ):
        side_of("old.zip", {**data, **edit}, {"m.wav": "m"})


def test_names_that_are_no_text_are_escaped():
    section = {"name": "\ud800", "key": None, "start": {"seconds": 0}, "end": {"seconds": 1}}
    timeline = {"sample_rate": 8_000, "frames": 8_000, "seconds": 1.0, "key": None, "sections": [], "bars": 0}
    data = manifest_of({**timeline, "tempo": []}, False, [delivered("b.wav", "stem", "b\x1b\ud800")])
    side = side_of("old.zip", {**data, "sections": [section]}, {"b.wav": "b"})
    assert side.tracks[0].name == r"b\x1b\ud800" and side.timeline["sections"][0]["name"] == r"\ud800"


def test_the_sides_of_a_split_file_have_names_of_their_own():
    files = [delivered("m_L.wav", "master"), delivered("m_R.wav", "master")]
    side = side_of("old.zip", manifest_of(FREE, False, files), {"m_L.wav": "l", "m_R.wav": "r"})
    assert [track.name for track in side.tracks] == ["master (m_L.wav)", "master (m_R.wav)"]
