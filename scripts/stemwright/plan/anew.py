"""What rules read of house rules, songs and collections, worked out anew: imported only when something is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from stemwright.delivery.formats import FORMATS
from stemwright.plan.collection import AlbumPlan, CollectionPlan, DatasetPlan
from stemwright.plan.jobs import Plan
from stemwright.song.cache_location import parse_location
from stemwright.song.checks import lacking
from stemwright.song.house import HOUSE_RULES, HouseRules, check_config, load_house
from stemwright.song.load import load_song
from stemwright.song.load_album import check_songs, load_album, read_album
from stemwright.song.load_dataset import load_dataset, read_dataset
from stemwright.song.routing import strips
from stemwright.song.shorthand import parse_solo
from stemwright.validation.problems import format_path

__all__ = ["check_songs", "load_house", "read_album"]


def config_lines(file: str) -> list[str]:
    """No lines: that a config file can be read, see `check_config`."""
    check_config(file)
    return []


def house_lines(rules: HouseRules) -> list[str]:
    """House rules as a line of JSON: what rules read of them, and digests of all that songs take from them."""
    house = rules.house
    of_songs = [{key: rules.data.get(key) for key in HOUSE_RULES}, house.solo, house.commit]
    settings = {
        "songs": rules.songs.names,
        "rows": {name: [rules.songs.file(name), _digest(row.key)] for name, row in rules.songs.rows.items()},
        "albums": house.albums,
        "datasets": house.datasets,
        "soloed": parse_solo(house.solo),
        "report": house.report,
        "cache": parse_location(house.cache) if "cache" in rules.data else None,
        "against": str(house.against),
        "file": str(house.file),
        "song": house.song,
        "endings": [form.ending for form in FORMATS.values()],
        "digest": _digest(of_songs),
    }
    return [json.dumps(settings)]


def _digest(data: object) -> str:
    return hashlib.sha256(repr(data).encode(errors="surrogateescape")).hexdigest()


def song_plan(name: str, rules: HouseRules, results: str, has_producer: Callable[[str], bool]) -> Plan:
    """The plan of a song.

    Parameters
    ----------
    name, rules, results, has_producer
        As in `load_song`.

    Returns
    -------
    Plan
    """
    file, row = rules.songs.file(name), rules.songs.rows.get(name)
    return Plan(load_song(name, rules, file, results, has_producer, row), results)


def song_lines(plan: Plan, rules: HouseRules) -> list[str]:
    """The plan of a song as lines, see `Plan.lines`."""
    song = plan.song
    file = rules.songs.file(song.name)
    lacks = (f"{file}: {format_path(where)}: {what}" for where, what in lacking(song.document))
    about = {
        "title": song.document.title or song.name,
        "warnings": [*map(str, song.doubts), *lacks],
        "doubts_of_table": [*map(str, rules.songs.doubts([song.name]))],
        "strips": list(strips(song.document)),
        "solo": song.solo,
    }
    return plan.lines(about)


def collection_plan(
    kind: str, name: str, rules: HouseRules, file: str, results: str, songs: Mapping[str, Plan]
) -> CollectionPlan:
    """The plan of an album or a dataset.

    Parameters
    ----------
    kind, name : str
        `album` or `dataset`, and its name.
    rules : HouseRules
        The house rules.
    file : str
        The path of its YAML file.
    results : str
        The output root.
    songs : mapping of str to Plan
        The plans of its songs, by name.

    Returns
    -------
    CollectionPlan
    """
    loaded = {song: plan.song for song, plan in songs.items()}
    if kind == "album":
        return AlbumPlan(load_album(read_album(name, rules, file), loaded), results, songs)
    rows = {song: rules.songs.rows[song].values for song in songs if song in rules.songs.rows}
    return DatasetPlan(load_dataset(read_dataset(name, rules, file), loaded, rows), results, songs)


def collection_lines(plan: CollectionPlan) -> list[str]:
    """The plan of an album or a dataset as lines."""
    title = plan.song.document.title or plan.song.name
    return plan.lines({"title": title, "warnings": [], "doubts_of_table": [], "strips": [], "solo": []})


def songs_of_collection(
    kind: str, name: str, rules: HouseRules, file: str, known: Sequence[str]
) -> list[str]:
    """The songs of an album; of a dataset, those that are among the `known` ones, or all of these if it names none.

    Parameters
    ----------
    kind, name, rules, file
        As in `collection_plan`.
    known : sequence of str
        The songs of the run; none, if only the file is to be checked.

    Returns
    -------
    list of str
    """
    if kind == "album":
        return read_album(name, rules, file).songs
    dataset = read_dataset(name, rules, file)
    return dataset.songs(known) if known else []
