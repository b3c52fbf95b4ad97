"""A YAML reader that returns plain data and the line number of every key.

It reads a strict subset of YAML 1.2: true and false are the only booleans (`on` and `no` are text), there are no
dates and no base-60 numbers (`1:30` is text), and no tags. Merge keys (`<<`) are read as in YAML 1.1. Duplicate keys
are errors, and so is a document that grows too large or too deep through its aliases.

Snakemake reads config.yaml itself, with PyYAML, as YAML 1.1. `load_config` gives both readings, and refuses what PyYAML
fails on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from yaml.constructor import SafeConstructor

from stemwright.validation.problems import InvalidFileError, Problem

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MERGE = "<<"
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_MAX_BYTES, _MAX_VALUES, _MAX_DEPTH, _MAX_DIGITS = 10_000_000, 200_000, 50, 300
_MAX_TEXT = 100_000  # characters of one value: a pattern or a chart of hours
_MAX_CONFIG_BYTES = 250_000  # PyYAML takes a second for that, and config.yaml is read three times
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PyLoader = (
    yaml.SafeLoader
)  # as Snakemake's: it refuses tabs in places where the faster C loader accepts them
_PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_ ./+'-]*[A-Za-z0-9_./+'-])?")
_TEXT = "tag:yaml.org,2002:str"
_KINDS = {"int": "a number", "float": "a number", "timestamp": "a date"}


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


def load(file: str, value: Callable[[str, bool], object] | None = None) -> Document:
    """Read a YAML file whose top level is a mapping. Raises InvalidFileError with file and line.

    With `value`, it gives the value of each scalar, from its text and whether that is quoted.
    """
    return parse(read_text(file, _MAX_BYTES), file, value)


def load_config(file: str) -> tuple[Document, Any]:
    """Read a config file, which Snakemake reads too.

    Parameters
    ----------
    file
        A file of YAML, or of JSON.

    Returns
    -------
    document : Document
        What we read.
    theirs : object
        The same as Snakemake reads it: as JSON if it is that, else as YAML 1.1.

    Raises
    ------
    InvalidFileError
        With every problem found, each with its line; also those that Snakemake would end with a traceback for.
    """
    return read_config(read_text(file, _MAX_CONFIG_BYTES), file)


def read_config(text: str, file: str) -> tuple[Document, Any]:
    """Read the text of a config file.

    Parameters
    ----------
    text
        YAML, or JSON.
    file
        Its name, for messages.

    Returns
    -------
    document, theirs
        As of `load_config`, which raises the same.
    """
    node, tags = _compose(text, file, _PyLoader)
    constructor = SafeConstructor()
    document = _build(node, _Builder(file, tags, constructor))
    try:
        return document, json.loads(text)
    except ValueError:
        return document, constructor.construct_document(node)


def read_text(file: str, longest: int) -> str:
    """The text of a file. Raises InvalidFileError if it cannot be read, is not UTF-8, or is too long."""
    try:
        raw = Path(file).read_bytes() if Path(file).is_file() else None
    except OSError as error:
        raise InvalidFileError([Problem(file, None, (), f"cannot be read: {error.strerror}")]) from None
    if raw is None:
        what = "is a folder, expected a file" if Path(file).is_dir() else "is missing, or not a regular file"
        raise InvalidFileError([Problem(file, None, (), what)])
    if len(raw) > longest:
        raise InvalidFileError(
            [Problem(file, None, (), f"is {len(raw):,} bytes long; at most {longest:,} are read")]
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 (byte {raw[error.start]:#04x}): save the file as UTF-8"
        raise InvalidFileError([Problem(file, line, (), message)]) from None


def parse(text: str, file: str, value: Callable[[str, bool], object] | None = None) -> Document:
    """Read the text of a file, as `load` does.

    Parameters
    ----------
    text : str
        The text.
    file : str
        Its name, for messages.
    value : callable, optional
        Gives the value of a scalar from its text, and whether it is in quotes. By default that of `parse_scalar`.
    """
    node, tags = _compose(text, file, _Loader)
    return _build(node, _Builder(file, tags, value=value or _value))


def _compose(text: str, file: str, loader: type) -> tuple[yaml.Node | None, dict[int, str]]:
    """PyYAML's nodes of a text, as a loader class composes them, and its tags by character index."""
    text = text.removeprefix("\ufeff")
    try:
        tags = _tags(text, file)
        return yaml.compose(text, Loader=loader), tags
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


