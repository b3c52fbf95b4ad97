"""Reads the text of an SFZ file: headers and opcodes, with `#include` and `#define`, and what regions inherit.

Source: sfzformat.com (headers, directives, opcode inheritance: global, master, group, region). A file from anywhere may
be read: the files, bytes, regions and opcodes that it can make are limited, and it names no file outside of its folder
and the one above, where libraries keep their samples.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stemwright.base.errors import StemwrightError

_MAX_BYTES = 8_000_000
_MAX_FILES = 200
_MAX_DEPTH = 10
_MAX_LINE = 20_000
_MAX_DEFINES = 2_000
_MAX_REGIONS = 20_000
_MAX_OPCODES = 300  # of a region, with those that it inherits
_LEVELS = ("global", "master", "group", "region")
_TOKEN = re.compile(r"<(\w+)>|(?<![\w$#])([\w$]+)=")
_INCLUDE = re.compile(r'#include\s+"([^"]+)"')
_MAX_NAME = 64  # characters of a definition's name
_MAX_VALUE = 1_000  # characters of its value
_DEFINE = re.compile(rf"#define\s+\$(\w{{1,{_MAX_NAME}}})\s+(\S{{1,{_MAX_VALUE}}})(?!\S)")


@dataclass(frozen=True)
class RawRegion:
    """A region: its opcodes with those inherited, those of <control> before it, and where it stands."""

    opcodes: dict[str, str]
    control: dict[str, str]
    place: str


@dataclass
class SfzText:
    """What an SFZ file says: its regions, the files that it includes, and the headers that are not read."""

    regions: list[RawRegion] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    other_headers: set[str] = field(default_factory=set)


def read(path: str, locate: Callable[[str], str]) -> SfzText:
    """Read an SFZ file.

    Parameters
    ----------
    path : str
        The file.
    locate : callable
        Tells the path of an included file by its name, as `relative` returns it.

    Returns
    -------
    SfzText

    Raises
    ------
    StemwrightError
        If a file cannot be read, is no text of the format, or exceeds the limits.
    """
    return _Reader(path, locate).read()


def relative(name: str, place: str) -> str:
    """The normalised name of a file from the folder of the SFZ file. Raises StemwrightError if it is elsewhere."""
    plain = posixpath.normpath(name.strip().replace("\\", "/"))
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain) or plain.startswith("../.."):
        raise StemwrightError(f"{place}: must be in the SFZ file's folder or the one above it (is {name!r})")
    return plain


def _without_comments(text: str) -> str:
    """The text without what is between /* and */, but with its line breaks. One that is not closed is left as it is."""
    kept, at = [], 0
    while (start := text.find("/*", at)) >= 0 and (end := text.find("*/", start + 2)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 2
    return "".join([*kept, text[at:]])


class _Reader:
    def __init__(self, path: str, locate: Callable[[str], str]):
        self._path, self._locate = path, locate
        self._text = SfzText()
        self._defines: dict[str, str] = {}
        self._levels: dict[str, dict[str, str]] = {level: {} for level in _LEVELS}
        self._control: dict[str, str] = {}
        self._header = ""
        self._place = path
        self._bytes = self._files = 0

    def read(self) -> SfzText:
        self._file(self._path, 0)
        self._end_region()
        return self._text

    def _file(self, path: str, depth: int) -> None:
        self._files += 1
        if depth > _MAX_DEPTH or self._files > _MAX_FILES:
            raise StemwrightError(
                f"{self._place}: includes more than {_MAX_FILES} files, or more than {_MAX_DEPTH} deep: does a file "
                "include itself?"
            )
        if os.path.exists(path) and not os.path.isfile(path):
            raise StemwrightError(f"{self._place}: {path} is a folder, or no regular file")
        try:
            with open(path, "rb") as file:
                data = file.read(_MAX_BYTES - self._bytes + 1)
        except OSError as error:
            raise StemwrightError(f"{self._place}: {path} cannot be read: {error.strerror}") from None
        self._bytes += len(data)
        if self._bytes > _MAX_BYTES or b"\0" in data:
            raise StemwrightError(
                f"{path}: is not an SFZ file: it is no text, or longer than {_MAX_BYTES:,} bytes"
            )
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        for number, line in enumerate(_without_comments(text).splitlines(), 1):
            self._place = f"{path}:{number}"
            self._line(line.partition("//")[0].strip(), depth)

    def _line(self, line: str, depth: int) -> None:
        self._check_length(line)
        while define := _DEFINE.match(line):
            self._defines[define[1]] = define[2]
            if len(self._defines) > _MAX_DEFINES:
                raise StemwrightError(f"{self._place}: more than {_MAX_DEFINES:,} #define")
            line = line[define.end() :].strip()
        line = self._expanded(line)
        self._check_length(line)
        if include := _INCLUDE.match(line):
            name, here = relative(include[1], self._place), self._place
            self._text.includes.append(name)
            self._file(self._locate(name), depth + 1)
            self._place = here
            return self._line(line[include.end() :].strip(), depth)
        for header, opcode, value in self._tokens(line):
            if header:
                self._begin(header)
            else:
                self._opcode(opcode, value)
        return None

    def _check_length(self, line: str) -> None:
        if len(line) > _MAX_LINE:
            raise StemwrightError(f"{self._place}: a line of more than {_MAX_LINE:,} characters")

    def _expanded(self, line: str) -> str:
        """The line with each `$name` replaced by its value, once; of several names that fit, by the longest."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            for end in range(min(len(name), _MAX_NAME), 0, -1):
                if name[:end] in self._defines:
                    return self._defines[name[:end]] + name[end:]
            return match[0]

        return re.sub(r"\$(\w+)", value, line) if "$" in line else line

    def _tokens(self, line: str) -> Iterator[tuple[str, str, str]]:
        """(header, "", "") or ("", opcode, value) of each in a line. A value goes on until the next token."""
        found = list(_TOKEN.finditer(line))
        if not line:
            return
        if not found or found[0].start() != 0:
            raise StemwrightError(f"{self._place}: is no header, opcode or directive (is {line[:60]!r})")
        ends = [match.start() for match in found[1:]] + [len(line)]
        for match, end in zip(found, ends, strict=True):
            yield match[1] or "", (match[2] or "").lower(), line[match.end() : end].strip()

    def _begin(self, header: str) -> None:
        self._end_region()
        self._header = header
        if header in _LEVELS:
            for level in _LEVELS[_LEVELS.index(header) :]:
                self._levels[level] = {}
            self._region_place = self._place
        elif header != "control":
            self._text.other_headers.add(header)

    def _opcode(self, name: str, value: str) -> None:
        if self._header == "control":
            self._control = self._control | {name: value}
        elif self._header in _LEVELS:
            self._levels[self._header][name] = value
        elif not self._header:
            raise StemwrightError(f"{self._place}: {name} stands before the first header")

    def _end_region(self) -> None:
        if self._header != "region":
            return
        opcodes = {name: value for level in self._levels.values() for name, value in level.items()}
        if len(opcodes) > _MAX_OPCODES:
            raise StemwrightError(f"{self._region_place}: has more than {_MAX_OPCODES} opcodes")
        self._text.regions.append(RawRegion(opcodes, self._control, self._region_place))
        if len(self._text.regions) > _MAX_REGIONS:
            raise StemwrightError(f"{self._path}: has more than {_MAX_REGIONS:,} regions")
