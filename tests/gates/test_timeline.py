"""The timeline's gate reckons for itself: a document that is off by a beat or a frame does not pass."""

from __future__ import annotations

import json

import pytest
from tempo_maps import change

from stemwright.gates import Subject, make, verify
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.music.timeline.timeline import document


def written(tmp_path, edit=lambda data: None, length="12.3 bars", bpm="123.456"):
    """A timeline with changes of tempo and meter, edited, and judged."""
    changes = [(1, bpm, "4/4"), (4, "400/3", "7/8"), (6, "90", "3/4")]
    tempo = TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )
    sections = [("verse", parse_duration("5 bars"), None), ("end", "remainder", None)]
    timeline = Timeline.build(48_000, tempo, parse_duration(length), sections)
    data = document(timeline, "G major", [None, None])
    edit(data)
    path = tmp_path / "timeline.json"
    path.write_text(json.dumps(data))
    return verify(Subject(str(path), "timeline", {"frames": timeline.frames}), make({"timeline": {}}))


def test_a_good_timeline(tmp_path):
    verdict = written(tmp_path)
    assert verdict.passed and verdict.format is None
    assert [check.id.partition(".")[2] for check in verdict.checks] == [
        "frames",
        "sections",
        "count",
        "beats",
    ]
    assert verdict.checks[2].measured == 3 * 4 + 2 * 7 + 22
    assert 0.3 < verdict.checks[3].measured <= 0.5


@pytest.mark.parametrize("sixteenths", range(80, 96))
def test_wherever_the_song_ends(tmp_path, sixteenths):
    assert written(tmp_path, length=f"{sixteenths}/16").passed


@pytest.mark.parametrize("bpm", [133.3333333, 133.33333333333334, "100.000000000000000001", "999.999999999"])
def test_tempi_of_many_digits(tmp_path, bpm):
    assert written(tmp_path, bpm=bpm).passed


def test_sections_in_seconds(tmp_path):
    """The sections of a podcast, which end between beats: at 3.7, 127.03333 and 134.03333 s, times 48,000."""
    tempo = TempoMap([TempoChange(1, parse_bpm(123.456), parse_time_signature("4/4"))])
    spans = [("jingle", "3.7 s"), ("talk", "2:03.33333"), ("outro", "7 s")]
    sections = [(name, parse_duration(span), None) for name, span in spans]
    data = document(Timeline.build(48_000, tempo, None, sections), None, [None] * 3)
    assert [section["end_frame"] for section in data["sections"]] == [177_600, 6_097_600, 6_433_600]
    path = tmp_path / "timeline.json"
    path.write_text(json.dumps(data))
    verdict = verify(Subject(str(path), "timeline", {"frames": 6_433_600}), make({"timeline": {}}))
    assert verdict.passed and verdict.checks[2].measured == 276  # beats: 134.03333 s * 123.456 / 60 = 275.8


def moved(index, by):
    return lambda data: data["beats"][index].update(frame=data["beats"][index]["frame"] + by)


def truncated(data):
    """Beats as `int(seconds * rate)` has them."""
    at = 0.0
    for index, beat in enumerate(data["beats"]):
        beat["frame"] = int(at * 48_000)
        at += 60 / 123.456 if index < 12 else 30 * 3 / 400 if index < 26 else 60 / 90


def drifting(data):
    """Beats a whole number of frames apart."""
    for index, beat in enumerate(data["beats"][:12]):
        beat["frame"] = index * round(60 / 123.456 * 48_000)


