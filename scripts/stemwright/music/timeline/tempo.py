"""The tempo map: conversion between bars, beats and seconds.

Positions are counted in quarter notes from the start of the song, as exact fractions. Tempo is in quarter notes per
minute whatever the time signature, as in MIDI files and most DAWs. Bars and beats are those of `meters`, and seconds
those of `pace`, which says what is exact and what is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from stemwright.music.timeline.meters import Meters
from stemwright.music.timeline.pace import Curve, Pace
from stemwright.music.timeline.values import (
    NO_LENGTH,
    Duration,
    Position,
    TimeSignature,
    parse_time_signature,
)


class TempoError(ValueError):
    """Changes that contradict each other: `index` is that of the change to blame, and `key` what is wrong in it."""

    def __init__(self, index: int, key: str, message: str):
        super().__init__(message)
        self.index = index
        self.key = key


@dataclass(frozen=True)
class Ramp:
    """A tempo that moves: it reaches `to` (in quarter notes per minute) after a musical length."""

    to: Fraction
    over: Duration
    curve: Curve = "beats"


@dataclass(frozen=True)
class TempoChange:
    """What changes at a beat of a bar: tempo (quarter notes per minute) and time signature, None for what stays.

    From there the tempo may be a ramp, or time may stand for the length `hold`; what is musical in that is counted at
    the tempo and meter of the place. A time signature changes on beat 1.
    """

    bar: int
    bpm: Fraction | None = None
    time_signature: TimeSignature | None = None
    beat: Fraction = Fraction(1)
    ramp: Ramp | None = None
    hold: Duration = NO_LENGTH


@dataclass(frozen=True)
class Passage:
    """A part of a song with one time signature, and with one tempo or in one ramp.

    `bpm` is the tempo where it begins, `to` where it ends, if it does, and `mean` that of its whole length, all in
    quarter notes per minute. `holds` are those in it, and where it begins: each with its quarter and its seconds.
    """

    bar: int
    beat: Fraction
    start: Fraction
    end: Fraction | None
    bpm: Fraction
    to: Fraction
    mean: Fraction
    curve: Curve
    signature: TimeSignature
    holds: tuple[tuple[Fraction, Fraction], ...]


class TempoMap:
    """Tempo and time signature of a song.

    Parameters
    ----------
    changes
        What changes, in order; the first, at bar 1, has the tempo and time signature that the song begins with.
    pickup
        What comes before bar 1: a musical length.

    Raises
    ------
    TempoError
        If they contradict each other.
    """

    def __init__(self, changes: Sequence[TempoChange], pickup: Duration = NO_LENGTH):
        if not changes or changes[0].bar != 1 or changes[0].bpm is None or changes[0].time_signature is None:
            raise TempoError(0, "bar", "a tempo map must begin at bar 1, with a tempo and a time signature")
        self.changes = tuple(changes)
        signatures = [(c.bar, c.time_signature) for c in changes if c.time_signature is not None]
        for index, change in enumerate(changes[1:], 1):
            if change.time_signature is not None and (change.bar < 2 or change.beat != 1):
                why = "must change on the first beat of a bar from 2 on: that of bar 1 is the song's"
                raise TempoError(index, "meter", why)
            if change.bar <= changes[index - 1].bar and change.time_signature is not None:
                raise _not_after(index, change, changes[index - 1])
        first = Meters(signatures[:1])
        length = first.length(pickup, Fraction(0))
        if length >= signatures[0][1].bar_quarters:
            raise TempoError(
                0, "pickup", f"must be shorter than a bar of {signatures[0][1]}: begin at bar 1, with rests"
            )
        self.meters = Meters(signatures, length)
        places = [Fraction(0)]
        for index, change in enumerate(changes[1:], 1):
            try:
                places.append(self.meters.place(change.bar, change.beat))
            except ValueError as error:
                raise TempoError(index, "at", str(error)) from None
            if index > 1 and places[-1] <= places[-2]:
                raise _not_after(index, change, changes[index - 1])
        self._pace = Pace(self._stretches(places))
        held = [(at, change.hold) for at, change in zip(places, changes, strict=True) if change.hold]
        self._pace.hold([(at, self.length_seconds(length, at)) for at, length in held])

    def _stretches(
        self, places: Sequence[Fraction]
    ) -> list[tuple[Fraction, Fraction, tuple[Fraction, Fraction, Curve] | None]]:
        """The stretches of the pace, from the places of the changes in quarters."""
        stretches: list[tuple[Fraction, Fraction, tuple[Fraction, Fraction, Curve] | None]] = []
        for index, (at, change) in enumerate(zip(places, self.changes, strict=True)):
            if change.bpm is None and change.ramp is None:
                continue
            if stretches and at < stretches[-1][0]:
                raise TempoError(
                    index,
                    "bar",
                    f"is in the ramp that ends at {self.describe(stretches[-1][0])}: let it begin there or later, or "
                    "shorten the ramp; only the meter may change in a ramp, and time may be held",
                )
            bpm = stretches[-1][1] if change.bpm is None else change.bpm
            if stretches and stretches[-1][0] == at:
                stretches.pop()
            if change.ramp is None:
                stretches.append((at, bpm, None))
                continue
            end = self.meters.advance(at, change.ramp.over)
            stretches.append((at, bpm, (change.ramp.to, end - at, change.ramp.curve)))
            stretches.append((end, change.ramp.to, None))
        return stretches

    @property
    def pickup(self) -> Fraction:
        """The length of the pick-up, which is where bar 1 begins, in quarters."""
        return self.meters.pickup

    @property
    def holds(self) -> Sequence[tuple[Fraction, Fraction]]:
        """The holds: where time stands, in quarters, and for how many seconds."""
        return self._pace.holds

    @property
    def is_plain(self) -> bool:
        """Whether it begins at bar 1, has no ramp or hold, and counts quarters and notes of the denominator."""
        signatures = [meter.signature for meter in self.meters.meters]
        moves = self.pickup or self.holds or any(change.ramp for change in self.changes)
        return not moves and not any(signature.groups or signature.unit for signature in signatures)

    def passages(self) -> Iterator[Passage]:
        """Yield the passages of the song in order; the last has no end."""
        bounds = sorted(
            {each.quarter for each in self._pace.stretches}
            | {each.quarter for each in self.meters.meters[1:]}
        )
        for start, end in zip(bounds, [*bounds[1:], None], strict=True):
            stretch = self._pace.at(start)
            bpm = self.bpm(start)
            to = mean = bpm
            if end is not None and stretch.to != stretch.bpm:
                first, last = start - stretch.quarter, end - stretch.quarter
                to, mean = (
                    stretch.tempo(last),
                    60 * (end - start) / (stretch.seconds(last) - stretch.seconds(first)),
                )
            holds = tuple(hold for hold in self.holds if start <= hold[0] and (end is None or hold[0] < end))
            signature = self.meters.at(start).signature
            yield Passage(*self.bar_beat(start), start, end, bpm, to, mean, stretch.curve, signature, holds)

    def seconds(self, quarter: Fraction) -> Fraction:
        """The time in seconds of a position in quarters; at a hold, before it."""
        return self._pace.seconds(quarter)

    def quarters(self, second: Fraction) -> Fraction:
        """The position in quarters of a time in seconds; in a hold, that at which time stands."""
        return self._pace.quarters(second)

    def bar_line(self, bar: int) -> Fraction:
        """The start of a bar (from 1), in quarters."""
        return self.meters.bar_line(bar)

    def bar_beat(self, quarter: Fraction) -> tuple[int, Fraction]:
        """Convert a position to bar and beat.

        Parameters
        ----------
        quarter
            The position in quarters.

        Returns
        -------
        bar : int
            The bar, from 1; 0 in a pick-up.
        beat : Fraction
            The beat within the bar, from 1.
        """
        return self.meters.bar_beat(quarter)

    def describe(self, quarter: Fraction, start: Fraction | None = None) -> str:
        """A position as text, `bar 2 beat 3.5`; with `start`, bar 1 is the bar that contains it."""
        bar, beat = self.bar_beat(quarter)
        first = 1 if start is None else self.bar_beat(start)[0]
        return f"bar {bar - first + 1} beat {float(beat):.4g}"

    def time_signature(self, quarter: Fraction) -> TimeSignature:
        """The time signature at a position in quarters."""
        return self.meters.at(quarter).signature

    def bpm(self, quarter: Fraction) -> Fraction:
        """The tempo at a position in quarters, in quarter notes per minute."""
        return self._pace.tempo(quarter)

    def beats_around(self, quarter: Fraction) -> tuple[Fraction, Fraction]:
        """Find the beats between which a position lies.

        Parameters
        ----------
        quarter
            The position in quarters.

        Returns
        -------
        before : Fraction
            The last beat that is not after it, in quarters.
        after : Fraction
            The first beat that is not before it, in quarters; the same if it is on a beat.
        """
        count = self.meters.count(quarter)
        whole = Fraction(count // 1)
        return self.meters.quarter_of_beat(whole), self.meters.quarter_of_beat(whole + (count != whole))

    def count_beats(self, start: Fraction, end: Fraction) -> Fraction:
        """The number of beats from one position in quarters to a later one: the length in beats that leads there."""
        return self.meters.count(end) - self.meters.count(start)

    def count_bars(self, quarter: Fraction) -> Fraction:
        """The bars from bar 1 to a position in quarters."""
        bar, _ = self.bar_beat(quarter)
        into = quarter - self.bar_line(bar)
        return bar - 1 + into / self.time_signature(quarter).bar_quarters

    def locate(self, position: Position) -> Fraction:
        """Convert a position to quarters. Raises ValueError for a beat that its bar does not have."""
        return self.advance(self._named(position), position.offset)

    def time_of(self, position: Position) -> Fraction:
        """The time of a position in seconds, also in a hold. Raises ValueError as `locate`."""
        if position.bar is None and not position.offset.is_musical:
            return position.seconds + position.offset.seconds
        return self.time_after(self._named(position), position.offset)

    def _named(self, position: Position) -> Fraction:
        """A position without its offset, in quarters."""
        if position.bar is None:
            return self.quarters(position.seconds)
        return self.meters.place(position.bar, position.beat)

    def advance(self, quarter: Fraction, length: Duration) -> Fraction:
        """The position in quarters a length after another: its bars are added first, then beats, notes, seconds."""
        quarter = self.meters.advance(quarter, length)
        if length.seconds:
            quarter = self.quarters(self.seconds(quarter) + length.seconds)
        return quarter

    def time_after(self, quarter: Fraction, length: Duration) -> Fraction:
        """The time in seconds a length after a position in quarters, also in a hold."""
        return self.seconds(self.meters.advance(quarter, length)) + length.seconds

    def length_seconds(self, length: Duration, quarter: Fraction) -> Fraction:
        """A length in seconds, by the tempo and the meter at a position in quarters, whatever comes after."""
        return self.meters.length(length, quarter) * 60 / self.bpm(quarter) + length.seconds

    def to_dict(self) -> dict[str, Any]:
        """Plain data from which `from_dict` restores the map."""
        pickup = {"pickup": str(self.pickup)} if self.pickup else {}
        return {"tempo": [self._plain(change) for change in self.changes], **pickup}

    def _plain(self, change: TempoChange) -> list:
        """A change as plain data: lengths are in quarters, and that of a hold is in seconds."""
        at, signature = self.meters.place(change.bar, change.beat), change.time_signature
        more: dict[str, Any] = {}
        if change.beat != 1:
            more["beat"] = str(change.beat)
        if signature and signature.unit:
            more["unit"] = str(signature.unit)
        if ramp := change.ramp:
            more["ramp"] = [str(ramp.to), str(self.meters.advance(at, ramp.over) - at), ramp.curve]
        if change.hold:
            more["hold"] = str(self.length_seconds(change.hold, at))
        bpm = None if change.bpm is None else str(change.bpm)
        return [change.bar, bpm, None if signature is None else str(signature), *([more] if more else [])]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TempoMap:
        """The map that `to_dict` described."""
        return cls(
            [_change(*change) for change in data["tempo"]],
            Duration(notes=Fraction(data.get("pickup", 0)) / 4),
        )


def _change(bar: int, bpm: str | None, meter: str | None, more: dict[str, Any] | None = None) -> TempoChange:
    more, ramp = more or {}, None
    signature = None if meter is None else parse_time_signature(meter)
    if signature and "unit" in more:
        signature = replace(signature, unit=Fraction(more["unit"]))
    if "ramp" in more:
        to, quarters, curve = more["ramp"]
        ramp = Ramp(Fraction(to), Duration(notes=Fraction(quarters) / 4), curve)
    return TempoChange(
        bar,
        None if bpm is None else Fraction(bpm),
        signature,
        Fraction(more.get("beat", 1)),
        ramp,
        Duration(seconds=Fraction(more.get("hold", 0))),
    )


def _not_after(index: int, change: TempoChange, last: TempoChange) -> TempoError:
    def place(change: TempoChange) -> str:
        return f"bar {change.bar}" + (f" beat {float(change.beat):g}" if change.beat != 1 else "")

    return TempoError(index, "bar", f"must come after {place(last)} (is {place(change)})")
