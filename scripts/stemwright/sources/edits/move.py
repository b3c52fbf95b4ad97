"""A part that is moved to another time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.audio.edit_list import Piece
from stemwright.music.timeline import parse_position
from stemwright.sources.edits._base import RECORDING, Joined, Ruler, Splice
from stemwright.validation.fields import Field


@dataclass(frozen=True, kw_only=True)
class Move(Joined):
    """Moves a part. All else stays where it is: the part replaces what was there, and leaves silence where it was.

    With `ripple`, it leaves no gap and replaces nothing: what comes after it moves up, and what comes after its new
    place moves down.
    """

    example = "{start: 33.2 s, end: 35.1 s, to: 33.24 s}"
    positions = ("start", "end", "to")

    to: Annotated[str, Field("Where its start is moved to.", parse=parse_position)]
    ripple: Annotated[bool, Field("Whether the gap closes, and what is at the new place makes room.")] = False

    def splices(self, frame: Ruler) -> Iterator[Splice]:
        (start, end), to = self.span(frame), frame(self.to)
        part = Piece(end - start, RECORDING, start)
        if self.ripple:
            yield Splice(start, end)
            yield Splice(to, to, (part,))
            return
        yield Splice(to, to + part.frames, (part,))
        for first, last in (start, min(end, max(start, to))), (max(start, min(end, to + part.frames)), end):
            if first < last:  # of where it was, what it does not replace itself
                yield Splice(first, last, (Piece(last - first),))

    def misplaced(self, frame: Ruler) -> tuple[str, str] | None:
        start, end = self.span(frame)
        if found := super().misplaced(frame):
            return found
        if self.ripple and start <= frame(self.to) <= end:
            return (
                "to",
                f"must lie outside of {self.start} to {self.end}, the part that is moved (is {self.to!r})",
            )
        return None