OFF = {
    "late": (moved(30, 2), {"beats"}),
    "early": (moved(47, -2), {"beats"}),
    "truncated": (truncated, {"beats"}),
    "drifting": (drifting, {"beats"}),
    "last beat missing": (lambda data: data["beats"].pop(), {"count"}),
    "no beats": (lambda data: data["beats"].clear(), {"count"}),
    "beat too many": (
        lambda data: data["beats"].append({"bar": 13, "beat": 3, "frame": 1_300_000}),
        {"count"},
    ),
    "misnamed": (lambda data: data["beats"][12].update(bar=3, beat=5), {"count"}),
    "beat twice": (lambda data: data["beats"].insert(5, data["beats"][5]), {"count", "beats"}),
    "other tempo": (lambda data: data["tempo"][1].update(bpm="133.3"), {"beats"}),
    "other meter": (lambda data: data["tempo"][1].update(meter="4/4"), {"count", "beats"}),
    "other rate": (lambda data: data.update(sample_rate=44_100), {"count", "beats"}),
    "other length": (lambda data: data.update(frames=data["frames"] + 1), {"frames", "sections"}),
    "section missing": (lambda data: data["sections"].pop(), {"sections"}),
    "gap": (
        lambda data: data["sections"][1].update(start_frame=data["sections"][1]["start_frame"] + 1),
        {"sections"},
    ),
    "overlap": (
        lambda data: data["sections"][0].update(end_frame=data["sections"][0]["end_frame"] + 1),
        {"sections"},
    ),
    "empty section": (
        lambda data: data["sections"].insert(0, {"name": "x", "start_frame": 0, "end_frame": 0}),
        {"sections"},
    ),
    "out of order": (lambda data: data["sections"].reverse(), {"sections"}),
}


@pytest.mark.parametrize("name", OFF)
def test_a_timeline_that_does_not_add_up(tmp_path, name):
    edit, refused = OFF[name]
    verdict = written(tmp_path, edit)
    assert {check.id for check in verdict.checks if check.status == "fail"} == {
        f"timeline.{name}" for name in refused
    }


NO_TIMELINE = {
    "no length": lambda data: data.pop("frames"),
    "no rate": lambda data: data.update(sample_rate=0),
    "no tempo": lambda data: data["tempo"].clear(),
    "no time": lambda data: data["tempo"][0].update(bpm=0),
    "no meter": lambda data: data["tempo"][0].update(meter="0/4"),
    "nameless": lambda data: data["sections"][0].pop("name") and data["sections"][0].update(start_frame=1),
    "beats of nothing": lambda data: data.update(beats=None),
}


@pytest.mark.parametrize("name", NO_TIMELINE)
def test_what_is_no_timeline_is_refused(tmp_path, name):
    (check,) = written(tmp_path, NO_TIMELINE[name]).checks
    assert (check.id, check.status) == (
        "readable",
        "fail",
    ) and "timeline.json: is not a timeline" in check.reason


MOVING = [
    change(1, "123.456", "4/4"),
    change(3, ramp=("60.5", "7 beats")),
    change(4, meter="3+2+2/8"),
    change((4, 2), hold="1.5 beats"),
    change(6, 97, ramp=(180, "2 bars", "time")),
    change(9, meter="4/4", hold="700 ms"),
]


def moving(tmp_path, edit=lambda data: None):
    """A timeline with a pick-up, ramps of both kinds and fermatas, one of them in a ramp, edited and judged."""
    tempo = TempoMap(MOVING, parse_duration("1 beat"))
    timeline = Timeline.build(48_000, tempo, parse_duration("12 bars"), [])
    data = document(timeline, None, [])
    edit(data)
    path = tmp_path / "timeline.json"
    path.write_text(json.dumps(data))
    return verify(Subject(str(path), "timeline", {"frames": timeline.frames}), make({"timeline": {}}))


def test_a_timeline_that_moves(tmp_path):
    verdict = moving(tmp_path)
    assert verdict.passed, verdict.checks
    assert verdict.checks[2].measured == 1 + 3 * 4 + 5 * 3 + 4 * 4 - 1  # from bar 0 beat 4 to bar 12 beat 4


def changed(key, index, **keys):
    return lambda data: data[key][index].update(keys)


@pytest.mark.parametrize(
    "edit",
    [
        changed("tempo", 1, ramp={"to": "60.6", "quarters": "7", "curve": "beats"}),
        changed("tempo", 1, ramp={"to": "60.5", "quarters": "7", "curve": "time"}),
        lambda data: data["tempo"][1].pop("ramp"),
        changed("holds", 0, held="1"),
        lambda data: data["holds"].pop(),
        lambda data: data.pop("pickup"),
        lambda data: data.update(pickup="2"),
        moved(11, 1),
        moved(30, -1),
    ],
    ids=range(9),
)
def test_a_timeline_that_moves_otherwise(tmp_path, edit):
    assert not moving(tmp_path, edit).passed
