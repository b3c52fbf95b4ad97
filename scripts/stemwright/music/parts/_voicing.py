"""Voicings: the chords of a section as pitches, chosen so that the voices move as little as possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from stemwright.music.harmony.section import Chord, ChordAt
from stemwright.music.parts._base import PLAIN, Part, ReportMistake, Span, parse_step
from stemwright.music.parts._frets import Shape, cost, pitches_of, shapes
from stemwright.music.pitch import note_name, parse_note
from stemwright.validation.fields import Field

_WIDEST = 48  # semitones; more than any voicing spans


@dataclass(frozen=True, kw_only=True)
class Voiced(Part):
    """Base of the parts that play chords, with the keys for their voicing."""

    voicing: Annotated[
        Literal["close", "open", "drop3", "spread", "shell", "rootless", "guitar"],
        Field(
            "close: in thirds, as stacked in the symbol; open: the second note from the top an octave lower (drop 2); "
            "drop3: the third from the top; spread: every other note an octave higher; shell: root, third and seventh; "
            "rootless: without the root, if four notes are; guitar: a shape that a hand can hold, in standard tuning."
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
    low: (
        Annotated[str, Field("The lowest note allowed; by default C3, or E2 for a guitar.", parse=parse_note)]
        | None
    ) = None
    high: Annotated[str, Field("The highest note allowed.", parse=parse_note)] = "G5"
    step: (
        Annotated[str, Field("The length of a step; by default that of `play`.", parse=parse_step)] | None
    ) = None
    velocity: Annotated[float, Field("Velocity of a plain hit.", gt=0, le=1)] = PLAIN

    uses = ("chords",)

    def __post_init__(self) -> None:
        if self._lowest >= parse_note(self.high):
            raise ValueError(f"low must lie below high (is {note_name(self._lowest)}, and high {self.high})")

    @property
    def _lowest(self) -> int:
        return parse_note(self.low or ("E2" if self.voicing == "guitar" else "C3"))

    def voiced(self, span: Span, report_mistake: ReportMistake) -> list[tuple[ChordAt, tuple[int, ...]]]:
        """The chords of a section with their pitches in rising order, empty for N.C."""
        if self.voicing == "guitar":
            return self._fretted(span, report_mistake)
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

    def _fretted(self, span: Span, report_mistake: ReportMistake) -> list[tuple[ChordAt, tuple[int, ...]]]:
        voiced: list[tuple[ChordAt, tuple[int, ...]]] = []
        before: Shape | None = None
        for at in span.harmony.chords:
            pitches: tuple[int, ...] = ()
            if chord := at.chord:
                lowest = chord.intervals[(self.inversion or 0) % len(chord.intervals)]
                bass = (chord.root + lowest) % 12 if chord.bass is None else chord.bass
                found = shapes(chord, self._lowest, parse_note(self.high), bass)
                if found:
                    before = min(found, key=partial(cost, before=before))
                    pitches = pitches_of(before)
                else:
                    report_mistake(
                        at.start,
                        f"no hand can hold the chord on a guitar between {note_name(self._lowest)} and {self.high}: "
                        "widen low and high, or choose a chord of fewer notes",
                    )
            voiced.append((at, pitches))
        return voiced

    def _describe_misfit(self, chord: Chord) -> str:
        """By how many semitones a chord does not fit, and between which notes it would."""
        low, high = self._lowest, parse_note(self.high)
        wider = ((min(low, v[0]), max(high, v[-1])) for v in self._voicings(chord, margin=_WIDEST))
        low, high = min(wider, key=lambda notes: (notes[1] - notes[0], notes))
        by = high - low - (parse_note(self.high) - self._lowest)
        lowest = note_name(self._lowest)
        return (
            f"the chord does not fit between {lowest} and {self.high}, by {by} semitone{'s'[: by - 1]}: "
            f"widen low and high, for example to {note_name(low)} and {note_name(high)}"
        )

    def _voicings(self, chord: Chord, margin: int = 0) -> Iterator[tuple[int, ...]]:
        """All voicings of a chord that lie between `low` and `high`, or outside of them by `margin` semitones."""
        low, high = max(0, self._lowest - margin), min(127, parse_note(self.high) + margin)
        tones = [n for n in self._tones(chord.intervals) if (chord.root + n) % 12 != chord.bass]
        for turns in range(len(tones)) if self.inversion is None else [self.inversion % len(tones)]:
            turned = sorted([*tones[turns:], *(n + 12 for n in tones[:turns])])
            turned = self._spaced(turned)
            for root in range(chord.root - 12, high + 13, 12):
                pitches = [root + n for n in turned]
                if chord.bass is not None:
                    pitches.insert(0, pitches[0] - 1 - (pitches[0] - 1 - chord.bass) % 12)
                if pitches[0] >= low and pitches[-1] <= high:
                    yield tuple(pitches)

    def _tones(self, intervals: Sequence[int]) -> Sequence[int]:
        """The notes of a chord that its voicing has, in semitones above the root."""
        if self.voicing == "rootless" and len(intervals) > 3:
            return intervals[1:]
        if self.voicing == "shell" and len(intervals) > 3:
            third = next((n for n in intervals[1:] if n in (3, 4)), intervals[1])
            return [0, third, next((n for n in intervals if n in (9, 10, 11)), intervals[-1])]
        return intervals

    def _spaced(self, turned: list[int]) -> list[int]:
        """The notes of a close chord, rising, as its voicing spaces them."""
        if self.voicing == "spread":
            return sorted(n + 12 * (place % 2) for place, n in enumerate(turned))
        dropped = {"open": 2, "drop3": 3}.get(self.voicing, len(turned))
        if dropped < len(turned):
            turned = sorted([*turned[:-dropped], turned[-dropped] - 12, *turned[len(turned) - dropped + 1 :]])
        return turned

    def _cost(self, voicing: Sequence[int], before: Sequence[int], chord: Chord) -> tuple:
        """The distance from the voicing before: the sum, over the notes of both, of the distance to the nearest other.

        For the first voicing, root position (or the chord's bass) and the middle of the range are preferred.
        """
        if before:
            there = sum(min(abs(a - b) for b in before) for a in voicing)
            return there + sum(min(abs(a - b) for a in voicing) for b in before), voicing
        middle = (self._lowest + parse_note(self.high)) / 2
        lowest = chord.root if chord.bass is None else chord.bass
        return voicing[0] % 12 != lowest, abs(sum(voicing) / len(voicing) - middle), voicing
