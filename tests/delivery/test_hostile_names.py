"""Titles that break careless writers, in every file of a hand-off: other readers find what was written."""

import csv
import zipfile
from xml.etree import ElementTree

import mido
import pytest
import rpp
from moving_song import moving_plan

from stemwright.base.errors import StemwrightError
from stemwright.delivery.handoff import write_handoff

TITLES = [
    "<b>&amp;</b> ]]> <!-- & -->",
    "\"it's\" 'so'",
    'a "MARKER 9 0 x 1',
    "> TRACK <ITEM {1} |",
    "=1+1, @x; \\n % %s {stem} ../../etc",
    "\U0001f941" * 200,
    "שלום e\u0301 ﷽ \ufeff",
    "`backquotes` alone",
    "-- ; # // 0.5 0.6 ",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All files of the hand-off of a song with these sections, and one as its title."""
    folder = tmp_path_factory.mktemp("hostile")

    def edit(song):
        song["sections"] = [{f"s{n}": {"length": "1 beat", "title": text}} for n, text in enumerate(TITLES)]
        song["title"] = song["artist"] = TITLES[0]
        song["changes"], song["stems"] = [], {"a-": {"source": {"tone": {"note": "A2"}}}}

    plan = moving_plan(folder, edit)
    for artifact in plan.graph.stage("handoff"):
        (folder / artifact.name).parent.mkdir(exist_ok=True)
        write_handoff(folder / artifact.name, plan.job(artifact)["params"])
    return folder


def test_midi(folder):
    markers = [
        m.text for m in mido.MidiFile(folder / "x.mid", charset="utf-8").tracks[0] if m.type == "marker"
    ]
    assert markers == [*TITLES, "end"]


def test_reaper(folder):
    project = rpp.loads((folder / "x.rpp").read_text(encoding="utf-8"))
    regions = [child[3] for child in project.children if isinstance(child, list) and child[0] == "MARKER"]
    assert regions[::2] == TITLES and len(project.findall("TRACK")) == 2
    assert (
        max(map(len, (folder / "x.rpp").read_bytes().split(b"\n"))) < 1_000
    )  # as long as readers' lines may be


def test_dawproject(folder):
    with zipfile.ZipFile(folder / "x.dawproject") as archive:
        root = ElementTree.fromstring(archive.read("project.xml"))
        metadata = ElementTree.fromstring(archive.read("metadata.xml"))
    assert [mark.get("name") for mark in root.iter("Marker")] == [*TITLES, "end"]
    assert [each.text for each in metadata] == [TITLES[0], TITLES[0]]


def test_labels(folder):
    for name in ("x_labels.txt", "stage/x_labels_count-in-2-bars.txt"):
        with open(folder / name, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        texts = [text for start, end, text in rows if start != end]
        assert texts[-len(TITLES) :] == TITLES


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "a\tb",
        "a\r",
        "\x00",
        "\x1b[2J",
        "\u2028",
        "\ufffe",
        "\U0001ffff",
        "\u202e",
        "x" * 201,
    ],
)
def test_what_no_line_can_hold_is_refused_when_it_is_planned(tmp_path, text):
    """YAML's escapes, as JSON has them, bring any character in."""
    with pytest.raises(StemwrightError, match=r"sections\[1\].verse.title: "):
        moving_plan(tmp_path, lambda song: song["sections"][1]["verse"].update(title=text))
