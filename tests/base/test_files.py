"""Files are written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys

import pytest

from stemwright.base import files
from stemwright.base.files import (
    atomic_write,
    digests_of_written,
    json_text,
    know_digests,
    make_holes,
    read_json,
    write_json,
)
from stemwright.base.hashing import Digests, sha256


def test_the_name_is_there_only_when_all_is_written(tmp_path):
    path = tmp_path / "new folder" / "x.txt"
    with atomic_write(path) as part:
        part.write_text("half")
        assert not path.exists()
        inode = part.stat().st_ino
    assert path.read_text() == "half"
    assert path.stat().st_ino == inode  # renamed, in one step, not copied
    assert list(path.parent.iterdir()) == [path]


def test_the_data_reach_the_disk_before_the_name(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda file: done.append(os.fstat(file).st_ino) or fsync(file))
    monkeypatch.setattr(os, "replace", lambda old, new: done.append(new) or replace(old, new))
    path = tmp_path / "x.txt"
    with atomic_write(path) as part:
        part.write_text("all")
    assert done == [path.stat().st_ino, path]


def test_what_was_written_is_not_read_again_to_be_hashed(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"
    with atomic_write(path) as part:
        part.write_text("all")
    monkeypatch.setattr(files, "sha256", lambda path: "read again")
    assert digests_of_written(path).sha256 == hashlib.sha256(b"all").hexdigest()
    assert digests_of_written(str(path)).sha256 == hashlib.sha256(b"all").hexdigest()


@pytest.mark.parametrize("change", ["written again", "replaced", "by somebody else"])
def test_a_file_that_is_not_as_it_was_written_is_read(tmp_path, change):
    path = tmp_path / "x.txt"
    if change == "by somebody else":
        path.write_text("new")
    else:
        with atomic_write(path) as part:
            part.write_text("old")
        os.utime(path, ns=(0, 0))
        if change == "replaced":
            path.rename(tmp_path / "y.txt")
        path.write_text("new")
    assert digests_of_written(path).sha256 == hashlib.sha256(b"new").hexdigest()


def test_a_digest_that_is_known_is_not_worked_out(tmp_path):
    for path in (tmp_path / "x.txt", tmp_path / "y.txt"):
        with atomic_write(path) as part:
            part.write_text("all")
            if path.name == "x.txt":
                know_digests(part, Digests("known"))
    assert digests_of_written(tmp_path / "x.txt").sha256 == "known"
    assert digests_of_written(tmp_path / "y.txt").sha256 == hashlib.sha256(b"all").hexdigest()
    with atomic_write(tmp_path / "x.txt") as part:
        part.write_text("more")
    assert digests_of_written(tmp_path / "x.txt").sha256 == hashlib.sha256(b"more").hexdigest()


def test_a_disk_that_fails_is_told(tmp_path, monkeypatch):
    def fail(file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    path = tmp_path / "x.txt"
    with pytest.raises(OSError, match="Input/output error") as caught, atomic_write(path) as part:
        part.write_text("all")
    assert caught.value.filename == str(path) and not list(tmp_path.iterdir())


@pytest.mark.parametrize("old", [None, "old"])
def test_after_an_error_all_is_as_it_was(tmp_path, old):
    path = tmp_path / "x.txt"
    if old:
        path.write_text(old)
    with pytest.raises(ZeroDivisionError), atomic_write(path) as part:
        part.write_text("new")
        raise ZeroDivisionError
    assert [p.read_text() for p in tmp_path.iterdir()] == ([old] if old else [])


def test_an_error_before_anything_is_written_is_told(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic_write(tmp_path / "x"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_of_two_who_write_the_same_file_the_later_one_stays(tmp_path, monkeypatch):
    """A job whose Snakemake was killed goes on, and the next run has begun the same job anew."""
    path = tmp_path / "x.txt"
    with pytest.raises(FileNotFoundError, match=r"x\.txt"), atomic_write(path) as old:
        old.write_text("old")
        monkeypatch.setattr("os.getpid", lambda: 0)
        with atomic_write(path) as new:
            new.write_text("half")
            assert sorted(tmp_path.iterdir()) == [new]
            new.write_text("whole")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed(tmp_path):
    path, another_s = tmp_path / "take [1].wav", tmp_path / ".take 1.wav.7.part"
    another_s.touch()
    if not (child := os.fork()):
        with atomic_write(path) as part:
            part.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert not path.exists() and len(list(tmp_path.iterdir())) == 2
    with atomic_write(path) as part:
        part.write_text("whole")
    assert sorted(tmp_path.iterdir()) == [another_s, path]


def test_json_round_trip(tmp_path):
    data = {"b": [1, 2.5, None], "a": {"name": "Zoë ♭"}}
    write_json(tmp_path / "x.json", data)
    assert read_json(tmp_path / "x.json") == data
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert "Zoë ♭" in text
    assert list(json.loads(text)) == ["b", "a"]
    assert text == json_text(data)
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_json_has_no_numbers_that_are_none(tmp_path, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", [value])
    assert list(tmp_path.iterdir()) == []


def test_sha256(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "x").write_bytes(content)
    assert sha256(tmp_path / "x") == hashlib.sha256(content).hexdigest()


def test_holes_read_as_zeros_and_take_no_room(tmp_path):
    path, sound = tmp_path / "x", bytes(range(1, 251)) * 40
    path.write_bytes(sound + bytes(1 << 20) + sound)
    before = path.read_bytes()
    make_holes(path, [(len(sound), 1 << 20)])
    assert path.read_bytes() == before
    probe = tmp_path / "probe"
    with open(probe, "wb") as file:
        file.truncate(1 << 20)
    if sys.platform == "linux" and not probe.stat().st_blocks:  # a file system that has holes
        assert path.stat().st_blocks * 512 < 1 << 16
