"""What a MIDI channel does to the notes that sound on it: pitch bend, vibrato, volume, expression, and silence."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

VOLUME, EXPRESSION = 100, 127
"""Volume (controller 7) and expression (controller 11) of a channel until a message sets them: RP-015, GM level 1."""

Position: TypeAlias = Fraction | int
"""Quarters from the start of the song in parts, frames in notes that are played."""


class Level(NamedTuple):
    """The level of a channel from a position on, by its controllers, each 0 to 127."""

    at: Position
    volume: int
    expression: int

    @property
    def gain(self) -> float:
        """The gain, 1 if neither was ever set: each controller acts on the level in dB by 40 log10 (GM level 2)."""
        return (self.volume / VOLUME * self.expression / EXPRESSION) ** 2


class Bend(NamedTuple):
    """The deviation from a note's pitch from a position on, in semitones."""

    at: Position
    semitones: float


class Depth(NamedTuple):
    """The depth of the vibrato of a channel from a position on, in semitones, up and down."""

    at: Position
    semitones: float


@dataclass(frozen=True, eq=False)
class Controls:
    """The changes of a channel, each in ascending order of positions.

    At each of the positions in `silences`, what sounds on the channel is cut off. `depths` become bends once positions
    are frames (`expression.with_vibrato`).
    """

    bends: tuple[Bend, ...] = ()
    levels: tuple[Level, ...] = ()
    silences: tuple[Position, ...] = ()
    depths: tuple[Depth, ...] = ()

    def moved(self, move: Callable[[Any], Position]) -> Controls:
        """The same changes with each position put through `move`, which must keep their order."""
        return Controls(
            tuple(bend._replace(at=move(bend.at)) for bend in self.bends),
            tuple(level._replace(at=move(level.at)) for level in self.levels),
            tuple(move(at) for at in self.silences),
            tuple(depth._replace(at=move(depth.at)) for depth in self.depths),
        )

    def until(self, end: Position) -> Controls:
        """The changes before a position."""
        return Controls(
            self.bends[: bisect_left(self.bends, end, key=itemgetter(0))],
            self.levels[: bisect_left(self.levels, end, key=itemgetter(0))],
            self.silences[: bisect_left(self.silences, end)],
            self.depths[: bisect_left(self.depths, end, key=itemgetter(0))],
        )

    def during(self, start: int, end: int) -> Controls:
        """The state at `start`, and the changes until `end`, with positions relative to `start`.

        Of silences, the first after `start`, whether or not before `end`: it cuts off the release of a note, too.
        """
        silence = bisect_right(self.silences, start)
        return Controls(
            _during(self.bends, Bend(0, 0.0), start, end),
            _during(self.levels, Level(0, VOLUME, EXPRESSION), start, end),
            tuple(at - start for at in self.silences[silence : silence + 1]),
        )


def _during(changes: tuple, before: Any, start: int, end: int) -> tuple:
    first = bisect_right(changes, start, key=itemgetter(0))
    last = bisect_right(changes, end - 1, lo=first, key=itemgetter(0))
    now = changes[first - 1] if first else before
    return (now._replace(at=0), *(change._replace(at=change.at - start) for change in changes[first:last]))
