"""Problems of what the user wrote: where, what was found, what was expected; all of a file at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from stemwright.errors import StemwrightError


@dataclass(frozen=True)
class Problem:
    """One mistake. `path` is the keys (and list positions) that lead to it."""

    file: str
    line: int | None
    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        key = spell(self.path)
        return f"{place}: {key}: {self.message}" if key else f"{place}: {self.message}"


class SpecError(StemwrightError):
    """Everything that is wrong with the files read, a line each."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line or 0)))
        super().__init__("\n".join(map(str, self.problems)))


def spell(path: Sequence[str | int]) -> str:
    """A key's full name: `stems.bass.effects[0].lowpass.cutoff_hz`, with unprintable characters escaped."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            part = part if part.isprintable() else repr(part)
            part = part if len(part) <= 80 else f"{part[:77]}..."
            text += f".{part}" if text else part
    return text


def did_you_mean(word: object, known: Sequence[str]) -> str:
    """`; did you mean X?` or, where nothing is near, `; known are: …`."""
    if near := get_close_matches(str(word), known, n=1, cutoff=0.65):
        return f"; did you mean {near[0]}?"
    return f"; known are: {', '.join(known)}" if known else ""
