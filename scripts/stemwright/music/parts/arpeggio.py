"""Arpeggios of the section's chords."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from stemwright.music.harmony.section import Chord
from stemwright.music.parts._base import (
    GHOST,
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


@dataclass(frozen=True)
class Arpeggio(Voiced):
    """The notes of the section's chords, one after another, as in `arpeggio: up`; it restarts at each chord."""

    example = "{order: updown, octaves: 2, step: 1/16}"

    order: Annotated[
        Literal["up", "down", "updown", "as_played"],
        Field("The order of the notes; as_played: that of the symbol, with the bass or root first."),
    ] = "up"
    rhythm: Annotated[str, Field(f"Steps: {RHYTHM_HELP}.", parse=parse_pattern)] = "x"
    octaves: Annotated[int, Field("The number of octaves it spans.", ge=1, le=5)] = 1

    short = "order"

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[float]:
        self.voiced(span, report_mistake)
        return read_rhythm(self.rhythm, span, report_mistake, MARKS)

    def written(self, span: Span) -> Written:
        return written_rhythm(self.rhythm, 4 * span.step.notes)

    def events(self, span: Span) -> Iterator[Event]:
        hits = list(rhythm_hits(self.rhythm, span, MARKS))
        starts = [start for start, *_ in hits]
        for at, pitches in self.voiced(span, raise_mistake):
            order = self._ordered(pitches, at.chord) if pitches and at.chord else []
            inside = hits[bisect_left(starts, at.start) : bisect_left(starts, at.end)] if order else []
            for index, (start, end, mark, turn) in enumerate(inside):
                pitch = order[index % len(order)]
                velocity = scale_velocity(self.velocity, mark)
                yield Event(start, min(end, at.end), pitch, velocity, is_ghost=mark <= GHOST, turn=turn)

    def _ordered(self, pitches: Sequence[int], chord: Chord) -> list[int]:
        """The pitches of one cycle of the arpeggio."""
        if self.order == "as_played":
            classes = [chord.bass, *((chord.root + n) % 12 for n in chord.intervals)]
            pitches = sorted(pitches, key=lambda pitch: classes.index(pitch % 12))
        order = [pitch + 12 * octave for octave in range(self.octaves) for pitch in pitches]
        if self.order == "as_played":
            return order
        order = sorted(set(order), reverse=self.order == "down")
        return [*order, *order[-2:0:-1]] if self.order == "updown" else order
