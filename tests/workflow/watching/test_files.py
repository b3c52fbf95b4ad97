"""What is watched: songs, the config and the files that a song is made from, however they are saved."""

import os
from pathlib import Path

import pytest

from stemwright.workflow.watching.files import Watched, source_files

WAIT_S = 10


@pytest.fixture
def watched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("songs/deep", "takes", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("config.yaml", "songs/x.yaml", "takes/one.wav", "takes/two.wav"):
        Path(name).write_text("0")
    begun = Watched()
    settle(begun)
    return begun


def settle(watched):
    """Wait until the watches have begun: until a save of the config is seen."""
    while not watched.changed.wait(0.2):
        Path("config.yaml").write_text("1")
    while watched.changed.wait(0.3):
        watched.changed.clear()


def is_seen(watched, save):
    watched.changed.clear()
    save()
    return watched.changed.wait(WAIT_S)


def replaced(name):
    """As editors save: another file in the place of the old one."""
    Path(f"{name}.new").write_text("2")
    os.replace(f"{name}.new", name)


def test_however_it_is_saved(watched):
    assert is_seen(watched, lambda: Path("songs/x.yaml").write_text("3"))
    assert is_seen(watched, lambda: replaced("songs/x.yaml"))
    assert is_seen(watched, lambda: replaced("config.yaml"))
    assert is_seen(watched, lambda: Path("songs/deep/part.mid").write_text("4"))


@pytest.mark.parametrize("save", [replaced, lambda name: Path(name).write_text("4")])
def test_a_save_of_a_song_is_told_once(watched, save):
    watched.follow(["songs/x.yaml", "takes/one.wav"])
    while not watched.changed.wait(0.2):
        replaced("takes/one.wav")
    while watched.changed.wait(0.5):
        watched.changed.clear()
    assert is_seen(watched, lambda: save("songs/x.yaml"))
    watched.changed.clear()
    assert not watched.changed.wait(2.5)


def test_the_files_of_the_song_and_no_others(watched):
    watched.follow(["takes/one.wav", "later/new.wav"])
    while not watched.changed.wait(0.2):
        replaced("takes/one.wav")
    while watched.changed.wait(0.3):
        watched.changed.clear()
    # Of what is not to be seen, a file that is comes last: nothing has set it before.
    for name in ("takes/two.wav", "elsewhere/x", "songs/.x.yaml.swp", "songs/x.yaml~", "build.txt"):
        Path(name).write_text("5")
    assert not watched.changed.wait(0.5)
    assert is_seen(watched, lambda: Path("later").mkdir())  # a folder above a file that is not there yet
    assert is_seen(watched, lambda: replaced("takes/one.wav"))


def test_what_a_song_is_made_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("songs").mkdir()
    Path("config.yaml").write_text("songs: [x]\n")
    Path("songs/x.yaml").write_text(
        "length: 2 s\nstems: {a: {source: {audio: {file: takes/a.wav}}}, b: {source: {tone: {note: A2}}}}\n"
    )
    assert source_files("build/x/preview/0s-1s.wav", "build") == ["songs/x.yaml", "takes/a.wav"]
    Path("takes").mkdir()
    Path("takes/a.wav").write_bytes(b"RIFF")  # a recording that is still being written
    assert "takes/a.wav" in source_files("build/x/preview/0s-1s.wav", "build")
    Path("songs/x.yaml").write_text("length: [\n")
    assert source_files("build/x/preview/0s-1s.wav", "build") == ["config.yaml", "songs/x.yaml"]
