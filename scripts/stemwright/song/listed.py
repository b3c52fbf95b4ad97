"""The entries of `songs` in config.yaml: the name of a song, a pattern, a folder, or a table with a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic_core import core_schema

from stemwright.song.entries import StrictModel
from stemwright.song.placeholders import parse_placeholders
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line, parse_song_name

_WILD = frozenset("*?[")
_PATTERN = re.compile(r"[A-Za-z0-9_*?\[\]!-]+(?:/[A-Za-z0-9_*?\[\]!-]+)*/?")
_ANY_FOLDERS = "**"


class SongTable(StrictModel):
    """Songs from a table: each row is put into a template, and gives a song."""

    table: Annotated[
        str,
        Field("The table, a file of CSV, TSV or Parquet: a row for each song.", parse=parse_line),
    ]
    template: Annotated[
        str,
        Field(
            "The template: a song as YAML, in which `$tempo` stands for the value in the column tempo. Columns whose "
            "names are not only letters, digits and _ stand in braces, `${Cutoff Hz}`.",
            parse=parse_line,
        ),
    ]
    name: Annotated[
        str,
        Field(
            "The name of each song, with columns as in the template, such as `etudes/$style-$number`.",
            parse=parse_placeholders,
        ),
    ] = "$name"


class NameOrTable:
    """A table with a template; or text: the name of a song, a pattern or a folder."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        def check(value: Any, inner: Any) -> Any:
            if isinstance(value, dict):
                return inner(value)
            return parse_listed(value)

        return core_schema.no_info_wrap_validator_function(check, handler(SongTable))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        words = "A song of this name, or all that a pattern names, such as `rock/*`, `**` or `rock/`."
        return {"anyOf": [handler(schema), {"type": "string", "description": words}]}


ListedSongs = Annotated[
    list[Annotated[str | SongTable, NameOrTable()]],
    Field(
        "The songs to build, in the order of this list. Each entry is the name of a song, NAME for the file "
        "songs/NAME.yaml, perhaps in a folder (rock/blue for songs/rock/blue.yaml); or names several: a pattern "
        "(`rock/*`, `**` for all in all folders), a folder (`rock/`), or a table with a template.",
        min_length=1,
    ),
]
"""The value of `songs`."""


def parse_listed(text: object) -> str:
    """The name of a song, a pattern such as `rock/*`, or a folder such as `rock/`. Raises ValueError for another."""
    if isinstance(text, (int, float)):
        raise ValueError(f"must be text: put it in quotes (is {text!r})")
    if not is_pattern(text):
        return parse_song_name(text)
    assert isinstance(text, str)
    if not _PATTERN.fullmatch(text):
        raise ValueError(
            "must be a pattern of names below songs/: letters, digits, - and _, with * ? [ ] and / between folders "
            f"(is {text!r:.80})"
        )
    return text


def is_pattern(text: object) -> bool:
    """Whether a text is a pattern, or a folder, and no name."""
    return isinstance(text, str) and (not _WILD.isdisjoint(text) or (len(text) > 1 and text.endswith("/")))


def select(pattern: str, names: Sequence[str]) -> list[str]:
    """Those of some names of songs that a pattern names.

    `*`, `?` and `[a-c]` stand for characters within one part of a name, `**` for any number of folders; `rock/` is all
    that is in that folder, and in folders in it, as `rock/**` is.
    """
    parts = (pattern + _ANY_FOLDERS if pattern.endswith("/") else pattern).split("/")
    return [name for name in names if _matches(parts, name.split("/"))]


def _matches(pattern: Sequence[str], name: Sequence[str]) -> bool:
    if not pattern or not name:
        return not pattern and not name
    first, *others = pattern
    if first != _ANY_FOLDERS:
        return fnmatchcase(name[0], first) and _matches(others, name[1:])
    return not others or any(_matches(others, name[start:]) for start in range(len(name)))
