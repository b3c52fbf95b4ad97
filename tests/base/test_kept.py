"""Lines that are kept come back as they were, or not at all."""

import os

import pytest

from stemwright.base.kept import keep, read_kept

LINES = [b"{}", b"", b'"\xff"']


def test_they_come_back(tmp_path):
    keep(tmp_path / "folder/a.json", LINES)
    assert read_kept(tmp_path / "folder/a.json") == LINES
    assert os.listdir(tmp_path / "folder") == ["a.json"]
    assert read_kept(tmp_path / "none.json") == []


@pytest.mark.parametrize("at", [0, 63, 64, 65, -1])
def test_a_damaged_file_is_none(tmp_path, at):
    place = tmp_path / "a.json"
    keep(place, LINES)
    data = bytearray(place.read_bytes())
    data[at] ^= 1
    place.write_bytes(data)
    assert read_kept(place) == []
    place.write_bytes(place.read_bytes()[:at])
    assert read_kept(place) == []


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "a.json").mkdir()
    (tmp_path / "a.json/b").touch()
    keep(tmp_path / "a.json", LINES)
    keep(tmp_path / "a.json/b/c.json", LINES)
    assert os.listdir(tmp_path) == ["a.json"] and read_kept(tmp_path / "a.json") == []
