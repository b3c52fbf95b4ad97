"""The plans of a run: what rules read of house rules, songs and collections."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from stemwright.plan.planned import Packing, Planned
from stemwright.plan.remembered import remembered
from stemwright.records.paths import document_of, home_of
from stemwright.validation import yaml
from stemwright.validation.problems import InvalidFileError, Problem, told_where_named
from stemwright.workflow.target_hints import album_file, dataset_file, song_file

if TYPE_CHECKING:
    from stemwright.plan.collection import CollectionPlan
    from stemwright.plan.jobs import Plan
    from stemwright.song.house import HouseRules

_FILES = {"song": song_file, "album": album_file, "dataset": dataset_file}


@dataclass(frozen=True)
class Settings:
    """What rules read of the house rules.

    `rows` are the songs of tables, also those that are not of this run: of each, the file of its template, and a digest
    of its row. `soloed` are the names that are soloed, `cache` is None if it is not written, `endings` are those of the
    formats in which files are delivered, and `digest` is one of all that songs take from the house rules. For the
    others, see `stemwright.song.model.House`.
    """

    songs: list[str]
    rows: dict[str, list[str]]
    albums: list[str]
    datasets: list[str]
    soloed: list[str]
    report: bool
    keep: str
    cache: str | None
    against: str
    file: str
    song: str
    endings: list[str]
    digest: str

    def has(self, song: str) -> bool:
        """Whether there is such a song, be it of this run or not."""
        return song in self.rows or document_of(song).exists()


def check_config(file: str, begin: Callable[[], None]) -> None:
    """Check what Snakemake itself uses of config.yaml, see `stemwright.song.house`. For `begin`, see `Plans`."""

    def prepare() -> Callable:
        begin()
        from stemwright.plan.anew import config_lines

        return lambda ask: config_lines(file)

    remembered("config", [file], prepare)


class Plans:
    """The house rules, and the plans of songs, albums and datasets.

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
    begin : callable
        Called before something is planned anew, which takes a while and is likely to lead to jobs.
    """

    def __init__(
        self,
        config: Mapping,
        files: Sequence[str],
        results: str,
        has_producer: Callable[[str], bool],
        begin: Callable[[], None],
    ):
        self._config, self._files, self._results = config, list(map(str, files)), results
        self._has_producer, self._begin, self._packing = has_producer, begin, Packing()
        self.song = cache(self._song)

    @cached_property
    def settings(self) -> Settings:
        """What rules read of the house rules. Raises InvalidFileError with all their problems."""

        def prepare() -> Callable:
            from stemwright.plan.anew import house_lines

            return lambda ask: house_lines(self._rules)

        return Settings(
            **json.loads(remembered("house", [self._config, self._files, os.getcwd()], prepare)[0])
        )

    def songs_of(self, kind: str, name: str, known: Sequence[str]) -> list[str]:
        """The songs of an album or a dataset, in order.

        Parameters
        ----------
        kind, name : str
            `album` or `dataset`, and its name.
        known : sequence of str
            The songs of the run; of a dataset, none if only its file is to be checked.

        Returns
        -------
        list of str

        Raises
        ------
        InvalidFileError
            If it is not valid by itself, or names a song that there is not.
        """
        file = self._file(kind, name)
        among = known if kind == "dataset" else []

        def prepare() -> Callable:
            from stemwright.plan.anew_collections import songs_of_collection

            rules = self._rules
            return lambda ask: [json.dumps(songs_of_collection(kind, name, rules, file, among))]

        with self._told_where_named(kind, name):
            songs = json.loads(self._remembered(f"songs of {kind} {name}", [file, among], prepare)[0])
        if kind == "album":
            self._check_songs(name, songs, known)
        return songs

    def _check_songs(self, album: str, songs: Sequence[str], known: Collection[str]) -> None:
        there = {song for song in songs if song in known or self.settings.has(song)}
        if not there.issuperset(songs):
            from stemwright.plan.anew_collections import check_songs, read_album

            check_songs(read_album(album, self._rules, album_file(album)), [*known, *there])

    def left_out(self, album: str, known: Sequence[str]) -> Problem:
        """That an album is left out of a run: the first of its songs that is not among those of the run."""
        songs = self.songs_of("album", album, known)
        index = next(index for index, song in enumerate(songs) if song not in known)
        message = f"the album is left out of this run, since {songs[index]} is not in `songs`"
        return yaml.load(album_file(album)).problem(("songs", index), message)

    def _song(self, name: str) -> Planned:
        """The plan of a song. Raises InvalidFileError with all its problems."""
        row = self.settings.rows.get(name)
        file = row[0] if row else self._file("song", name)

        def prepare() -> Callable:
            from stemwright.plan.anew import song_lines

            rules = self._rules
            return lambda ask: song_lines(self._whole_song(name, ask["has_producer"]), rules)

        with self._told_where_named("song", name):
            lines = self._remembered(f"song {name}", [file, row], prepare)
        return Planned(lines, cache(lambda: self._whole_song(name, self._has_producer)), self._packing)

    def _whole_song(self, name: str, has_producer: Callable[[str], bool]) -> Plan:
        from stemwright.plan.anew import song_plan

        return song_plan(name, self._rules, self._results, has_producer)

    def collection(self, kind: str, name: str, songs: Sequence[str]) -> Planned:
        """The plan of an album or a dataset. It is planned at each call, its songs once at most.

        Parameters
        ----------
        kind, name : str
            `album` or `dataset`, and its name.
        songs : sequence of str
            Its songs, in order.

        Returns
        -------
        Planned

        Raises
        ------
        InvalidFileError
            With all its problems.
        """
        file = self._file(kind, name)
        others = [artifact for song in songs for artifact in self.song(song).artifacts]
        rows = [self.settings.rows.get(song) for song in songs]

        def whole(has_producer: Callable[[str], bool]) -> CollectionPlan:
            from stemwright.plan.anew_collections import collection_plan

            plans = {song: self._whole_song(song, has_producer) for song in songs}
            return collection_plan(kind, name, self._rules, file, self._results, plans)

        def prepare() -> Callable:
            from stemwright.plan.anew_collections import collection_lines

            self._rules  # noqa: B018 (read before anything is noted)
            return lambda ask: collection_lines(whole(ask["has_producer"]))

        return Planned(
            self._remembered(f"{kind} {name}", [file, songs, rows], prepare),
            cache(lambda: whole(self._has_producer)),
            self._packing,
            others,
        )

    def _file(self, kind: str, name: str) -> str:
        """The file of a song, an album or a dataset. Raises InvalidFileError if only another one is there."""
        with self._told_where_named(kind, name):
            return _FILES[kind](name)

    @contextmanager
    def _told_where_named(self, kind: str, name: str) -> Iterator[None]:
        """Have problems of the file of a song, an album or a dataset as a whole told of the key that names it."""
        file = str(document_of(home_of(kind, name)))
        try:
            yield
        except InvalidFileError as error:
            raise told_where_named(error, file, partial(self._rules.where_named, kind, name)) from None

    @cached_property
    def _rules(self) -> HouseRules:
        from stemwright.plan.anew import load_house

        return load_house(self._config, self._files)

    def _remembered(self, name: str, given: Sequence[Any], prepare: Callable) -> list[bytes]:
        def begin() -> Callable:
            self._begin()
            return prepare()

        given = [*given, self._results, self.settings.digest]
        return remembered(name, given, begin, {"has_producer": self._has_producer}, ignored=[self._results])
