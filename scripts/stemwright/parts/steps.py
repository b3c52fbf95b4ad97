"""One pitch in a rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.parts._base import (
    PLAIN,
    Event,
    Items,
    Part,
    Span,
    Wrong,
    fill,
    parse_pattern,
    parse_step,
    raising,
    strength,
)
from stemwright.parts._rhythm import RHYTHM_HELP, read_rhythm
from stemwright.pitch import parse_note
from stemwright.spec.keys import Key


@dataclass(frozen=True)
class Steps(Part):
    """One note in a rhythm, as in `steps: {pattern: x--x--x_, note: E2}`."""

    pattern: Annotated[str, Key(f"Steps: {RHYTHM_HELP}.", parse=parse_pattern)]
    note: Annotated[str, Key("The note; it is as written, whatever the key.", parse=parse_note)]
    step: Annotated[str, Key("The length of one step, if not that of `play`.", parse=parse_step)] | None = (
        None
    )
    velocity: Annotated[float, Key("Velocity of a plain hit.", gt=0, le=1)] = PLAIN

    def items(self, span: Span, wrong: Wrong) -> Items:
        return read_rhythm(self.pattern, span, wrong)

    def events(self, span: Span) -> Iterator[Event]:
        pitch = parse_note(self.note)
        for start, end, mark in fill(self.items(span, raising), span):
            yield Event(start, end, pitch, strength(self.velocity, mark))
