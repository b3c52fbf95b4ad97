"""Comparisons as text: nothing that comes from a song is markup, or has a path."""

from stemwright.comparison.report import lines, markdown, to_json
from stemwright.comparison.result import Change, Comparison, TrackComparison

CHANGED = TrackComparison(
    role="stem",
    name="bass",
    status="changed",
    old_path="/tmp/secret/bass.wav",
    new_path="build/bass.wav",
    changes=[Change("level", [], 1.5, "dB", "+1.5 dB in <b>chorus</b> | x", 1.0)],
    residual_dbfs=-40.04,
)
MIX = TrackComparison(role="mix", name="mix", status="changed", follows=["bass"])
SAME = TrackComparison(role="stem", name="pad", status="identical", proof="bytes")
FOUND = Comparison([CHANGED, SAME, MIX], [], ["bass: +1.5 dB in <b>chorus</b>", "mix follows"])


def test_lines_for_a_terminal():
    assert lines("tune", FOUND)[0] == "tune: 1 of 3 files are identical"
    assert lines("tune", Comparison([SAME], [], [])) == ["tune: all 1 files are identical"]
    assert "\x1b" not in "".join(lines("tune", Comparison([SAME], [], ["\x1b[31mred"])))


def test_markdown_has_no_markup_of_songs():
    text = markdown({"tune": FOUND}, {"other": "new"})
    assert "### tune: 1 of 3 files are identical" in text and "### other: new" in text
    assert r"| bass | changed | +1.5 dB in \<b\>chorus\</b\> \| x | -40.0 dBFS |" in text
    assert "| mix | changed | follows bass |  |" in text
    assert "<b>" not in text


def test_json_has_no_paths():
    data = to_json(FOUND)
    assert "secret" not in str(data) and data["tracks"][0]["changes"][0]["amount"] == 1.5
    assert data["is_identical"] is False
