"""Projects for DAWs: read by regular expressions and ElementTree, and compared with the timeline's frames."""

import re
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from moving_song import moving_plan
from tempo_maps import change

from stemwright.delivery import rpp
from stemwright.delivery.formats import FORMATS
from stemwright.delivery.handoff import write_handoff
from stemwright.delivery.rpp import quoted
from stemwright.music.tempo_envelope import tempo_envelope
from stemwright.music.timeline import Duration, TempoMap, parse_duration

RATE = 8_000
TEXTS = ["intro", "it's \"<&> `x` é", "chorus"]


@pytest.fixture
def project(tmp_path):
    """`project(name)`: the song's timeline, and the file."""

    def project(name):
        plan = moving_plan(tmp_path)
        path = tmp_path / name
        write_handoff(path, plan.job(plan.graph.get("handoff", name))["params"])
        return plan.song.timeline, path

    return project


def bar_lines(timeline):
    """The bar lines in seconds, and whether time is held just before them."""
    return sorted({0.0, *(frame / RATE for bar, beat, frame in timeline.beats() if beat == 1)})


def seconds_of_quarters(points, quarters):
    """Integrate an envelope of (second, bpm, moves) in steps of 0.1 ms: the seconds of some quarters."""
    at = np.arange(0, points[-1][0] + 30, 1e-4)
    bpm = np.zeros(len(at))
    for (second, value, moves), (until, to, _) in zip(points, [*points[1:], (at[-1] + 1, 0, 0)], strict=True):
        here = (at >= second) & (at < until)
        bpm[here] = value + (to - value) * (at[here] - second) / (until - second) if moves else value
    passed = np.concatenate([[0], np.cumsum((bpm[1:] + bpm[:-1]) / 2)]) * 1e-4 / 60
    return np.interp(quarters, passed, at)


def lines_of(meters, count):
    """The first bar lines in quarters, of time signatures as (quarter, quarters of a bar)."""
    found = []
    for (start, bar), (stop, _) in zip(meters, [*meters[1:], (1e9, 1)], strict=True):
        while start < stop - 1e-3 and len(found) < count:
            found.append(start)
            start += bar
    return found


def test_reaper_bar_lines_regions_and_tracks(project):
    timeline, path = project("x.rpp")
    text = path.read_text(encoding="utf-8")
    points = [
        (float(line[0]), float(line[1]), line[2] == "0", *map(int, line[3:]))
        for line in (each.split() for each in re.findall(r"^    PT (.*)$", text, re.MULTILINE))
    ]
    assert [p[0] for p in points] == sorted({p[0] for p in points})
    envelope = [p[:3] for p in points]
    signed = [(p[0], 4 * (p[3] & 0xFFFF) / (p[3] >> 16)) for p in points if len(p) > 3]
    grid = np.linspace(0, 40, 400_001)
    times = seconds_of_quarters(envelope, grid)
    meters = [(np.interp(second, times, grid), bar) for second, bar in signed]
    expected = bar_lines(timeline)
    assert len(meters) == 4
    found = seconds_of_quarters(envelope, lines_of(meters, len(expected)))
    assert found == pytest.approx(expected, abs=0.001)
    regions = re.findall(r"^  MARKER (\d) (\S+) (.*) 1$", text, re.MULTILINE)
    assert [r[2] for r in regions[::2]] == ['"intro"', "`it's \"<&> 'x' é`", '"chorus"']
    assert [float(r[1]) for r in regions[::2]] == [s.start_frame / RATE for s in timeline.sections]
    assert [float(r[1]) for r in regions[1::2]] == [s.end_frame / RATE for s in timeline.sections]
    assert re.findall(r"MUTESOLO (\d)", text) == ["1", "0", "0", "0"]
    assert re.findall(r'FILE "(.*)"', text)[:2] == ["../x_master.wav", "../x_bass.wav"]
    assert text.count("<") - text.count('"<&>') - text.count("it's \"<&>") + 1 == len(
        re.findall(r"^ *>$", text, re.MULTILINE)
    )


def test_dawproject_lanes_markers_and_routing(project):
    timeline, path = project("x.dawproject")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["project.xml", "metadata.xml"]
        root = ElementTree.fromstring(archive.read("project.xml"))
        metadata = ElementTree.fromstring(archive.read("metadata.xml"))
    assert metadata.findtext("Title") == '"quoted" <b>&amp; `ticks` é'
    tempo = [
        (float(p.get("time")), float(p.get("value"))) for p in root.findall(".//TempoAutomation/RealPoint")
    ]
    assert {p.get("interpolation") for p in root.findall(".//TempoAutomation/RealPoint")} == {"hold"}

    def seconds(quarter):
        edges = [at for at, _ in tempo if at < quarter] + [quarter]
        return sum((b - a) * 60 / bpm for a, b, (_, bpm) in zip(edges, edges[1:], tempo, strict=False))

    meters = [
        (float(p.get("time")), 4 * int(p.get("numerator")) / int(p.get("denominator")))
        for p in root.findall(".//TimeSignatureAutomation/TimeSignaturePoint")
    ]
    expected = bar_lines(timeline)
    found = [seconds(at) for at in lines_of(meters, len(expected))]
    assert found == pytest.approx(expected, abs=0.001)
    marks = root.findall(".//Markers/Marker")
    assert [m.get("name") for m in marks] == [*TEXTS, "end"]
    starts = [s.start_frame / RATE for s in timeline.sections] + [timeline.end_frame / RATE]
    assert [seconds(float(m.get("time"))) for m in marks] == pytest.approx(starts, abs=0.001)
    (main,) = root.findall(".//Channel[@role='master']")
    channels = root.findall(".//Channel[@role='regular']")
    assert [c.get("destination") for c in channels] == [main.get("id")] * 4
    assert [c.find("Mute").get("value") for c in channels] == ["true", "false", "false", "false"]
    files = [f.get("path") for f in root.findall(".//Audio/File[@external='true']")]
    assert files == [f"../x_{name}.wav" for name in ("master", "bass", "drums", "pair")]
    tracks = {t.get("id") for t in root.findall("./Structure/Track")}
    assert {lane.get("track") for lane in root.findall("./Arrangement/Lanes/Lanes")} < tracks


@pytest.mark.parametrize("name", ["x.mid", "x.rpp", "x.dawproject"])
def test_the_same_song_gives_the_same_bytes(project, name):
    first = project(name)[1].read_bytes()
    assert project(name)[1].read_bytes() == first


def test_long_ramps_in_beats_stay_within_a_millisecond():
    """The closed form of all beats: t = 60 L / (b1 - b0) ln(b / b0)."""
    tempo = TempoMap([change(1, 60, "4/4", ramp=(240, "16 bars"))], Duration())
    points = [p[:3] for p in tempo_envelope(tempo, tempo.advance(0, parse_duration("20 bars")))]
    beats = np.arange(65)
    expected = 60 * 64 / 180 * np.log1p(180 * beats / 64 / 60)
    assert seconds_of_quarters(points, beats) == pytest.approx(expected, abs=0.001)
    assert len(points) < 60


@pytest.mark.parametrize("text, expected", [
    ("a b", '"a b"'), ('a"b', "'a\"b'"), ("a\"b'c", "`a\"b'c`"), ("\"'`", "`\"''`")])  # fmt: skip
def test_quotes(text, expected):
    assert quoted(text) == expected


def test_reaper_has_a_reader_of_every_delivery_format():
    assert rpp._SOURCES.keys() == {each.ending.removeprefix(".") for each in FORMATS.values()}
