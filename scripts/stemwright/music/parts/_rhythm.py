"""Rhythms: patterns of hits, one character per step, such as `x--x--X_`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeVar

from stemwright.music.parts._base import (
    ACCENT,
    GHOST,
    PLAIN,
    TIE,
    Items,
    ReportMistake,
    Span,
    Tie,
    fill,
    raise_mistake,
)
from stemwright.music.repeats import REPEAT, Written, cells_of, repeats_anywhere
from stemwright.music.timeline import Duration

MARKS = {"x": PLAIN, "X": ACCENT, "o": GHOST} | {str(n): n / 9 for n in range(1, 10)}
"""The velocity of each character of a hit."""

RESTS, BARS = "-.", "| \n"
"""Characters of rests, and those that are ignored: bar lines and white space."""

_TIE = "_"

Hit = TypeVar("Hit")
"""What a sign of a hit means."""

RHYTHM_HELP = "x hit, X accent, o ghost, 1-9 velocity, _ tie, - rest"


def read_rhythm(
    text: str,
    span: Span,
    report_mistake: ReportMistake,
    marks: Mapping[str, Hit],
    marks_help: str = RHYTHM_HELP,
) -> Items[Hit]:
    """Read the steps of a rhythm.

    Parameters
    ----------
    text
        The rhythm.
    span
        The section, which gives the length of a step.
    report_mistake
        Called with the position, in quarters, and the message of each mistake.
    marks
        What each sign of a hit means: of `MARKS`, its velocity.
    marks_help
        The signs, for messages.

    Returns
    -------
    Items
        For each step its length and what a hit means, None for a rest, or TIE.
    """
    items: list[tuple[Duration, Hit | Tie | None]] = []
    at = span.start
    for sign in text.strip().removesuffix(REPEAT):
        if sign in BARS:
            continue
        if sign == _TIE and not any(what is not None for _, what in items[-1:]):
            report_mistake(at, "_ extends the hit before it, and there is none")
        elif sign not in marks and sign not in RESTS + _TIE:
            report_mistake(at, f"must be {marks_help} (is {sign!r})")
        items.append((span.step, TIE if sign == _TIE else marks.get(sign)))
        at = span.tempo.advance(at, span.step)
    if not items:
        report_mistake(at, "must have at least one step")
    return items


def rhythm_hits(
    text: str, span: Span, marks: Mapping[str, Hit]
) -> Iterator[tuple[Fraction, Fraction, Hit, int]]:
    """Repeat a valid rhythm until its section ends.

    Parameters
    ----------
    text
        The rhythm.
    span
        The section.
    marks
        What each sign of a hit means.

    Yields
    ------
    tuple of (Fraction, Fraction, object, int)
        Start and end of a hit in quarters, what its sign means, and how often the rhythm was played before.
    """
    return fill(read_rhythm(text, span, raise_mistake, marks), span)


def written_rhythm(text: str, step: Fraction) -> Written:
    """A rhythm by bars, from the length of a step in quarters."""
    counts = [sum(sign not in BARS for sign in cell) for cell in cells_of(text)]
    return Written([count * step for count in counts], repeats_anywhere(text), step)
