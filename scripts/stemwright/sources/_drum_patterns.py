"""Drum patterns: what each sign of a pattern plays, and fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from stemwright.music.parts._base import ACCENT, PLAIN
from stemwright.music.parts._rhythm import BARS, MARKS, RESTS
from stemwright.music.percussion import parse_piece
from stemwright.music.repeats import REPEAT
from stemwright.music.timeline import Section, TempoMap
from stemwright.validation.fields import Configurable, Field

GRACE_S = 0.03
"""How long before its main stroke a grace note sounds: an open flam."""

_GRACES = {"f": 1, "F": 1, "d": 2, "D": 2}
_ROLLS = "rR"
_GRACE_LEVEL = 0.55  # velocity of a grace note, of its main stroke's
_ROLL_STROKE = Fraction(1, 8)  # in quarter notes: a thirty-second
_WEAK_HAND = 0.88  # velocity of every second stroke of a roll

PATTERN_HELP = "x hit, X accent, o ghost, 1-9 velocity, f flam, d drag, r roll, - rest; F, D, R accented"

Piece = Annotated[str, Field("A piece of the kit.", parse=parse_piece)]


@dataclass(frozen=True)
class Stroke:
    """A stroke of a step: its place in the step from 0 to 1, its velocity, and how many graces come before it."""

    place: Fraction
    velocity: float
    graces: int = 0


def parse_steps(text: object) -> str:
    """The signs of a pattern, one a step. Raises ValueError for text that is not a pattern."""
    if not isinstance(text, str):
        raise ValueError(f"must be steps such as x---x--- (is {text!r})")
    text = text.rstrip().removesuffix(REPEAT)
    known = {*MARKS, *_GRACES, *_ROLLS}
    for column, sign in enumerate(text, 1):
        if sign not in known and sign not in RESTS + BARS:
            raise ValueError(
                f"step {column} must be x (hit), X (accent), o (ghost), 1 to 9 (softest to loudest), f (flam), "
                f"d (drag), r (roll), F, D or R (the same, accented) or - (rest) (is {sign!r} in {text!r})"
            )
    steps = "".join(sign for sign in text if sign not in BARS)
    if not steps:
        raise ValueError("must have at least one step")
    return steps


Pattern = Annotated[str, Field(f"Steps: {PATTERN_HELP}.", parse=parse_steps)]


def strokes(sign: str, step: Fraction) -> Iterator[Stroke]:
    """The strokes of a sign, whose step lasts `step` quarters; none for a rest."""
    if sign in RESTS:
        return
    velocity = MARKS.get(sign, ACCENT if sign.isupper() else PLAIN)
    if sign not in _ROLLS:
        yield Stroke(Fraction(0), velocity, _GRACES.get(sign, 0))
        return
    count = max(2, round(step / _ROLL_STROKE))
    for n in range(count):
        yield Stroke(Fraction(n, count), velocity * (_WEAK_HAND if n % 2 else 1.0))


def graces(stroke: Stroke, velocity: float) -> Iterator[tuple[float, float]]:
    """The grace notes of a stroke of this velocity: how many seconds before it, and the velocity."""
    for n in range(stroke.graces, 0, -1):
        yield n * GRACE_S, velocity * _GRACE_LEVEL


@dataclass(frozen=True)
class Fill(Configurable):
    """A fill: in every nth bar of a section, its patterns play instead of the section's. It ends with the bar."""

    every: Annotated[int, Field("Counts bars from the start of the section.", "bars", ge=1, le=1_000)]
    patterns: Annotated[
        dict[Piece, Pattern],
        Field("What each piece plays; the longest pattern is as long as the fill.", min_length=1),
    ]

    def spans(self, section: Section, tempo: TempoMap, step: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
        """List where it plays in a section.

        Parameters
        ----------
        section : Section
            The section.
        tempo : TempoMap
            The tempo map of the song.
        step : Fraction
            The length of a step, in quarter notes.

        Yields
        ------
        tuple of (Fraction, Fraction)
            Start and end, in quarter notes.
        """
        length = step * max(len(parse_steps(pattern)) for pattern in self.patterns.values())
        first, _ = tempo.bar_beat(section.start)
        bar = first + self.every
        while (end := tempo.bar_line(bar)) <= section.end:
            yield max(section.start, end - length), end
            bar += self.every


def played_at(
    section: Section, patterns: Mapping[str, str], fill: Fill | None, tempo: TempoMap, step: Fraction
) -> Iterator[tuple[str, str, Fraction, Fraction, Fraction]]:
    """What the pieces play in a section.

    Parameters
    ----------
    section : Section
        The section.
    patterns : mapping of str to str
        The pattern of each piece.
    fill : Fill or None
        Its fill.
    tempo : TempoMap
        The tempo map of the song.
    step : Fraction
        The length of a step, in quarter notes.

    Yields
    ------
    tuple of (str, str, Fraction, Fraction, Fraction)
        A piece, its pattern, where the pattern begins, and the start and the end of what is heard of it, all three in
        quarter notes.
    """
    fills = list(fill.spans(section, tempo, step)) if fill else []
    starts = [section.start, *(end for _, end in fills)]
    ends = [*(start for start, _ in fills), section.end]
    for piece, pattern in patterns.items():
        for start, end in zip(starts, ends, strict=True):
            yield piece, pattern, section.start, start, end
    for start, end in fills:
        for piece, pattern in (fill.patterns if fill else {}).items():
            yield piece, pattern, start, start, end
