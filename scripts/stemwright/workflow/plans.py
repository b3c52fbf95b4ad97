"""The plans of a run: of the house rules, the songs and the albums, what rules read, each worked out once at most."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemwright.plan.planned import Planned
from stemwright.plan.remembered import remembered
from stemwright.workflow.target_hints import album_file, song_file

if TYPE_CHECKING:
    from stemwright.song.house import HouseRules


@dataclass(frozen=True)
class Settings:
    """What rules read of the house rules.

    `soloed` are the names that are soloed, `endings` those of the formats in which files are delivered, and `digest` is
    one of all that songs take from the house rules. For the others, see `stemwright.song.model.House`.
    """

    songs: list[str]
    albums: list[str]
    soloed: list[str]
    report: bool
    against: str
    file: str
    song: str
    endings: list[str]
    digest: str


def check_config(file: str) -> None:
    """Check what Snakemake itself uses of config.yaml, see `stemwright.song.house`."""

    def prepare() -> Callable:
        from stemwright.plan.anew import config_lines

        return lambda ask: config_lines(file)

    remembered("config", [file], prepare)


class Plans:
    """The house rules, and the plans of songs and albums.

    Parameters
    ----------
    config : mapping
        Snakemake's merged config.
    files : sequence of str
        The config files that it was read from.
    results : str
        The output root, as Snakemake names it in paths.
    has_producer : callable
        Tells whether a rule makes the file of a path.
    """

    def __init__(
        self, config: Mapping, files: Sequence[str], results: str, has_producer: Callable[[str], bool]
    ):
        self._config, self._files, self._results = config, list(map(str, files)), results
        self._questions = {"has_producer": has_producer}
        self.song, self.album = cache(self._song), cache(self._album)

    @cached_property
    def settings(self) -> Settings:
        """What rules read of the house rules. Raises InvalidFileError with all their problems."""

        def prepare() -> Callable:
            from stemwright.plan.anew import house_lines

            return lambda ask: house_lines(self._rules)

        return Settings(**json.loads(remembered("house", [self._config, self._files], prepare)[0]))

    def _song(self, name: str) -> Planned:
        """The plan of a song. Raises InvalidFileError with all its problems."""
        file = song_file(name)

        def prepare() -> Callable:
            from stemwright.plan.anew import song_lines

            rules = self._rules
            return lambda ask: song_lines(name, rules, file, self._results, ask["has_producer"])

        return Planned(self._remembered(f"song {name}", [file], prepare))

    def songs_of(self, album: str, known: Collection[str]) -> list[str]:
        """The songs of an album, in order. Raises InvalidFileError if it is not valid by itself, or one is unknown."""
        file = album_file(album)

        def prepare() -> Callable:
            from stemwright.plan.anew import read_album

            rules = self._rules
            return lambda ask: [json.dumps(read_album(album, rules, file).songs)]

        songs = json.loads(self._remembered(f"songs of {album}", [file], prepare)[0])
        there = [*known, *(song for song in songs if song not in known and Path(song_file(song)).exists())]
        if not set(songs).issubset(there):
            from stemwright.plan.anew import check_songs, read_album

            check_songs(read_album(album, self._rules, file), there)
        return songs

    def _album(self, name: str, songs: tuple[str, ...]) -> Planned:
        """The plan of an album of these songs. Raises InvalidFileError with all its problems."""
        file, files = album_file(name), {song: song_file(song) for song in songs}
        others = [artifact for song in songs for artifact in self.song(song).artifacts]

        def prepare() -> Callable:
            from stemwright.plan.anew import album_lines

            rules = self._rules
            return lambda ask: album_lines(name, rules, file, self._results, files, ask["has_producer"])

        return Planned(self._remembered(f"album {name}", [file, files], prepare), others)

    @cached_property
    def _rules(self) -> HouseRules:
        from stemwright.plan.anew import load_house

        return load_house(self._config, self._files)

    def _remembered(self, name: str, given: Sequence[Any], prepare: Callable) -> list[bytes]:
        given = [*given, self._results, self.settings.digest]
        return remembered(name, given, prepare, self._questions, ignored=[self._results])
