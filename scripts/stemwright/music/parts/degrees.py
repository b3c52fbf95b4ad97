"""A melodic line of scale degrees, one per step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from stemwright.music.harmony.scale import Scale
from stemwright.music.parts._base import (
    PLAIN,
    TIE,
    Event,
    Items,
    Part,
    ReportMistake,
    Span,
    Tie,
    check_pitch,
    fill,
    parse_pattern,
    parse_step,
    raise_mistake,
)
from stemwright.music.parts._signs import GRACE, SIGNS, SIGNS_HELP, Played
from stemwright.music.repeats import Written, cells_of, repeats_anywhere
from stemwright.music.timeline import Duration
from stemwright.validation.fields import Field

_PITCH = r"([b♭#♯]{0,2})(1[0-5]|[1-9])([b♭#♯]{0,2})('{0,5}|,{0,5})"
_DEGREE = re.compile(f"(~?)(?:{_PITCH}{GRACE})?{_PITCH}{SIGNS}")
_EXPECTED = (
    f"must be a degree such as 1, b3, 4#, 5' or 5, (octaves), (3) ghost, ~3 slide, 2{GRACE}3 grace note, with signs "
    f"after it ({SIGNS_HELP}); . rest, - tie"
)


@dataclass(frozen=True)
class Degrees(Part):
    """A line of scale degrees of the section's key, one per step, as in `degrees: 1 . 5 . 1' . 3 -`.

    A degree may have accidentals before or after it (`b3`, `4#`; a pattern that contains ` #` must be in quotes, since
    YAML reads that as a comment), and octave marks up (`'`) and down (`,`). It may be a ghost note (`(5)`), begin with
    a slide from the note before (`~5`), or have a grace note before it (``4`5``; ``5`5`` is a flam). Signs after it
    say how it is played: `5>` accent, `5.` staccato (half as long), `5_` legato (into the next note), `5m` palm mute,
    `5~` vibrato, `5^` bend by a whole tone (`5^1` by a semitone, up to 12), `5/`, `5//`, `5///` a roll in eighths,
    sixteenths, thirty-seconds. They may be combined (`5>~`). Accidentals are relative to the scale of the key: in
    A minor, 7 is G and `b7` F#. Bar lines belong at the ends of bars; a pattern that ends in `:|` repeats there.
    """

    example = '{pattern: "1 . 5> . | b7, - (3) 4#", octave: 2}'

    pattern: Annotated[
        str,
        Field(
            "Degrees: 1 to 15 with b or #, ' and , octaves, (3) ghost, ~3 slide, 3> accent and such; . rest, - tie.",
            parse=parse_pattern,
        ),
    ]
    octave: Annotated[int, Field("The octave of degree 1; middle C is C4.", ge=-1, le=9)] = 4
    step: (
        Annotated[str, Field("The length of a step; by default that of `play`.", parse=parse_step)] | None
    ) = None
    velocity: Annotated[float, Field("Velocity of a plain note.", gt=0, le=1)] = PLAIN

    uses = ("key",)

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[Played]:
        items: list[tuple[Duration, Played | Tie | None]] = []
        scale, at = span.harmony.scale, span.start
        last: int | None = None
        for text in " ".join(cells_of(self.pattern)).split():
            what: Played | Tie | None = None
            ghost = text.startswith("(") and text.endswith(")")
            if text == "-":
                what = TIE
                if not any(what is not None for _, what in items[-1:]):
                    report_mistake(at, "- extends the note before it, and there is none")
            elif match := _DEGREE.fullmatch(text[1:-1] if ghost else text):
                slide, *pitches, signs = match.groups()
                grace, pitch = (self._pitch(scale, four) for four in (pitches[:4], pitches[4:]))
                for each in (grace, pitch):
                    check_pitch(each or 0, text, at, report_mistake)
                what = Played.of(pitch or 0, ghost, signs, last if slide else None, grace)
                if slide and last is None:
                    report_mistake(at, f"{text} slides from the note before, and there is none")
                last = pitch
            elif text != ".":
                report_mistake(at, f"{_EXPECTED} (is {text!r})")
            items.append((span.step, what))
            at = span.tempo.advance(at, span.step)
        if not items:
            report_mistake(at, "must have at least one degree")
        return items

    def written(self, span: Span) -> Written:
        step = 4 * span.step.notes
        counts = [len(cell.split()) for cell in cells_of(self.pattern)]
        return Written([count * step for count in counts], repeats_anywhere(self.pattern), step)

    def events(self, span: Span) -> Iterator[Event]:
        for start, end, note, turn in fill(self.items(span, raise_mistake), span):
            yield from note.events(start, end, turn, self.velocity)

    def _pitch(self, scale: Scale | None, written: Sequence[str | None]) -> int | None:
        """The pitch of a degree: accidentals, degree, accidentals, octave marks; None if it is not written."""
        before, degree, after, octaves = (each or "" for each in written)
        if not degree:
            return None
        accidental = sum(1 if sign in "#♯" else -1 for sign in before + after)
        octave = self.octave + len(octaves) * (-1 if "," in octaves else 1)
        return scale.pitch(int(degree), accidental, octave) if scale else 60
