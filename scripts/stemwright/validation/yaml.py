"""A YAML reader that returns plain data and the line number of every key.

It reads a strict subset of YAML 1.2: true and false are the only booleans (`on` and `no` are text), there are no
dates and no base-60 numbers (`1:30` is text), and no tags. Merge keys (`<<`) are read as in YAML 1.1. Duplicate keys
are errors, and so is a document that grows too large or too deep through its aliases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from stemwright.validation.problems import InvalidFileError, Problem

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MERGE = "<<"
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_MAX_BYTES, _MAX_VALUES, _MAX_DEPTH, _MAX_DIGITS = 10_000_000, 200_000, 50, 300
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SNAKEMAKE_LOADER = yaml.SafeLoader
"""The loader that Snakemake uses. It refuses tabs in places where the faster C loader accepts them."""


@dataclass(frozen=True)
class Document:
    """The data of a file, and the line (from 1) of every path of keys and list indices in it."""

    file: str
    data: dict
    lines: dict[tuple, int]

    def line(self, path: tuple) -> int | None:
        """The line of a path, or else of its nearest ancestor that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, path: tuple, message: str) -> Problem:
        """A problem at a path, with its file and line."""
        return Problem(self.file, self.line(path), path, message)


def load(file: str, loader: type = _Loader) -> Document:
    """Read a YAML file whose top level is a mapping. Raises InvalidFileError with file and line."""
    try:
        raw = Path(file).read_bytes() if Path(file).is_file() else None
    except OSError as error:
        raise InvalidFileError([Problem(file, None, (), f"cannot be read: {error.strerror}")]) from None
    if raw is None:
        what = "is a folder, expected a file" if Path(file).is_dir() else "is missing, or not a regular file"
        raise InvalidFileError([Problem(file, None, (), what)])
    if len(raw) > _MAX_BYTES:
        raise InvalidFileError(
            [Problem(file, None, (), f"is {len(raw):,} bytes long; at most {_MAX_BYTES:,} are read")]
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 (byte {raw[error.start]:#04x}): save the file as UTF-8"
        raise InvalidFileError([Problem(file, line, (), message)]) from None
    return parse(text, file, loader)


def parse(text: str, file: str, loader: type = _Loader) -> Document:
    """Read the text of a file, as `load` does.

    Parameters
    ----------
    text
        YAML whose top level is a mapping.
    file
        The file's name, for messages.
    loader
        The PyYAML loader class that composes it.

    Returns
    -------
    Document
        The data and the line of every key.

    Raises
    ------
    InvalidFileError
        With every problem found, each with its line.
    """
    try:
        tags = _tags(text, file)
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        lines = _BREAK.split(text.rstrip())
        mark = error.problem_mark or error.context_mark
        line = min(mark.line + 1, len(lines)) if mark else None
        raise InvalidFileError([Problem(file, line, (), _describe_syntax_error(error, lines))]) from None
    except (yaml.YAMLError, RecursionError) as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise InvalidFileError(
            [Problem(file, line, (), f"is not YAML: {str(error).splitlines()[0]}")]
        ) from None
    builder = _Builder(file, tags)
    data = builder.build(node, (), 0) if node is not None else None
    if builder.problems:
        raise InvalidFileError(builder.problems)
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {'list' if isinstance(data, list) else 'single value'}"
        raise InvalidFileError(
            [Problem(file, 1, (), f"must be keys and values at its top level (is {found})")]
        )
    return Document(file, data, builder.lines)


def _tags(text: str, file: str) -> dict[int, str]:
    """The tags in a text, by character index. Raises InvalidFileError if it is nested too deep to compose."""
    tags: dict[int, str] = {}
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark = cast(yaml.Mark, event.start_mark)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise InvalidFileError(
                [Problem(file, mark.line + 1, (), f"is nested more than {_MAX_DEPTH} levels deep")]
            )
        if tag := getattr(event, "tag", None):
            tags[mark.index] = tag.replace("tag:yaml.org,2002:", "!!")
    return tags


class _Builder:
    """Builds plain data from PyYAML's nodes; collects lines and problems."""

    def __init__(self, file: str, tags: dict[int, str]):
        self.file = file
        self.tags = tags
        self.lines: dict[tuple, int] = {}
        self.problems: list[Problem] = []
        self._values = 0

    def build(self, node: yaml.Node, path: tuple, depth: int) -> Any:
        """Convert a node and all below it.

        Parameters
        ----------
        node
            The node.
        path
            Its path of keys and list indices.
        depth
            The number of nodes above it.

        Returns
        -------
        object
            Plain data: dicts, lists, text, numbers, booleans and None.

        Raises
        ------
        InvalidFileError
            If the document has too many values or is nested too deep. Other problems are collected.
        """
        self._count(node, path, depth)
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._refuse_tag(node, path)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        scalar = cast(yaml.ScalarNode, node)
        return scalar.value if scalar.style in ('"', "'", "|", ">") else parse_scalar(scalar.value)

    def _mapping(self, node: yaml.MappingNode, path: tuple, depth: int) -> dict:
        mapping: dict[str, object] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            self._refuse_tag(key, path)
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(self.file, line, path, "a key must be a single word"))
                continue
            name = key.value
            if name in mapping or (merged and _is_merge(key)):
                first = self.lines[(*path, name)]
                self.problems.append(
                    Problem(self.file, line, (*path, name), f"is given twice (first in line {first})")
                )
                continue
            self.lines[(*path, name)] = line
            if _is_merge(key):
                merged.append(value)
                continue
            mapping[name] = self.build(value, (*path, name), depth + 1)
        for value in merged:
            self._merge(value, mapping, path, depth + 1)
        return mapping

    def _merge(self, node: yaml.Node, mapping: dict[str, object], path: tuple, depth: int) -> None:
        """Add the keys of a mapping, or of each of a list of mappings, to one that lacks them; the first one counts.

        Source: https://yaml.org/type/merge.html
        """
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            self._count(source, path, depth)
            if not isinstance(source, yaml.MappingNode):
                message = "must be a mapping, or a list of mappings, such as <<: *name"
                self.problems.append(Problem(self.file, source.start_mark.line + 1, (*path, _MERGE), message))
                continue
            self._values += len(source.value)
            keys = [(key, value) for key, value in source.value if isinstance(key, yaml.ScalarNode)]
            for key, value in keys:
                if key.value not in mapping and not _is_merge(key):
                    self.lines[(*path, key.value)] = key.start_mark.line + 1
                    mapping[key.value] = self.build(value, (*path, key.value), depth)
            for key, value in keys:
                if _is_merge(key):
                    self._merge(value, mapping, path, depth + 1)

    def _count(self, node: yaml.Node, path: tuple, depth: int) -> None:
        """Count a value. Raises InvalidFileError if there are too many, or if it is nested too deep."""
        self._values += 1
        if self._values > _MAX_VALUES or depth > _MAX_DEPTH:
            what = (
                f"holds more than {_MAX_VALUES:,} values"
                if depth <= _MAX_DEPTH
                else f"is nested more than {_MAX_DEPTH} levels deep"
            )
            raise InvalidFileError(
                [Problem(self.file, node.start_mark.line + 1, path[:3], f"{what}; aliases may be the reason")]
            )

    def _refuse_tag(self, node: yaml.Node, path: tuple) -> None:
        if tag := self.tags.pop(node.start_mark.index, None):
            self.problems.append(
                Problem(self.file, node.start_mark.line + 1, path, f"YAML tags are not supported (is {tag})")
            )


def _is_merge(key: yaml.ScalarNode) -> bool:
    return key.value == _MERGE and not key.style


def parse_scalar(text: str) -> object:
    """The value of an unquoted scalar: None, a boolean, a number or text."""
    if text.lower() in _WORDS and text in (text.lower(), text.upper(), text.capitalize()):
        return _WORDS[text.lower()]
    if len(text) <= _MAX_DIGITS and _INT.fullmatch(text):
        return int(text)
    if len(text) <= _MAX_DIGITS and _FLOAT.fullmatch(text):
        return float(text)
    return text


def _describe_syntax_error(error: yaml.MarkedYAMLError, lines: list[str]) -> str:
    """A message from PyYAML's error: what is wrong, in which line it began, and a remedy where one is known."""
    what, why, remedy = error.context or "", error.problem or "", ""
    for mark in filter(None, (error.problem_mark, error.context_mark)):
        line = lines[mark.line] if mark.line < len(lines) else ""
        before, after = line[: mark.column], line[mark.column :]
        if "\t" in before + after[:1] and not before.strip():
            return "is indented with a tab: YAML requires spaces"
        if after[:1] == "\t":
            return "has a tab where YAML requires a space"
        if after[:1] in tuple("*&!|>%@`"):
            remedy = f": text that begins with {after[0]} must be in quotes"
        elif "expected node content" in why or "expected ',' or" in why:
            remedy = ": text with { } [ ] , or # in it must be in quotes"
        elif "expected key" in why or "expected <block end>" in why:
            remedy = ": check the indentation of the lines there"
    if what.startswith("while") and error.context_mark:
        what += f" that begins in line {error.context_mark.line + 1}"
    return "is not YAML: " + ", ".join(filter(None, (what, why))) + remedy
