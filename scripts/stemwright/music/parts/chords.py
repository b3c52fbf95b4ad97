"""The section's chords, played in a rhythm."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from stemwright.music.parts._base import (
    PLAIN,
    Event,
    Items,
    ReportMistake,
    Span,
    parse_pattern,
    raise_mistake,
    scale_velocity,
)
from stemwright.music.parts._rhythm import RHYTHM_HELP, read_rhythm, rhythm_hits, written_rhythm
from stemwright.music.parts._voicing import Voiced
from stemwright.music.repeats import Written
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Chords(Voiced):
    """The section's chords in a rhythm, as in `chords: x--x--x-`; without a rhythm, each is held until the next.

    A hit that lasts into the next chord strikes that chord too.
    """

    example = "{rhythm: x--x__x-, voicing: open, low: E3}"

    rhythm: (
        Annotated[str, Field(f"Steps: {RHYTHM_HELP}. By default each chord is held.", parse=parse_pattern)]
        | None
    ) = None

    short = "rhythm"

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[float]:
        self.voiced(span, report_mistake)
        return read_rhythm(self.rhythm, span, report_mistake) if self.rhythm is not None else []

    def written(self, span: Span) -> Written | None:
        return written_rhythm(self.rhythm, 4 * span.step.notes) if self.rhythm is not None else None

    def events(self, span: Span) -> Iterator[Event]:
        chords = self.voiced(span, raise_mistake)
        hits: Iterable[tuple[Fraction, Fraction, float]] = [(at.start, at.end, PLAIN) for at, _ in chords]
        if self.rhythm is not None:
            hits = rhythm_hits(self.rhythm, span)
        starts = [at.start for at, _ in chords]
        for start, end, mark in hits:
            for at, pitches in chords[bisect_right(starts, start) - 1 : bisect_left(starts, end)]:
                for pitch in pitches:
                    velocity = scale_velocity(self.velocity, mark)
                    yield Event(max(start, at.start), min(end, at.end), pitch, velocity)
