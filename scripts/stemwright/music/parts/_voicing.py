"""Voicings: the chords of a section as pitches, chosen so that the voices move as little as possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from stemwright.music.harmony.section import Chord, ChordAt
from stemwright.music.parts._base import PLAIN, Part, ReportMistake, Span, parse_step
from stemwright.music.pitch import note_name, parse_note
from stemwright.validation.fields import Field

_WIDEST = 48  # semitones; more than any voicing spans


@dataclass(frozen=True, kw_only=True)
class Voiced(Part):
    """Base of the parts that play chords, with the keys for their voicing."""

    voicing: Annotated[
        Literal["close", "open"],
        Field(
            "close: in thirds, as stacked in the symbol; open: the second note from the top an octave lower (drop 2)."
        ),
    ] = "close"
    inversion: (
        Annotated[
            int,
            Field(
                "The lowest note: 0 for the root, 1 for the next, and so on, modulo the number of notes. "
                "By default, the one that moves the voices least.",
                ge=0,
                le=6,
            ),
        ]
        | None
    ) = None
    low: Annotated[str, Field("The lowest note allowed.", parse=parse_note)] = "C3"
    high: Annotated[str, Field("The highest note allowed.", parse=parse_note)] = "G5"
    step: (
        Annotated[str, Field("The length of a step; by default that of `play`.", parse=parse_step)] | None
    ) = None
    velocity: Annotated[float, Field("Velocity of a plain hit.", gt=0, le=1)] = PLAIN

    uses = ("chords",)

    def __post_init__(self) -> None:
        if parse_note(self.low) >= parse_note(self.high):
            raise ValueError(f"low must lie below high (is {self.low}, and high {self.high})")

    def voiced(self, span: Span, report_mistake: ReportMistake) -> list[tuple[ChordAt, tuple[int, ...]]]:
        """The chords of a section with their pitches in rising order, empty for N.C."""
        voiced: list[tuple[ChordAt, tuple[int, ...]]] = []
        before: tuple[int, ...] = ()
        for at in span.harmony.chords:
            pitches: tuple[int, ...] = ()
            if at.chord is not None:
                found = list(self._voicings(at.chord))
                if not found:
                    report_mistake(at.start, self._describe_misfit(at.chord))
                cost = partial(self._cost, before=before, chord=at.chord)
                pitches = before = min(found, key=cost, default=before)
            voiced.append((at, pitches))
        return voiced

    def _describe_misfit(self, chord: Chord) -> str:
        """By how many semitones a chord does not fit, and between which notes it would."""
        low, high = parse_note(self.low), parse_note(self.high)
        wider = ((min(low, v[0]), max(high, v[-1])) for v in self._voicings(chord, margin=_WIDEST))
        low, high = min(wider, key=lambda notes: (notes[1] - notes[0], notes))
        by = high - low - (parse_note(self.high) - parse_note(self.low))
        return (
            f"the chord does not fit between {self.low} and {self.high}, by {by} semitone{'s'[: by - 1]}: "
            f"widen low and high, for example to {note_name(low)} and {note_name(high)}"
        )

    def _voicings(self, chord: Chord, margin: int = 0) -> Iterator[tuple[int, ...]]:
        """All voicings of a chord that lie between `low` and `high`, or outside of them by `margin` semitones."""
        low, high = max(0, parse_note(self.low) - margin), min(127, parse_note(self.high) + margin)
        tones = [n for n in chord.intervals if (chord.root + n) % 12 != chord.bass]
        for turns in range(len(tones)) if self.inversion is None else [self.inversion % len(tones)]:
            turned = sorted([*tones[turns:], *(n + 12 for n in tones[:turns])])
            if self.voicing == "open" and len(turned) > 2:
                turned = sorted([*turned[:-2], turned[-2] - 12, turned[-1]])
            for root in range(chord.root - 12, high + 13, 12):
                pitches = [root + n for n in turned]
                if chord.bass is not None:
                    pitches.insert(0, pitches[0] - 1 - (pitches[0] - 1 - chord.bass) % 12)
                if pitches[0] >= low and pitches[-1] <= high:
                    yield tuple(pitches)

    def _cost(self, voicing: Sequence[int], before: Sequence[int], chord: Chord) -> tuple:
        """The distance from the voicing before: the sum, over the notes of both, of the distance to the nearest other.

        For the first voicing, root position (or the chord's bass) and the middle of the range are preferred.
        """
        if before:
            there = sum(min(abs(a - b) for b in before) for a in voicing)
            return there + sum(min(abs(a - b) for a in voicing) for b in before), voicing
        middle = (parse_note(self.low) + parse_note(self.high)) / 2
        lowest = chord.root if chord.bass is None else chord.bass
        return voicing[0] % 12 != lowest, abs(sum(voicing) / len(voicing) - middle), voicing
