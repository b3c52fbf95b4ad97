"""One note in a rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.music.parts._base import (
    GHOST,
    PLAIN,
    Event,
    Items,
    Part,
    ReportMistake,
    Span,
    parse_pattern,
    parse_step,
    scale_velocity,
)
from stemwright.music.parts._rhythm import MARKS, RHYTHM_HELP, read_rhythm, rhythm_hits, written_rhythm
from stemwright.music.pitch import parse_note
from stemwright.music.repeats import Written
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Steps(Part):
    """One note in a rhythm, as in `steps: {pattern: x--x--x_, note: E2}`."""

    example = "{pattern: x--x-X__, note: E2, step: 1/16}"

    pattern: Annotated[str, Field(f"Steps: {RHYTHM_HELP}.", parse=parse_pattern)]
    note: Annotated[str, Field("The note, independent of the key.", parse=parse_note)]
    step: (
        Annotated[str, Field("The length of a step; by default that of `play`.", parse=parse_step)] | None
    ) = None
    velocity: Annotated[float, Field("Velocity of a plain hit.", gt=0, le=1)] = PLAIN

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[float]:
        return read_rhythm(self.pattern, span, report_mistake, MARKS)

    def written(self, span: Span) -> Written:
        return written_rhythm(self.pattern, 4 * span.step.notes)

    def events(self, span: Span) -> Iterator[Event]:
        pitch = parse_note(self.note)
        for start, end, mark, turn in rhythm_hits(self.pattern, span, MARKS):
            yield Event(
                start, end, pitch, scale_velocity(self.velocity, mark), is_ghost=mark <= GHOST, turn=turn
            )
