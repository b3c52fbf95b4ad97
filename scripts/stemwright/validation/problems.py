"""Problems in what the user wrote. They are reported at once, each with file, line and key; of very many, the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from typing import TypeVar

from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable

MOST = 200
"""The problems that are reported at once: of those in a generated file there may be hundreds of thousands."""

_MOST_KNOWN = 2_000
_LONGEST_WORD, _MOST_LISTED = 100, 100
_Mistake = TypeVar("_Mistake")


@dataclass(frozen=True)
class Problem:
    """One mistake: the file, the line (from 1; None if unknown), the path of keys and list indices, a message.

    `song` is the song that has it, if its file is that of several songs.
    """

    file: str
    line: int | None
    path: tuple[str | int, ...]
    message: str
    song: str = ""

    def __str__(self) -> str:
        place = printable(self.file) + ("" if self.line is None else f":{self.line}")
        song = f" ({_shown(self.song, 200)})" if self.song else ""
        return ": ".join(filter(None, (place, format_path(self.path), _shown(self.message, 600)))) + song


class InvalidFileError(StemwrightError):
    """Problems of the files that were read, one per line, sorted by file and line; at most `MOST`.

    They are without repeats: of one that several songs have, the first song is named and the others are counted.
    """

    def __init__(self, problems: Sequence[Problem]):
        songs: dict[Problem, dict[str, None]] = {}
        for problem in problems:
            songs.setdefault(replace(problem, song=""), {}).setdefault(problem.song)
        merged = [replace(problem, song=_first_of(list(names))) for problem, names in songs.items()]
        self.problems = tuple(sorted(merged, key=lambda p: (p.file, p.line or 0)))
        lines = list(map(str, self.problems[:MOST]))
        if len(self.problems) > MOST:
            more = (
                f"there are more problems than these {MOST}: the others are reported when these are corrected"
            )
            lines.append(f"{printable(self.problems[MOST].file)}: {more}")
        super().__init__("\n".join(lines))


def _first_of(names: Sequence[str]) -> str:
    more = len(names) - 1
    return names[0] + (f", and {more:,} more" if more else "")


def told_where_named(
    error: InvalidFileError, file: str, locate: Callable[[str], Problem]
) -> InvalidFileError:
    """The same problems, but for those of a file as a whole: they are told of the key that names it.

    Parameters
    ----------
    error : InvalidFileError
        The problems.
    file : str
        The file. One that is missing, for example, has no line.
    locate : callable
        Makes a problem, with file and line, of the key that names the file, from a message.

    Returns
    -------
    InvalidFileError
    """
    return InvalidFileError(
        [
            problem
            if (problem.file, problem.line, problem.path) != (file, None, ())
            else locate(f"{file} {problem.message}")
            for problem in error.problems
        ]
    )


def first(mistakes: Iterable[_Mistake]) -> Iterable[_Mistake]:
    """The first of them: one more than are reported, so that it is known that there are more."""
    return islice(mistakes, MOST + 1)


def format_path(path: Sequence[str | int]) -> str:
    """The full name of a key, such as `stems.bass.effects[0].lowpass.cutoff_hz`, fit for a message."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            part = _shown(part, 80)
            text += f".{part}" if text else part
    return text


def _shown(text: str, longest: int) -> str:
    """`text` as it is printed, cut to `longest` characters."""
    text = printable(text[: longest + 1])
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def did_you_mean(word: object, known: Sequence[str]) -> str:
    """`; did you mean X?` with the closest known word; `; known are: …` if none is close; "" if none is known.

    Of more than 2,000 known words, none is looked for: that would take long.
    """
    if len(known) > _MOST_KNOWN:
        return f"; {len(known):,} are known"
    if near := get_close_matches(str(word)[:_LONGEST_WORD], known, n=1, cutoff=0.65):
        return f"; did you mean {near[0]}?"
    return f"; known are: {', '.join(known[:_MOST_LISTED])}" if known else ""
