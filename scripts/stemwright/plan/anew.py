"""What rules read of house rules and songs, worked out anew: imported only when something is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from stemwright.delivery.formats import FORMATS
from stemwright.plan.jobs import Plan
from stemwright.song.cache_location import parse_location
from stemwright.song.house import HOUSE_RULES, HouseRules, check_config, load_house
from stemwright.song.load import load_song
from stemwright.song.routing import strips
from stemwright.song.shorthand import parse_solo

__all__ = ["load_house"]


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
        "keep": house.keep,
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
    about = {
        "title": song.document.title or song.name,
        "warnings": [*map(str, (*song.doubts, *song.lacks))],
        "doubts_of_table": [*map(str, rules.songs.doubts([song.name]))],
        "strips": list(strips(song.document)),
        "solo": song.solo,
    }
    return plan.lines(about)
