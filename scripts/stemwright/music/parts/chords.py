"""The section's chords, played in a rhythm."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from stemwright.music.parts._base import (
    ACCENT,
    GHOST,
    PLAIN,
    Event,
    Items,
    ReportMistake,
    Span,
    parse_pattern,
    raise_mistake,
    scale_velocity,
)
from stemwright.music.parts._rhythm import MARKS, RHYTHM_HELP, read_rhythm, rhythm_hits, written_rhythm
from stemwright.music.parts._voicing import Voiced
from stemwright.music.repeats import Written
from stemwright.validation.fields import Field

_STROKES: dict[str, tuple[float, bool | None]] = {
    **{sign: (mark, None) for sign, mark in MARKS.items()},
    **{"d": (PLAIN, False), "u": (PLAIN, True), "D": (ACCENT, False), "U": (ACCENT, True)},
}
"""The velocity of each sign, and whether it is a stroke up; None where the place in the section says that."""

_HELP = f"{RHYTHM_HELP}; d down, u up, D and U with an accent"


@dataclass(frozen=True)
class Chords(Voiced):
    """The section's chords in a rhythm, as in `chords: x--x--x-`; without a rhythm, each is held until the next.

    A hit that lasts into the next chord strikes that chord too. With `strum_ms`, the notes of a chord follow one upon
    the other: a stroke is down (from low to high) on the first, third, ... step of a section, up on the others, as a
    hand swings; d and u (D and U with an accent) say which. Palm mutes, bends and such are written in `notes`, where
    several notes may sound together.
    """

    example = "{rhythm: d-du-udu, voicing: guitar, strum_ms: 25}"

    rhythm: (
        Annotated[str, Field(f"Steps: {_HELP}. By default each chord is held.", parse=parse_pattern)] | None
    ) = None
    strum_ms: Annotated[
        float, Field("Time from the first to the last note of a chord.", "ms", ge=0, le=500)
    ] = 0.0

    short = "rhythm"

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[object]:
        self.voiced(span, report_mistake)
        if self.rhythm is None:
            return []
        return read_rhythm(self.rhythm, span, report_mistake, _STROKES, _HELP)

    def written(self, span: Span) -> Written | None:
        return written_rhythm(self.rhythm, 4 * span.step.notes) if self.rhythm is not None else None

    def events(self, span: Span) -> Iterator[Event]:
        chords = self.voiced(span, raise_mistake)
        hits: Iterable[tuple[Fraction, Fraction, tuple[float, bool | None], int]]
        hits = [(at.start, at.end, (PLAIN, False), 0) for at, _ in chords]
        if self.rhythm is not None:
            hits = rhythm_hits(self.rhythm, span, _STROKES)
        starts = [at.start for at, _ in chords]
        for start, end, (mark, is_up), turn in hits:
            velocity = scale_velocity(self.velocity, mark)
            if is_up is None:
                is_up = (start - span.start) // (4 * span.step.notes) % 2 == 1
            for at, pitches in chords[bisect_right(starts, start) - 1 : bisect_left(starts, end)]:
                apart = Fraction(self.strum_ms) / 1000 / max(1, len(pitches) - 1)
                for place, pitch in enumerate(reversed(pitches) if is_up else pitches):
                    here, until = max(start, at.start), min(end, at.end)
                    yield Event(
                        here, until, pitch, velocity, later_s=place * apart, is_ghost=mark <= GHOST, turn=turn
                    )
