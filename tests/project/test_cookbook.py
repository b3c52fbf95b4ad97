"""docs/cookbook: each recipe is a song, an album or a dataset, without mistakes and doubts, and has a plan."""

import re

import pytest
from snippets import COOKBOOK, cookbook, write_cookbook

from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.load_album import check_songs, read_album
from stemwright.song.load_dataset import read_dataset

FILES = cookbook()
SONGS = re.findall(r"^songs/(\S+)\.yaml$", "\n".join(FILES), re.MULTILINE)


TABLE = {"table": "etudes.csv", "template": "etude.yaml", "name": "etudes/$name"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cookbook")
    write_cookbook(path)
    return path


@pytest.mark.parametrize("song", SONGS)
def test_a_recipe_has_a_plan(song, folder, monkeypatch, needs):
    if "soundfont:" in FILES[f"songs/{song}.yaml"]:
        needs("fluidsynth")
    monkeypatch.chdir(folder)
    loaded = load_song(song, load_house({"songs": SONGS}, []), f"songs/{song}.yaml")
    assert not loaded.doubts
    assert f"build/{song}/{song}.zip.ok" in Plan(loaded, "build").targets


def test_the_songs_of_a_table_have_a_plan(folder, monkeypatch):
    monkeypatch.chdir(folder)
    rules = load_house({"songs": [TABLE]}, [])
    assert list(rules.songs.doubts(rules.songs.names)) == []
    for song, row in rules.songs.rows.items():
        loaded = load_song(song, rules, row.template.file, row=row)
        assert not loaded.doubts
        assert f"build/{song}/{song.removeprefix('etudes/')}.zip.ok" in Plan(loaded, "build").targets


def test_the_album_has_songs_of_the_cookbook(folder, monkeypatch):
    monkeypatch.chdir(folder)
    check_songs(read_album("ep", load_house({"songs": SONGS}, []), "albums/ep.yaml"), SONGS)


def test_the_dataset_has_songs_of_the_cookbook(folder, monkeypatch):
    monkeypatch.chdir(folder)
    found = read_dataset("pair", load_house({"songs": SONGS}, []), "datasets/pair.yaml")
    assert found.songs(SONGS) == ["swing", "seven"]


def test_its_table_names_every_recipe_and_leads_to_it():
    table = (COOKBOOK / "README.md").read_text(encoding="utf-8")
    linked = set()
    for title, page, anchor in re.findall(r"\[([^]]+)\]\((\w+\.md)#([^)]+)\)", table):
        assert anchor == re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        assert f"\n## {title}\n" in (COOKBOOK / page).read_text(encoding="utf-8")
        linked.add((page, title))
    pages = {page for page in COOKBOOK.glob("*.md") if page.name != "README.md"}
    titles = {
        (page.name, title)
        for page in pages
        for title in re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert linked == titles and len(titles) >= 20
    named = re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\|.*\|(.*)\|$", table, re.MULTILINE)))
    assert sorted(named) == sorted([*SONGS, "ep", "etudes", "pair"])
