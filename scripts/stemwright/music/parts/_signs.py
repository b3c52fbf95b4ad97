"""Signs after a note that say how it is played, and what they make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from stemwright.music.parts._base import ACCENT, GHOST, PLAIN, Event, scale_velocity

SIGNS = r"((?:>|\.|_|m|~|\^(?:1[0-2]|[1-9])?|/{1,3})*)"
"""A regular expression of any number of signs, as one group."""

SIGNS_HELP = (
    "> accent, . staccato, _ legato, m palm mute, ~ vibrato, ^ bend (^1 by a semitone), / // /// roll"
)

GRACE = "`"
"""Between a grace note and its note."""

_SIGN = re.compile(r"\^\d*|/+|.")
_WHOLE_TONE = 2
_STROKES = Fraction(1)  # quarters from stroke to stroke of a roll with no slash: each slash halves it
_LEGATO_S = Fraction(3, 100)
_GRACE_S, _GRACE_QUARTERS, _GRACE_LEVEL = Fraction(6, 100), Fraction(1, 8), 0.75
_SECOND_STROKES = 0.85  # velocity of every other stroke of a roll


@dataclass(frozen=True)
class Played:
    """What is written at a note.

    `pitch` is a MIDI note number, `mark` the velocity of its mark, `slide_from` and `grace` the pitches that it slides
    from and of the grace note before it, or None; `signs` are those after it.
    """

    pitch: int
    mark: float
    slide_from: int | None = None
    grace: int | None = None
    signs: str = ""

    @classmethod
    def of(cls, pitch: int, ghost: bool, signs: str, slide_from: int | None, grace: int | None) -> Played:
        """A note by its signs.

        Parameters
        ----------
        pitch : int
            A MIDI note number.
        ghost : bool
            Whether it is a ghost note.
        signs : str
            The signs after it.
        slide_from, grace : int or None
            The pitch that it slides from, and that of its grace note.

        Returns
        -------
        Played
        """
        mark = GHOST if ghost else ACCENT if ">" in signs else PLAIN
        return cls(pitch, mark, slide_from, grace, signs)

    def events(self, start: Fraction, end: Fraction, turn: int, velocity: float) -> Iterator[Event]:
        """The notes that it is played as.

        Parameters
        ----------
        start, end : Fraction
            Its start and end, in quarters.
        turn : int
            How many times its pattern was played before.
        velocity : float
            That of a plain note in its part.

        Yields
        ------
        Event
        """
        whole = Event(start, end, self.pitch, scale_velocity(velocity, self.mark), self.slide_from, turn=turn)
        whole = replace(whole, is_ghost=self.mark <= GHOST)
        if self.grace is not None:
            short = min(end, start + _GRACE_QUARTERS)
            soft = whole.velocity * _GRACE_LEVEL
            yield replace(
                whole, end=short, pitch=self.grace, velocity=soft, slide_from=None, later_s=-_GRACE_S
            )
        strokes = 0
        for sign in _SIGN.findall(self.signs):
            if sign == ".":
                whole = replace(whole, end=start + (end - start) / 2)
            elif sign == "_":
                whole = replace(whole, longer_s=_LEGATO_S)
            elif sign == "m":
                whole = replace(whole, is_muted=True)
            elif sign == "~":
                whole = replace(whole, has_vibrato=True)
            elif sign.startswith("^"):
                whole = replace(whole, bend=int(sign[1:] or _WHOLE_TONE))
            elif sign.startswith("/"):
                strokes = len(sign)
        yield from _roll(whole, _STROKES / 2**strokes) if strokes else [whole]


def _roll(whole: Event, stroke: Fraction) -> Iterator[Event]:
    """A note as strokes of a length in quarters; what is left of it at its end is added to the last."""
    count = max(1, int((whole.end - whole.start) / stroke))
    for index in range(count):
        start = whole.start + index * stroke
        yield replace(
            whole,
            start=start,
            end=whole.end if index == count - 1 else start + stroke,
            velocity=whole.velocity * (_SECOND_STROKES if index % 2 else 1),
            slide_from=None if index else whole.slide_from,
        )
