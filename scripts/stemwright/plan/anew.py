"""What rules read of house rules, songs and albums, worked out anew. It is imported only when something is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

from stemwright.delivery.formats import FORMATS
from stemwright.plan.album import AlbumPlan
from stemwright.plan.jobs import Plan
from stemwright.song.checks import lacking
from stemwright.song.house import HOUSE_RULES, HouseRules, check_config, load_house
from stemwright.song.load import load_song
from stemwright.song.load_album import check_songs, load_album, read_album
from stemwright.song.routing import strips
from stemwright.song.shorthand import parse_solo
from stemwright.validation.problems import format_path

__all__ = [
    "album_lines",
    "check_songs",
    "config_lines",
    "house_lines",
    "load_house",
    "read_album",
    "song_lines",
]


def config_lines(file: str) -> list[str]:
    """No lines: that a config file can be read, see `check_config`."""
    check_config(file)
    return []


def house_lines(rules: HouseRules) -> list[str]:
    """House rules as a line of JSON: what rules read of them, and a digest of all that songs take from them."""
    house = rules.house
    of_songs = [{key: rules.data.get(key) for key in HOUSE_RULES}, house.solo, house.commit]
    settings = {
        "songs": house.songs,
        "albums": house.albums,
        "soloed": parse_solo(house.solo),
        "report": house.report,
        "against": str(house.against),
        "file": str(house.file),
        "song": house.song,
        "endings": [form.ending for form in FORMATS.values()],
        "digest": hashlib.sha256(repr(of_songs).encode(errors="surrogateescape")).hexdigest(),
    }
    return [json.dumps(settings)]


def song_lines(
    name: str, rules: HouseRules, file: str, results: str, has_producer: Callable[[str], bool]
) -> list[str]:
    """The plan of a song as lines, see `Plan.lines`.

    Parameters
    ----------
    name, rules, file, results, has_producer
        As in `load_song`.

    Returns
    -------
    list of str
    """
    song = load_song(name, rules, file, results, has_producer)
    lacks = (f"{file}: {format_path(where)}: {what}" for where, what in lacking(song.document))
    about = {
        "title": song.document.title or name,
        "warnings": [*map(str, song.doubts), *lacks],
        "strips": list(strips(song.document)),
        "solo": song.solo,
    }
    return Plan(song, results).lines(about)


def album_lines(
    name: str,
    rules: HouseRules,
    file: str,
    results: str,
    songs: Mapping[str, str],
    has_producer: Callable[[str], bool],
) -> list[str]:
    """The plan of an album as lines.

    Parameters
    ----------
    name : str
        Its name.
    rules : HouseRules
        The house rules.
    file : str
        The path of its YAML file.
    results : str
        The output root.
    songs : mapping of str to str
        The YAML file of each of its songs, by name.
    has_producer : callable
        See `load_song`.

    Returns
    -------
    list of str
    """
    plans = {
        song: Plan(load_song(song, rules, path, results, has_producer), results)
        for song, path in songs.items()
    }
    album = load_album(read_album(name, rules, file), {song: plan.song for song, plan in plans.items()})
    return AlbumPlan(album, results, plans).lines(
        {"title": album.title, "warnings": [], "strips": [], "solo": []}
    )
