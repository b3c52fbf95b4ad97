"""A song's file is written whole, as a song, and never in the place of another."""

import threading
from pathlib import Path

import pytest
import yaml

from stemwright.base.errors import StemwrightError
from stemwright.starting import creating
from stemwright.starting.creating import start_song


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def start(**answers):
    files = ["config.yaml"] if Path("config.yaml").exists() else []
    config = yaml.safe_load(Path("config.yaml").read_text()) if files else {}
    return start_song({**config, **answers}, files)


def test_a_first_song_and_a_second():
    assert "songs/one.yaml: written, and config.yaml with it" in start(song="one")
    assert "to build it: snakemake --cores 4 build/two/report/index.html.ok" in start(
        song="two", style="waltz"
    )
    assert yaml.safe_load(Path("config.yaml").read_text())["songs"] == ["one", "two"]
    assert sorted(file.name for file in Path("songs").iterdir()) == ["one.yaml", "two.yaml"]
    schema = Path("songs/one.yaml").read_text().splitlines()[0].partition("$schema=")[2]
    assert Path("songs", schema).resolve() == Path(__file__).parents[2] / "schema/song.schema.json"


@pytest.mark.parametrize("name", ["one", "ONE", "listed", "Listed", "albums", "Albums", "broken", "link"])
def test_what_exists_stays_as_it_is(name):
    Path("songs").mkdir()
    Path("songs/one.yaml").write_text("mine")
    Path("songs/broken.yaml").write_bytes(b"\xff")
    Path("songs/link.yaml").symlink_to("nowhere")
    Path("config.yaml").write_text("songs:\n  - listed # mine\n")
    if name == "listed":  # in the list, and without a file yet
        assert start(song=name).startswith("songs/listed.yaml: written\nto build it")
        return
    with pytest.raises(StemwrightError, match=r"^--config: song: "):
        start(song=name)
    assert Path("config.yaml").read_text() == "songs:\n  - listed # mine\n"
    assert Path("songs/one.yaml").read_text() == "mine" and len(list(Path("songs").iterdir())) == 3


def test_a_name_that_is_taken_meanwhile(monkeypatch):
    """As when another process, which knows no locks, makes the file between the check and the write."""
    load = creating.load_song

    def late(*args):
        Path("songs/new.yaml").write_text("mine")
        return load(*args)

    monkeypatch.setattr(creating, "load_song", late)
    with pytest.raises(StemwrightError, match="exists already"):
        start(song="new")
    assert [file.read_text() for file in Path("songs").iterdir()] == ["mine"] and not Path(
        "config.yaml"
    ).exists()


def test_many_at_once_lose_none():
    start(song="first")
    names = [f"song-{n}" for n in range(6)]
    at_once = [threading.Thread(target=start, kwargs={"song": name}) for name in names]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()
    assert sorted(yaml.safe_load(Path("config.yaml").read_text())["songs"]) == ["first", *names]


def test_what_the_house_rules_forbid_is_not_written():
    Path("config.yaml").write_text('songs: [a]\ndelivery: {names: {master: "{artist}"}}\n')
    with pytest.raises(StemwrightError, match=r"^(config|songs/new)\.yaml:.*artist"):
        start(song="new")
    assert list(Path("songs").iterdir()) == [] and "new" not in Path("config.yaml").read_text()
    assert "written" in start(song="new", artist="Ana")


def test_a_list_that_cannot_be_added_to():
    text = "songs: &all [a]\nalbums: *all\n"
    Path("config.yaml").write_text(text)
    assert "written; add it to `songs` in config.yaml: - new" in start(song="new")
    assert Path("config.yaml").read_text() == text


def test_a_song_in_a_folder():
    assert "songs/rock/blue.yaml: written" in start(song="rock/blue")
    text = Path("songs/rock/blue.yaml").read_text()
    schema = text.splitlines()[0].partition("$schema=")[2]
    assert Path("songs/rock", schema).resolve() == Path(__file__).parents[2] / "schema/song.schema.json"
    assert yaml.safe_load(text)["title"] == "Blue"
    assert yaml.safe_load(Path("config.yaml").read_text())["songs"] == ["rock/blue"]
    for name, says in (
        ("rock", "rock would have the song rock/blue in its folder"),
        ("Rock/Blue", "repeats rock/blue"),
        ("rock/blue/x", "would be built in the folder of the song rock/blue"),
        ("albums/x", "albums are built in a folder of that name"),
    ):
        with pytest.raises(StemwrightError, match=says):
            start(song=name)
    for name, says in (
        ("rock/../x", r"not beginning with - \(is '..'\)"),
        ("/x", "a name before and after each /"),
    ):
        with pytest.raises(StemwrightError, match=says):
            start(song=name)
    assert [str(path) for path in Path("songs").rglob("*.yaml")] == ["songs/rock/blue.yaml"]


def test_a_song_that_a_pattern_names_is_not_listed_again():
    text = "songs:\n  - rock/\n  - table: t.csv\n    template: x.yaml\n\nreport: false\n"
    Path("config.yaml").write_text(text)
    Path("t.csv").write_text("name\ne/1\n")
    assert "written, which `songs` in config.yaml names already" in start(song="rock/blue")
    assert Path("config.yaml").read_text() == text
    assert "added to `songs`" in start(song="jazz")
    added = text.replace("x.yaml\n", "x.yaml\n  - jazz\n")
    assert Path("config.yaml").read_text() == added
    with pytest.raises(StemwrightError, match=r"song: e/1 is in t\.csv:2 already"):
        start(song="e/1")
