"""The catalogue: which songs there are, and where each is written.

A song is a file `songs/NAME.yaml`, or a row of a table that config.yaml names, with its template. No song is read here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from stemwright.records.paths import COLLECTIONS, SONGS, song_file, song_files
from stemwright.song.listed import SongTable, is_pattern, select
from stemwright.song.template import SongRow, Template, fill
from stemwright.validation.names import describe_repeat, fold, parse_song_name
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean, told_where_named
from stemwright.validation.tables import Row, read_table

_KEY = "songs"
_ENDING, _OTHER_ENDING = ".yaml", ".yml"

Locate = Callable[[tuple, str], Problem]
"""Makes a problem, with file and line, from the path of a key of config.yaml and a message."""


@dataclass(frozen=True)
class Catalogue:
    """The songs of a run.

    Attributes
    ----------
    names : sequence of str
        Their names, in the order of `songs`.
    rows : mapping of str to SongRow
        Every song of a table by its name, also those that are not of this run.
    entries : mapping of str to int
        Which entry of `songs` names each of them, from 0.
    """

    names: Sequence[str] = ()
    rows: Mapping[str, SongRow] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)

    def file(self, song: str) -> str:
        """The file that a song is written in: its own, or the template of its table."""
        return self.rows[song].template.file if song in self.rows else song_file(song)

    def doubts(self, songs: Iterable[str]) -> Iterator[Problem]:
        """What is probably a mistake in the tables of some songs: columns that are used nowhere."""
        for template in {id(row.template): row.template for s in songs if (row := self.rows.get(s))}.values():
            if template.unused:
                message = f"is used neither in {template.file} nor in the names of its songs"
                yield template.table.problem(message, ", ".join(template.unused))


def find_songs(
    listed: Sequence[str | SongTable],
    others: Iterable[tuple[SongTable, Locate]],
    locate: Locate,
    may_be_none: bool = False,
) -> Catalogue:
    """Find the songs that `songs` lists.

    Parameters
    ----------
    listed : sequence
        Its valid entries.
    others : iterable of (SongTable, callable)
        Further tables, whose songs are there to be chosen: those of a config file that the command line overrides. With
        each, what makes a problem from the path of a key of it and a message.
    locate : callable
        Makes a problem from the path of a key, such as `("songs", 0)`, and a message.
    may_be_none : bool
        Whether a pattern may name no song, since the first one is to be started.

    Returns
    -------
    Catalogue

    Raises
    ------
    InvalidFileError
        With all problems: of tables, of patterns that name nothing, of names that are not safe, or of which one would
        be built in the folder of another.
    """
    problems: list[Problem] = []
    rows: dict[str, SongRow] = {}
    tables: dict[SongTable, Locate] = {}
    for index, entry in enumerate(listed):
        if isinstance(entry, SongTable):
            tables.setdefault(entry, partial(of_entry, locate, index))
    for entry, of_key in others:
        tables.setdefault(entry, of_key)
    of_table = {table: _read_rows(table, of_key, rows, problems) for table, of_key in tables.items()}
    files: dict[str, str] = {}
    if any(map(is_pattern, listed)):
        templates = {os.path.normpath(table.template) for table in of_table}
        files = {name: file for name, file in song_files().items() if file not in templates}
    chosen: dict[str, int] = {}
    written: set[str] = set()
    for index, entry in enumerate(listed):
        if isinstance(entry, SongTable):
            names = of_table[entry]
        elif is_pattern(entry):
            names = select(entry, [*files, *rows])
            if not names and not may_be_none:
                problems.append(locate((_KEY, index), _nothing(entry, files, of_table)))
        else:
            names = [entry]
            if entry in written:
                problems.append(locate((_KEY, index), describe_repeat(entry)))
            written.add(entry)
        for name in names:
            chosen.setdefault(name, index)
    for name, message in _name_mistakes(chosen, files):
        if name in rows:
            problems.append(_of_name(rows[name].template, rows[name].row, f"gives {name}, which {message}"))
        else:
            index = chosen[name]
            told = message if name == listed[index] else f"names {name}, which {message}"
            problems.append(locate((_KEY, index), told))
    if problems:
        raise InvalidFileError(problems)
    return Catalogue(list(chosen), rows, chosen)


def name_mistake(name: str, others: Iterable[str]) -> str:
    """What is wrong with the name of a song beside those of others, as a message; "" if nothing is."""
    found = dict(_name_mistakes([*others, name], {}))
    inside = [other for other in found if name in _above(other)]
    return found.get(name) or (f"would have the song {inside[0]} in its folder" if inside else "")


def of_entry(locate: Locate, index: int, path: tuple, message: str) -> Problem:
    """A problem of a key of an entry of `songs`.

    Parameters
    ----------
    locate : callable
        Makes a problem from the path of a key of config.yaml and a message.
    index : int
        Which entry it is, from 0.
    path : tuple
        The path of the key in the entry.
    message : str
        What is wrong.
    """
    return locate((_KEY, index, *path), message)


def _read_rows(
    entry: SongTable, locate: Locate, rows: dict[str, SongRow], problems: list[Problem]
) -> list[str]:
    """The names of the songs of a table, which are added to `rows`, as what is wrong with them is to `problems`."""
    try:
        table = read_table(entry.table)
    except InvalidFileError as error:
        problems += told_where_named(error, entry.table, partial(locate, ("table",))).problems
        return []
    template = Template(entry.template, table, entry.name, partial(locate, ("template",)))
    if unknown := [column for column in template.name.columns if column not in table.columns]:
        near = did_you_mean(unknown[0], table.columns)
        message = f"has no column {unknown[0]}, of which the names of songs are made ({entry.name}){near}"
        problems.append(table.problem(message))
        return []
    names = []
    for row in table.rows:
        try:
            name = parse_song_name(fill(template.name, row))
            if name in rows:
                raise ValueError(f"is the name of a song in {rows[name].row.place} already (is {name!r})")
            if os.path.lexists(song_file(name)):
                raise ValueError(f"is the name of another song, {song_file(name)} (is {name!r})")
        except ValueError as error:
            problems.append(_of_name(template, row, str(error)))
            continue
        rows[name] = SongRow(name, row, template)
        names.append(name)
    return names


def _of_name(template: Template, row: Row, message: str) -> Problem:
    """A problem of the name that a row gives."""
    return row.problem(", ".join(template.name.columns), message)


def _nothing(pattern: str, files: Mapping[str, str], tables: Mapping[SongTable, Sequence[str]]) -> str:
    """The message for a pattern that names no song: where it was looked for."""
    where = f"{pattern}**" if pattern.endswith("/") else pattern
    names = "".join(f", nor a row of {table.table}" for table in tables)
    there = did_you_mean(pattern, list(files)) if files else f"; there is no song in {SONGS}/"
    return f"names no song: no file is {SONGS}/{where}{_ENDING}{names}{there}"


def _name_mistakes(names: Iterable[str], files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names that no song may have, by itself or beside the others, each with a message."""
    folded: dict[str, str] = {}
    for name in names:
        if file := files.get(name):
            try:
                parse_song_name(name)
            except ValueError as error:
                yield name, f"{error}: rename {file}"
            if file.endswith(_OTHER_ENDING):
                yield name, f"is in {file}: rename it, since songs end in {_ENDING}"
        if (folder := fold(name.split("/")[0])) in COLLECTIONS:
            yield name, f"must not be {name}: {folder} are built in a folder of that name; rename the song"
        if fold(name) in folded:
            yield name, describe_repeat(folded[fold(name)])
        folded.setdefault(fold(name), name)
    is_file = cache(lambda name: os.path.lexists(song_file(name)))
    for name in folded.values():
        for above in _above(name):
            other = folded.get(fold(above), above if is_file(above) else "")
            if other:
                yield name, f"would be built in the folder of the song {other}: rename one of them"


def _above(name: str) -> list[str]:
    """The folders that a song is in: `a` and `a/b`, of `a/b/c`."""
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
