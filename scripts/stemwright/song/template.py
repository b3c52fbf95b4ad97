"""A template: a song as YAML with placeholders, filled in with a row of a table.

Values are put into the data that the YAML was read to, never into its text: no value can be more than a value. Where a
placeholder stands alone, `bpm: $tempo`, the value keeps its type; in quotes, `title: "$title"`, in a longer text,
`title: Étude $number`, and in a key it is text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.base.files import file_state
from stemwright.song.placeholders import SIGN, Placeholders, read_placeholders
from stemwright.validation import yaml
from stemwright.validation.problems import (
    InvalidFileError,
    Problem,
    did_you_mean,
    format_path,
    told_where_named,
)
from stemwright.validation.tables import Row, Table


@dataclass(frozen=True)
class _Slot:
    """A value with placeholders in it; if it `is_text`, also one that stands alone gives text."""

    text: Placeholders
    is_text: bool


class Template:
    """The template of the songs of a table; its file is read when the first of them is.

    Parameters
    ----------
    file : str
        Its path.
    table : Table
        The table.
    name : str
        The names of its songs, with columns in them.
    locate : callable
        Makes a problem of the key that names its file, from a message.
    """

    def __init__(self, file: str, table: Table, name: str, locate: Callable[[str], Problem]):
        self.file = file
        self.table = table
        self._locate = locate
        self.name = Placeholders(name)
        self._known: tuple | None = None

    @property
    def document(self) -> yaml.Document:
        """What is written in it, with slots as values. Raises InvalidFileError for mistakes that no row can mend.

        It is read once, and looked at for each song: none counts as made without it (`stemwright.base.looked`).
        """
        state = file_state(self.file)
        if self._known is None or self._known[0] != state:
            self._known = state, self._read()
        return self._known[1]

    def _read(self) -> yaml.Document:
        try:
            document = yaml.load(self.file, _value)
        except InvalidFileError as error:
            raise told_where_named(error, self.file, self._locate) from None
        problems = []
        for path, text in _texts(document.data, ()):
            try:
                unknown = set(read_placeholders(text.template).columns).difference(self.table.columns)
            except ValueError as error:
                problems.append(document.problem(path, str(error)))
                continue
            for column in sorted(unknown):
                near = did_you_mean(column, self.table.columns)
                message = f"uses ${column}, which is no column of {self.table.file}{near}"
                problems.append(document.problem(path, message))
        if problems:
            raise InvalidFileError(problems)
        return document

    @property
    def texts(self) -> list[tuple[tuple, Placeholders]]:
        """Every value and every key with placeholders, by its path."""
        return list(_texts(self.document.data, ()))

    @property
    def unused(self) -> list[str]:
        """The columns that neither it nor the names of its songs use."""
        used = {column for text in (self.name, *(text for _, text in self.texts)) for column in text.columns}
        return [column for column in self.table.columns if column not in used]


@dataclass(frozen=True)
class SongRow:
    """A song of a table: its name, its row, and the template that the row is put into."""

    name: str
    row: Row
    template: Template

    @property
    def key(self) -> dict[str, Any]:
        """All that the song, and doubts of its table, depend on besides the file of the template, as plain data."""
        columns = list(self.template.table.columns)
        return {"place": self.row.place, "cells": dict(self.row.cells), "columns": columns}

    @property
    def values(self) -> dict[str, Any]:
        """What each cell of its row means, by column."""
        return {column: self.row.value(column) for column in self.row.cells}

    def read(self) -> yaml.Document:
        """The song. Raises InvalidFileError where the row lacks a value that the template needs, and the like."""
        document = self.template.document
        problems = [
            _of_row(self.row, [column], document, path, "which has no value here")
            for path, text in self.template.texts
            for column in text.columns
            if column not in self.row.cells
        ]
        if problems:
            raise InvalidFileError(problems)
        filler = _Filler(self.row, document)
        data = filler.put(document.data, (), ())
        if filler.problems:
            raise InvalidFileError(filler.problems)
        lines = {filler.paths.get(path, path): line for path, line in document.lines.items()}
        written = {new: old for old, new in filler.paths.items()}
        return _Filled(document.file, data, lines, self, written)


def fill(text: Placeholders, row: Row) -> str:
    """A text with the cells of a row in it. Raises ValueError for a cell without a value, and for a list."""
    if missing := [column for column in text.columns if column not in row.cells]:
        raise ValueError(f"has no value in {', '.join(missing)}, and {text.template} needs one")
    return text.fill({column: row.text(column) for column in text.columns})


class _Filler:
    """Fills a template in. `paths` has the new path of each that a key in it changes; `problems`, what went wrong."""

    def __init__(self, row: Row, document: yaml.Document):
        self.row = row
        self.document = document
        self.paths: dict[tuple, tuple] = {}
        self.problems: list[Problem] = []

    def put(self, node: Any, old: tuple, new: tuple) -> Any:
        """A node of the template, with all below it, filled in; its path in the template, and its new one."""
        if old != new:
            self.paths[old] = new
        if isinstance(node, _Slot):
            alone = "" if node.is_text else node.text.alone
            return self.row.value(alone) if alone else self._text(node.text, old)
        if isinstance(node, list):
            return [self.put(each, (*old, index), (*new, index)) for index, each in enumerate(node)]
        if not isinstance(node, dict):
            return node
        found: dict[str, Any] = {}
        for key, each in node.items():
            name = self._text(Placeholders(key), (*old, key)) if SIGN in key else key
            if name in found:
                columns = Placeholders(key).columns
                message = f"which is the key {name!r} a second time"
                self.problems.append(_of_row(self.row, columns, self.document, (*old, key), message))
            found[name] = self.put(each, (*old, key), (*new, name))
        return found

    def _text(self, text: Placeholders, path: tuple) -> str:
        try:
            return fill(text, self.row)
        except ValueError as error:
            self.problems.append(_of_row(self.row, text.columns, self.document, path, f"which {error}"))
            return ""


@dataclass(frozen=True)
class _Filled(yaml.Document):
    """A template that is filled in. A problem at what a column gives is one of the row, others are of the template."""

    song: SongRow
    written: Mapping[tuple, tuple]

    def problem(self, path: tuple, message: str) -> Problem:
        """A problem at a path: with file and line of the row and of the template."""
        template, row = self.song.template.document, self.song.row
        while path and path not in self.lines:
            path = path[:-1]
        old = self.written.get(path, path)
        if columns := _columns_at(template.data, old):
            return _of_row(row, columns, template, old, f"which {message}")
        return Problem(self.file, self.line(path), path, message, f"{self.song.name}, {row.place}")


def _of_row(row: Row, columns: Sequence[str], document: yaml.Document, path: tuple, message: str) -> Problem:
    """A problem of a row, with the place in the template that has to do with it."""
    place = f"{document.file}:{document.line(path)}"
    return row.problem(", ".join(columns), f"gives {format_path(path)} ({place}), {message}")


def _columns_at(data: Any, path: tuple) -> list[str]:
    """The columns that a value of a template is made of, or its key."""
    for part in path:
        data = data[part]
        if isinstance(data, _Slot):
            return data.text.columns
    key = path[-1] if path else ""
    return Placeholders(key).columns if isinstance(key, str) else []


def _value(text: str, is_quoted: bool) -> object:
    """What a scalar of a template is: a slot, if there is a `$` in it."""
    if SIGN in text:
        return _Slot(Placeholders(text), is_quoted)
    return text if is_quoted else yaml.parse_scalar(text)


def _texts(node: Any, path: tuple) -> Iterator[tuple[tuple, Placeholders]]:
    """Every value and every key with a `$` in it, by its path."""
    if isinstance(node, _Slot):
        yield path, node.text
    elif isinstance(node, list):
        for index, each in enumerate(node):
            yield from _texts(each, (*path, index))
    elif isinstance(node, dict):
        for key, each in node.items():
            if SIGN in key:
                yield (*path, key), Placeholders(key)
            yield from _texts(each, (*path, key))
