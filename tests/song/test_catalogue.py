"""Which songs there are: names, patterns, folders and tables; and which names no song may have."""

import glob
import os
from pathlib import Path

import pytest

from stemwright.song.house import load_house
from stemwright.validation.problems import InvalidFileError

FILES = ["b", "a", "rock/blue", "rock/red", "rock/live/blue", "Jazz/x_1", "take-1"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        song(name)
    for file in ("songs/.hidden.yaml", "songs/.git/x.yaml", "songs/notes.txt", "songs/rock/kick.wav"):
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).write_text("")
    Path("t.csv").write_text("name,id\ne/1,001\ne/2,002\n")


def song(name, ending=".yaml"):
    Path(f"songs/{name}{ending}").parent.mkdir(parents=True, exist_ok=True)
    Path(f"songs/{name}{ending}").write_text("no song: [")  # none of them is read


def table(**keys):
    return {"table": "t.csv", "template": "x.yaml", **keys}


def found(*listed):
    return load_house({"songs": list(listed)}, []).songs.names


def said(*listed, files=()):
    with pytest.raises(InvalidFileError) as caught:
        load_house({"songs": list(listed)}, list(files))
    return str(caught.value).split("\n")


@pytest.mark.parametrize(
    "pattern",
    ["*", "**", "rock/*", "rock/**", "**/blue", "*/*", "[ab]", "[!a]", "?", "r*/re?", "take-*", "**/live/*"],
)
def test_patterns_are_those_of_glob(pattern):
    """Python's own `glob` finds the same files."""
    ours = found(pattern)
    theirs = glob.glob(
        f"{pattern}.yaml" if pattern != "**" else "**/*.yaml", root_dir="songs", recursive=True
    )
    if pattern == "rock/**":  # of glob, `**` beside other signs is `*`
        theirs = glob.glob("rock/**/*.yaml", root_dir="songs", recursive=True)
    assert ours and ours == sorted(file.removesuffix(".yaml") for file in theirs)


def test_a_folder_is_all_that_is_in_it():
    assert found("rock/") == ["rock/blue", "rock/live/blue", "rock/red"]


def test_songs_come_in_the_order_of_the_list_and_once():
    assert found("take-1", "rock/red", "rock/*", table(), "*") == [
        *("take-1", "rock/red", "rock/blue", "e/1", "e/2", "a", "b")
    ]


def test_a_table_may_be_named_by_columns_and_chosen_from():
    assert found(table(name="etudes/${id}-x")) == ["etudes/001-x", "etudes/002-x"]
    Path("config.yaml").write_text("songs: [a, {table: t.csv, template: x.yaml}]\n")
    rules = load_house({"songs": ["e/2", "a"]}, ["config.yaml"])  # as with --config songs=[e/2, a]
    assert rules.songs.names == ["e/2", "a"] and set(rules.songs.rows) == {"e/1", "e/2"}
    assert [rules.songs.file(name) for name in rules.songs.names] == ["x.yaml", "songs/a.yaml"]
    assert load_house({"songs": ["e/*"]}, ["config.yaml"]).songs.names == ["e/1", "e/2"]


def test_a_template_is_no_song():
    Path("t.csv").write_text("name\nx/1\n")
    assert found("*", table(template="songs/b.yaml")) == ["a", "take-1", "x/1"]


@pytest.mark.parametrize(
    "listed, says",
    [
        (
            ["pop/*"],
            "songs[0]: names no song: no file is songs/pop/*.yaml; known are: Jazz/x_1, a, b, rock/blue, ",
        ),
        (
            ["popp/", table()],
            "songs[0]: names no song: no file is songs/popp/**.yaml, nor a row of t.csv; known",
        ),
        (
            ["rock/../b"],
            "songs[0]: must be letters, digits, - and _ only, at most 64, not beginning with - (is '..')",
        ),
        (
            ["../*"],
            "songs[0]: must be a pattern of names below songs/: letters, digits, - and _, with * ? [ ]",
        ),
        (["/etc/*"], "songs[0]: must be a pattern"),
        (["/a"], "songs[0]: must have a name before and after each / (is '/a')"),
        (["a//b"], "songs[0]: must have a name before and after each / (is 'a//b')"),
        (["x/CON"], "songs[0]: is a name that some systems reserve for a device (is 'CON') in 'x/CON'"),
        (["x" * 64 + 3 * ("/" + "x" * 64)], "songs[0]: must have at most 200 characters"),
        (["Albums/x"], "songs[0]: must not be Albums/x: albums are built in a folder of that name"),
        (["x", "X"], "songs[1]: repeats x: names that differ only in case are one file on many systems"),
        (["x/y", "x/y"], "songs[1]: repeats x/y"),
        (["x/Y", "X/y"], "songs[1]: repeats x/Y"),
        (["x/y", "X"], "songs[0]: would be built in the folder of the song X: rename one of them"),
        (["a/stems"], "songs[0]: would be built in the folder of the song a: rename one of them"),
        ([7], "songs[0]: must be text: put it in quotes (is 7)"),
        ([table(name="x")], "songs[0].name: must have a column in it, such as $name"),
        ([table(name="$ name")], "songs[0].name: has a $ that stands before no column"),
        ([table(rows=1)], "songs[0].rows: is not a known key"),
    ],
)
def test_entries_that_are_refused(listed, says):
    (line,) = said(*listed)
    assert line.startswith(f"config: {says}")


@pytest.mark.parametrize(
    "rows, says",
    [
        (
            "name\n../x\n",
            "t.csv:2: name: must be letters, digits, - and _ only, at most 64, not beginning with - (is",
        ),
        ("name\nx\n\nx\n", "t.csv:4: name: is the name of a song in t.csv:2 already (is 'x')"),
        ("name,b\nx,1\n,2\n", "t.csv:3: name: has no value in name, and $name needs one"),
        ("name\na\n", "t.csv:2: name: is the name of another song, songs/a.yaml (is 'a')"),
        ("name\nx\nX\n", "t.csv:3: name: gives X, which repeats x: names that differ only in case"),
        (
            "name\na/x\n",
            "t.csv:2: name: gives a/x, which would be built in the folder of the song a: rename one",
        ),
        (
            "nmae\nx\n",
            "t.csv:1: has no column name, of which the names of songs are made ($name); did you mean nmae?",
        ),
        (
            "name\nalbums\n",
            "t.csv:2: name: gives albums, which must not be albums: albums are built in a folder",
        ),
        ("name\n", "t.csv:1: has no rows"),
    ],
)
def test_rows_that_are_refused(rows, says):
    Path("t.csv").write_text(rows)
    (line,) = said(table())
    assert line.startswith(says)


def test_files_that_a_pattern_finds_must_have_names_of_songs():
    song("My Song")
    song("old", ".yml")
    Path("config.yaml").write_text("songs:\n  - a\n  - '*'\n")
    assert said("a", "*", files=["config.yaml"]) == [
        "config.yaml:3: songs[1]: names My Song, which must be letters, digits, - and _ only, at most 64, not "
        "beginning with - (is 'My Song'): rename songs/My Song.yaml",
        "config.yaml:3: songs[1]: names old, which is in songs/old.yml: rename it, since songs end in .yaml",
    ]


def test_the_first_song_may_be_started_where_a_pattern_names_none():
    os.rename("songs", "elsewhere")
    assert load_house({"songs": ["*"], "song": "new"}, []).songs.names == []
    assert said("*") == [
        "config: songs[0]: names no song: no file is songs/*.yaml; there is no song in songs/"
    ]
