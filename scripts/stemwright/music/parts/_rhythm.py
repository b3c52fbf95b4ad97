"""Rhythms: hits on steps, as `x--x--X_`."""

from __future__ import annotations

from stemwright.music.parts._base import ACCENT, GHOST, PLAIN, TIE, Items, ReportMistake, Span

MARKS = {"x": PLAIN, "X": ACCENT, "o": GHOST} | {str(n): n / 9 for n in range(1, 10)}
"""The velocity of each sign of a hit."""

RESTS, BARS = "-.", "| \n"
_TIE = "_"

RHYTHM_HELP = "x hit, X accent, o ghost, 1-9 velocity, _ held on, - rest"


def read_rhythm(text: str, span: Span, report_mistake: ReportMistake) -> Items:
    """The steps of a rhythm: the mark's velocity of each hit. Bar lines and spaces are for the eye."""
    items: list[tuple[object, object]] = []
    at = span.start
    for sign in text:
        if sign in BARS:
            continue
        if sign == _TIE and not any(what is not None for _, what in items[-1:]):
            report_mistake(at, "_ holds a hit on, and there is none before it")
        elif sign not in MARKS and sign not in RESTS + _TIE:
            report_mistake(at, f"must be {RHYTHM_HELP} (is {sign!r})")
        items.append((span.step, TIE if sign == _TIE else MARKS.get(sign)))
        at = span.tempo.advance(at, span.step)
    if not items:
        report_mistake(at, "must have at least one step")
    return items
