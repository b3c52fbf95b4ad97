"""The key `cache` of config.yaml."""

import pytest

from stemwright.song.cache_location import parse_location
from stemwright.song.house import load_house
from stemwright.validation.problems import InvalidFileError


def test_a_folder_is_known_from_everywhere_and_a_url_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert parse_location("../cache") == str(tmp_path.parent / "cache")
    assert parse_location("~/cache") == "/home/me/cache"
    assert parse_location("s3://bucket/our songs") == "s3://bucket/our songs"
    assert parse_location("") == parse_location(None) == ""  # cache= on the command line


@pytest.mark.parametrize("value", [True, 3, [], " ", "a\nb", "\x1b[31m"])
def test_what_is_no_place_is_a_mistake(value):
    with pytest.raises(
        InvalidFileError, match="cache: must be a folder, or a URL such as s3://bucket/folder"
    ):
        load_house({"songs": ["x"], "cache": value}, [])
