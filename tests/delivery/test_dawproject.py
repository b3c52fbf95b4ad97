"""The rules of DAWproject 1.0, as its schema has them, in our own words: of songs that move, and that do not."""

import math
import re
import zipfile
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from moving_song import moving_plan

from stemwright.delivery.handoff import write_handoff

CHILDREN = {
    "Project": ["Application", "Transport", "Structure", "Arrangement"],
    "Transport": ["Tempo", "TimeSignature"],
    "Track": ["Channel"],
    "Channel": ["Mute", "Pan", "Volume"],
    "Arrangement": ["Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation"],
    "Clip": ["Audio"],
    "Audio": ["File"],
    "MetaData": ["Title", "Artist"],
}
"""What is in an element, each once, in this order; all of it, but in the metadata."""

REQUIRED = {
    "Project": {"version"},
    "Application": {"name", "version"},
    "Tempo": {"unit", "value", "id"},
    "TimeSignature": {"numerator", "denominator", "id"},
    "Track": {"contentType", "id", "name"},
    "Channel": {"role", "audioChannels", "id"},
    "Mute": {"value"},
    "Pan": {"unit", "value"},
    "Volume": {"unit", "value"},
    "Clip": {"time", "duration"},
    "Audio": {"channels", "sampleRate", "duration"},
    "File": {"path", "external"},
    "Marker": {"time", "name"},
    "Target": {"parameter"},
    "RealPoint": {"time", "value"},
    "TimeSignaturePoint": {"time", "numerator", "denominator"},
}
NUMBERS = {"time", "duration", "playStart", "min", "max"}
WHOLE = {"numerator", "denominator", "audioChannels", "channels", "sampleRate"}
BOOLEAN = {"loaded", "solo", "external"}
UNITS = {"bpm", "linear", "normalized"}


def plain(song):
    del song["sections"], song["changes"], song["pickup"]
    song["stems"], song["length"] = {"a": {"source": {"tone": {"note": "A2"}}}}, "3 bars"


def podcast(song):
    plain(song)
    del song["bpm"], song["key"]
    song["length"] = "2.5 s"


def split(song):
    song["delivery"].update(channels="split", sample_rate=11_025)


@pytest.fixture(
    params=[lambda song: None, plain, podcast, split], ids=["moving", "plain", "podcast", "split"]
)
def documents(request, tmp_path):
    """Both documents of the project of a song."""
    edit = request.param

    def asks_for_one(song):
        song["delivery"] = {"handoff": ["dawproject"]}
        edit(song)

    plan = moving_plan(tmp_path, asks_for_one)
    write_handoff(tmp_path / "x.dawproject", plan.job(plan.graph.get("handoff", "x.dawproject"))["params"])
    with zipfile.ZipFile(tmp_path / "x.dawproject") as archive:
        return [ElementTree.fromstring(archive.read(name)) for name in archive.namelist()]


def test_elements_are_in_order_and_have_what_they_must(documents):
    for element in (each for document in documents for each in document.iter()):
        names, expected = [child.tag for child in element], CHILDREN.get(element.tag)
        if element.tag == "MetaData":
            assert names == [name for name in expected if name in names]
        elif expected:
            assert names == expected
        assert REQUIRED.get(element.tag, set()) <= element.attrib.keys()
        for key, value in element.items():
            if key in NUMBERS or (key == "value" and element.tag in ("Tempo", "RealPoint", "Pan", "Volume")):
                assert math.isfinite(float(value)) and float(value) >= 0
            elif key in WHOLE:
                assert int(value) >= 1
            elif key in BOOLEAN or (key == "value" and element.tag == "Mute"):
                assert value in ("true", "false")
            elif key == "unit":
                assert value in UNITS


def test_references_lead_to_one_element_each(documents):
    project, _ = documents
    ids = [each.get("id") for each in project.iter() if each.get("id") is not None]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[A-Za-z_][\w.-]*", each) for each in ids)
    by_id = {each.get("id"): each.tag for each in project.iter()}
    for key, kind in (
        ("destination", {"Channel"}),
        ("track", {"Track"}),
        ("parameter", {"Tempo", "TimeSignature"}),
    ):
        assert {by_id[each.get(key)] for each in project.iter() if each.get(key)} <= kind


def test_tempo_and_meter_have_lanes_and_every_track_leads_to_the_master(documents):
    project, _ = documents
    arrangement = project.find("Arrangement")
    for lane, target, point in (
        ("TempoAutomation", "Tempo", "RealPoint"),
        ("TimeSignatureAutomation", "TimeSignature", "TimeSignaturePoint"),
    ):
        ((first, *points),) = [list(each) for each in arrangement.findall(lane)]
        assert first.tag == "Target" and first.get("parameter") == project.find(f"Transport/{target}").get(
            "id"
        )
        assert {each.tag for each in points} == {point}
        times = [float(each.get("time")) for each in points]
        assert times[0] == 0 and all(a < b for a, b in pairwise(times))
        assert arrangement.find(lane).get("timeUnit") == "beats"
    (master,) = project.findall("Structure/Track/Channel[@role='master']")
    others = project.findall("Structure/Track/Channel[@role='regular']")
    assert others and {each.get("destination") for each in others} == {master.get("id")}
    assert master.get("destination") is None
    lanes = [each.get("track") for each in arrangement.findall("Lanes/Lanes")]
    assert lanes == [each.get("id") for each in project.findall("Structure/Track")][:-1]
    assert [float(each.get("time")) for each in project.iter("Marker")] == sorted(
        float(each.get("time")) for each in project.iter("Marker")
    )
    assert len(project.findall("Arrangement/Markers/Marker")) >= 1