def _build(node: yaml.Node | None, builder: _Builder) -> Document:
    """The document of a root node. Raises InvalidFileError with all problems in it."""
    data = builder.build(node, (), 0) if node is not None else None
    if builder.problems:
        raise InvalidFileError(builder.problems)
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {'list' if isinstance(data, list) else 'single value'}"
        raise InvalidFileError(
            [Problem(builder.file, 1, (), f"must be keys and values at its top level (is {found})")]
        )
    return Document(builder.file, data, builder.lines)


def _tags(text: str, file: str) -> dict[int, str]:
    """The tags in a text, by character index. Raises InvalidFileError if it is too large or too deep to compose."""
    tags: dict[int, str] = {}
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        mark = cast(yaml.Mark, event.start_mark)
        if count > 3 * _MAX_VALUES:  # a value has a key, and a mapping or a list two events
            raise InvalidFileError(
                [Problem(file, mark.line + 1, (), f"holds more than {_MAX_VALUES:,} values")]
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise InvalidFileError(
                [Problem(file, mark.line + 1, (), f"is nested more than {_MAX_DEPTH} levels deep")]
            )
        if tag := getattr(event, "tag", None):
            tags[mark.index] = tag.replace("tag:yaml.org,2002:", "!!")
    return tags


def _value(text: str, is_quoted: bool) -> object:
    """The value of a scalar."""
    return text if is_quoted else parse_scalar(text)


class _Builder:
    """Builds plain data from PyYAML's nodes; collects lines and problems.

    With `reader`, a constructor of PyYAML, words that it fails on are problems too. `value` gives the value of a
    scalar from its text and whether that is quoted.
    """

    def __init__(
        self,
        file: str,
        tags: dict[int, str],
        reader: SafeConstructor | None = None,
        value: Callable[[str, bool], object] = _value,
    ):
        self.file = file
        self.tags = tags
        self.reader = reader
        self.value = value
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
        is_tagged = self._refuse_tag(node, path)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        scalar = cast(yaml.ScalarNode, node)
        if len(scalar.value) > _MAX_TEXT:
            message = f"is {len(scalar.value):,} characters long; at most {_MAX_TEXT:,} are read"
            self.problems.append(Problem(self.file, node.start_mark.line + 1, path, message))
        if not is_tagged:
            self._refuse_unreadable(scalar, path, ())
        return self.value(scalar.value, scalar.style in ('"', "'", "|", ">"))

    def _mapping(self, node: yaml.MappingNode, path: tuple, depth: int) -> dict:
        mapping: dict[str, object] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            is_tagged = self._refuse_tag(key, path)
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
            if not is_tagged:
                self._refuse_unreadable(key, (*path, name), ("merge", "value"))
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

    def _refuse_tag(self, node: yaml.Node, path: tuple) -> bool:
        """Report the tag of a node, once. Returns whether it has one."""
        if tag := self.tags.pop(node.start_mark.index, None):
            self.problems.append(
                Problem(self.file, node.start_mark.line + 1, path, f"YAML tags are not supported (is {tag})")
            )
        return tag is not None

    def _refuse_unreadable(self, node: yaml.ScalarNode, path: tuple, allowed: tuple[str, ...]) -> None:
        """Report a word that the reader fails on, unless PyYAML takes it for one of the kinds `allowed`."""
        kind = node.tag.rpartition(":")[2]
        if self.reader is None or kind in allowed:
            return
        try:
            self.reader.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            message = (
                f"Snakemake, which reads this file too, takes it for {_KINDS.get(kind, 'a special word')} and fails: "
                f"put it in quotes, or correct it (is {node.value:.80})"
            )
            self.problems.append(Problem(self.file, node.start_mark.line + 1, path, message))


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


def scalar(text: str) -> str:
    """A text as it stands in YAML, in flow style too: in quotes where it would not be read as that text otherwise."""
    is_text = bool(_PLAIN.fullmatch(text)) and parse_scalar(text) == text
    node = yaml.compose(text) if is_text else None
    return text if node is not None and node.tag == _TEXT else quoted(text)  # YAML 1.1 has dates and more


def quoted(text: str) -> str:
    """A text in double quotes, with every character that is not printable escaped."""
    escaped = (c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
    return '"' + "".join({'"': '\\"', "\\": "\\\\"}.get(c, c) for c in escaped) + '"'


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
