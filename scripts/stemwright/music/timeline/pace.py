"""Tempo over time: from quarter notes to seconds and back, through ramps and holds.

Where the tempo is constant, all is exact. In a ramp from b0 to b1 quarter notes per minute over L quarters, after x
quarters and t seconds,

    linear in beats:  b = b0 + (b1 - b0) x / L,   t = 60 L / (b1 - b0) · ln(b / b0)
    linear in time:   b² = b0² + (b1² - b0²) x / L,   t = 120 x / (b0 + b)

(the integrals of 60 / b over x). A root that is rational is exact, and so is the length of a ramp that is linear in
time, 120 L / (b0 + b1). What is irrational is rounded once, to 1e-30 s or quarters, from integers or from `decimal`,
whose logarithm and exponential are correctly rounded: it is the same on every machine. No half frame is so close, so
that frames are those of the closed form.

Holds are seconds that are inserted at a position: time stands there. What begins at the position begins before the
hold, and what comes after it comes later.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from itertools import accumulate
from math import isqrt
from typing import Literal

from stemwright.music.timeline.values import round_half_up

Curve = Literal["beats", "time"]
"""What the tempo of a ramp is linear in."""

_DECIMAL = Context(prec=80, Emax=MAX_EMAX, Emin=MIN_EMIN)
_GRID = 10**30


@dataclass(frozen=True)
class Stretch:
    """Tempo from `quarter` on, which is reached at `second` (without holds): constant, or a ramp.

    `bpm` is the tempo where it begins, in quarter notes per minute. A ramp reaches `to` after `quarters`.
    """

    quarter: Fraction
    second: Fraction
    bpm: Fraction
    to: Fraction
    quarters: Fraction = Fraction(0)
    curve: Curve = "beats"

    def tempo(self, x: Fraction) -> Fraction:
        """The tempo after x quarters."""
        if not self._moves(x):
            return self.bpm
        if self.curve == "beats":
            return self.bpm + (self.to - self.bpm) * x / self.quarters
        return _root(self._square(x))

    def seconds(self, x: Fraction) -> Fraction:
        """The length of its first x quarters in seconds."""
        if not self._moves(x):
            return x * 60 / self.bpm
        if self.curve == "beats":
            per_bpm = 60 * self.quarters / (self.to - self.bpm)
            return _rounded(per_bpm * _log(self.tempo(x) / self.bpm))
        bpm = self.tempo(x)
        seconds = 120 * x / (self.bpm + bpm)
        return seconds if bpm**2 == self._square(x) else _rounded(seconds)

    def length(self, t: Fraction) -> Fraction:
        """How many quarters its first t seconds are."""
        if not self._moves(t):
            return t * self.bpm / 60
        if self.curve == "beats":
            growth = (self.to - self.bpm) / (60 * self.quarters)
            return _rounded((_exp(growth * t) - 1) * self.bpm * self.quarters / (self.to - self.bpm))
        growth = (self.to**2 - self.bpm**2) / (120 * self.quarters)
        return (self.bpm * t + growth * t**2 / 2) / 60

    def _moves(self, x: Fraction) -> bool:
        return self.to != self.bpm and x > 0

    def _square(self, x: Fraction) -> Fraction:
        """The square of the tempo after x quarters of a ramp that is linear in time."""
        return self.bpm**2 + (self.to**2 - self.bpm**2) * x / self.quarters


class Pace:
    """The tempo of a song: stretches from rising quarters on, of which the first is that of the song's start.

    Parameters
    ----------
    stretches
        (quarter, bpm, ramp) of each; the ramp is (to, quarters, curve) or None, and ends where the next begins.
    """

    def __init__(
        self, stretches: Sequence[tuple[Fraction, Fraction, tuple[Fraction, Fraction, Curve] | None]]
    ):
        built: list[Stretch] = []
        second = Fraction(0)
        for quarter, bpm, ramp in stretches:
            if built:
                second += built[-1].seconds(quarter - built[-1].quarter)
            built.append(Stretch(quarter, second, bpm, *(ramp or (bpm,))))
        self.stretches = tuple(built)
        self.holds: tuple[tuple[Fraction, Fraction], ...] = ()
        self._quarters = [each.quarter for each in built]
        self._seconds = [each.second for each in built]
        self.hold(())

    def hold(self, holds: Sequence[tuple[Fraction, Fraction]]) -> None:
        """Let time stand: `holds` has the quarter and the seconds of each, with rising quarters."""
        self.holds = tuple(holds)
        self._held_at = [quarter for quarter, _ in holds]
        self._held = list(accumulate((seconds for _, seconds in holds), initial=Fraction(0)))
        self._held_from = [
            self._running(at) + held for at, held in zip(self._held_at, self._held, strict=False)
        ]

    def at(self, quarter: Fraction) -> Stretch:
        """The stretch at a position in quarters."""
        return self.stretches[max(0, bisect_right(self._quarters, quarter) - 1)]

    def tempo(self, quarter: Fraction) -> Fraction:
        """The tempo at a position, in quarter notes per minute."""
        stretch = self.at(quarter)
        return stretch.tempo(quarter - stretch.quarter)

    def seconds(self, quarter: Fraction) -> Fraction:
        """The time of a position in seconds; at a hold, before it."""
        return self._running(quarter) + self._held[bisect_left(self._held_at, quarter)]

    def quarters(self, second: Fraction) -> Fraction:
        """The position in quarters of a time in seconds; in a hold, that at which time stands."""
        index = bisect_right(self._held_from, second) - 1
        if index >= 0 and second <= self._held_from[index] + self.holds[index][1]:
            return self._held_at[index]
        running = second - self._held[index + 1]
        stretch = self.stretches[max(0, bisect_right(self._seconds, running) - 1)]
        return stretch.quarter + stretch.length(running - stretch.second)

    def _running(self, quarter: Fraction) -> Fraction:
        stretch = self.at(quarter)
        return stretch.second + stretch.seconds(quarter - stretch.quarter)


def _rounded(value: Fraction) -> Fraction:
    return Fraction(round_half_up(value * _GRID), _GRID)


def _root(value: Fraction) -> Fraction:
    """The square root: exact if it is rational, else less than 1e-40 below it."""
    root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if root**2 == value:
        return root
    return Fraction(isqrt(value.numerator * value.denominator * 10**80), value.denominator * 10**40)


def _log(value: Fraction) -> Fraction:
    return Fraction(_decimal(value).ln(_DECIMAL))


def _exp(value: Fraction) -> Fraction:
    return Fraction(_decimal(value).exp(_DECIMAL))


def _decimal(value: Fraction) -> Decimal:
    return _DECIMAL.divide(Decimal(value.numerator), Decimal(value.denominator))
