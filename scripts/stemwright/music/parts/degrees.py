"""A line of scale degrees, a step each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.music.parts._base import (
    ACCENT,
    GHOST,
    PLAIN,
    TIE,
    Event,
    Items,
    Part,
    ReportMistake,
    Span,
    check_pitch,
    fill,
    parse_pattern,
    parse_step,
    raise_mistake,
    scale_velocity,
)
from stemwright.validation.fields import Field

_DEGREE = re.compile(r"(~?)([b♭#♯]{0,2})(1[0-5]|[1-9])([b♭#♯]{0,2})('{0,5}|,{0,5})(>?)")
_EXPECTED = (
    "must be a degree such as 1, b3, 4#, 5' or 5, (octaves), (3) ghost, 3> accent, ~3 slide; . rest, - tie"
)


@dataclass(frozen=True)
class Degrees(Part):
    """A line of scale degrees of the section's key, one a step, as in `degrees: 1 . 5 . 1' . 3 -`.

    A degree may have accidentals before or behind it (`b3`, `4#`; with ` #` in it the text needs quotes, as YAML
    takes that for a comment), octaves up (`'`) and down (`,`), an accent (`5>`), be a ghost note (`(5)`), or be
    slid into (`~5`). Accidentals count from the key's own scale: in A minor 7 is G, and `b7` F#. Bar lines are for the
    eye, and not checked.
    """

    pattern: Annotated[
        str,
        Field(
            "Degrees: 1 to 15 with b or #, ' and , octaves, (3) ghost, 3> accent, ~3 slide; . rest, - tie.",
            parse=parse_pattern,
        ),
    ]
    octave: Annotated[int, Field("The octave in which degree 1 lies: C4 is middle C.", ge=-1, le=9)] = 4
    step: Annotated[str, Field("The length of one step, if not that of `play`.", parse=parse_step)] | None = (
        None
    )
    velocity: Annotated[float, Field("Velocity of a plain note.", gt=0, le=1)] = PLAIN

    uses = ("key",)

    def items(self, span: Span, report_mistake: ReportMistake) -> Items:
        items: list[tuple[object, object]] = []
        scale, at, last = span.harmony.scale, span.start, None
        for text in self.pattern.replace("|", " ").split():
            what, ghost = None, text.startswith("(") and text.endswith(")")
            if text == "-":
                what = TIE
                if not any(what is not None for _, what in items[-1:]):
                    report_mistake(at, "- holds a note on, and there is none before it")
            elif match := _DEGREE.fullmatch(text[1:-1] if ghost else text):
                slide, before, degree, behind, octaves, accent = match.groups()
                bend = sum(1 if sign in "#♯" else -1 for sign in before + behind)
                octave = self.octave + len(octaves) * (-1 if "," in octaves else 1)
                pitch = scale.pitch(int(degree), bend, octave) if scale else 60
                what = (
                    check_pitch(pitch, text, at, report_mistake),
                    GHOST if ghost else ACCENT if accent else PLAIN,
                    last if slide else None,
                )
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

    def events(self, span: Span) -> Iterator[Event]:
        for start, end, (pitch, mark, slide) in fill(self.items(span, raise_mistake), span):
            yield Event(start, end, pitch, scale_velocity(self.velocity, mark), slide)
