"""Templates: what a row of a table makes of one, and how mistakes in either are told."""

from pathlib import Path

import pytest
import yaml

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation.problems import InvalidFileError

TEMPLATE = """\
title: "$title" # text, whatever it looks like
bpm: $tempo
length: ${bars so far} bars
stems:
  $stem:
    source: {tone: {note: $note}}
    gain_db: $gain
"""
HEADER = "name,title,tempo,bars so far,stem,note,gain\n"
ROW = "x,1979,120.5,2,bass,A2,-3\n"


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """`catalogue(rows, template)` are the songs of a table with the columns above, or with its own."""
    monkeypatch.chdir(tmp_path)

    def read(rows=ROW, template=TEMPLATE, header=HEADER):
        Path("t.csv").write_text(header + rows, encoding="utf-8")
        Path("t.yaml").write_text(template, encoding="utf-8")
        rules = load_house({"songs": [{"table": "t.csv", "template": "t.yaml"}]}, [])
        return rules, rules.songs

    return read


def load(rules, name):
    row = rules.songs.rows[name]
    return load_song(name, rules, row.template.file, row=row)


def said(found, names="x"):
    rules, _ = found
    problems = []
    for name in names:
        try:
            load(rules, name)
        except InvalidFileError as error:
            problems += error.problems
    return str(InvalidFileError(problems)).split("\n")


def test_a_row_gives_what_the_same_song_gives_by_hand(catalogue):
    rules, songs = catalogue()
    by_hand = yaml.safe_load(
        TEMPLATE.replace("$title", "1979")
        .replace("$tempo", "120.5")
        .replace("$note", "A2")
        .replace("${bars so far}", "2")
        .replace("$stem", "bass")
        .replace("$gain", "-3")
    )
    assert songs.rows["x"].read().data == by_hand
    Path("x.yaml").write_text(yaml.safe_dump(by_hand))
    assert load(rules, "x").document == load_song("x", rules, "x.yaml").document


def test_values_keep_their_types_alone_and_are_text_in_text(catalogue):
    template = 'a: [$n, "$n", -$n, $$n, $yes, "${yes}s", $none, "$none"]\n'
    _, songs = catalogue("x,007,true,null\n", template, "name,n,yes,none\n")
    assert songs.rows["x"].read().data == {"a": [7, "007", "-007", "$n", True, "trues", None, "null"]}


@pytest.mark.parametrize(
    "value",
    [
        "{a: 1}",
        "[1, 2]",
        "*x",
        "&x 1",
        "!!python/object:os.system",
        "x\n  pan: 1",
        "a: b",
        "$tempo",
        "<<",
        "#",
    ],
)
def test_a_value_is_never_more_than_a_value(catalogue, value):
    _, songs = catalogue(f'x,"{value}"\n', 'a: $v\nb: ["$v"]\n"$v": 1\n', "name,v\n")
    assert songs.rows["x"].read().data == {"a": value, "b": [value], value: 1}


def test_lines_follow_keys_that_columns_give(catalogue):
    _, songs = catalogue()
    document = songs.rows["x"].read()
    assert document.line(("stems", "bass", "gain_db")) == 7 and ("stems", "$stem") not in document.lines


@pytest.mark.parametrize(
    "row, says",
    [
        ("x,T,fast,2,bass,A2,-3\n", "t.csv:2: tempo: gives bpm (t.yaml:2), which must be beats a minute"),
        (
            "x,T,120,2,bass,A2,240\n",
            "t.csv:2: gain: gives stems.bass.gain_db (t.yaml:7), which must be at most 24",
        ),
        ("x,T,120,2,bass,H9,0\n", "t.csv:2: note: gives stems.bass.source.tone.note (t.yaml:6), which "),
        (
            "x,T,120,2,b/c,A2,0\n",
            "t.csv:2: stem: gives stems.$stem (t.yaml:5), which must be letters, digits",
        ),
        ("x,T,120,two,bass,A2,0\n", "t.csv:2: bars so far: gives length (t.yaml:3), which must be "),
        ("x,T,,2,bass,A2,0\n", "t.csv:2: tempo: gives bpm (t.yaml:2), which has no value here"),
    ],
)
def test_a_mistake_in_a_row_is_told_with_row_column_and_line_of_the_template(catalogue, row, says):
    (line,) = said(catalogue(row))
    assert line.startswith(says.replace("stems.bass", "stems.$stem"))


@pytest.mark.parametrize(
    "template, says",
    [
        ("bpm: $temp\n", "t.yaml:1: bpm: uses $temp, which is no column of t.csv; did you mean tempo?"),
        ("bpm: 1\n$5: 2\n", "t.yaml:2: $5: has a $ that stands before no column: write $column or"),
        ("title: 5 $\n", "t.yaml:1: title: has a $ that stands before no column"),
        (
            "bpm: 1\n$title: 1\n$tempo: 2\n",
            "t.csv:2: tempo: gives $tempo (t.yaml:3), which is the key '120' a second",
        ),
        ("a: [\n", "t.yaml:1: is not YAML"),
    ],
)
def test_a_mistake_in_a_template(catalogue, template, says):
    (line,) = said(catalogue("x,120,120,2,bass,A2,0\n", template))
    assert line.startswith(says)


def test_a_mistake_of_all_rows_is_told_once(catalogue):
    rows = "".join(f"x{n},T,120,2,bass,A2,0\n" for n in range(5))
    found = catalogue(rows, TEMPLATE + "    effects: [lowpas: ]\n")
    (line,) = said(found, [f"x{n}" for n in range(5)])
    assert line.startswith(
        "t.yaml:8: stems.bass.effects[0].lowpas: is not a known key; did you mean lowpass?"
    )
    assert line.endswith(" (x0, t.csv:2, and 4 more)")


def test_what_a_song_depends_on_is_its_row_alone(catalogue):
    _, songs = catalogue(ROW)
    before = songs.rows["x"].key
    _, songs = catalogue(ROW + "y,2,90,2,bass,A2,-3\n")
    assert songs.rows["x"].key == before
    _, songs = catalogue(ROW.replace("-3", "-4"))
    assert songs.rows["x"].key != before


def test_columns_that_nothing_uses_are_doubtful(catalogue):
    _, songs = catalogue("x,1,2,3\n", "bpm: $tempo\n", "name,tempo,mood,split\n")
    assert list(map(str, songs.doubts(["x"]))) == [
        "t.csv:1: mood, split: is used neither in t.yaml nor in the names of its songs"
    ]
    assert list(songs.doubts(["other"])) == []
