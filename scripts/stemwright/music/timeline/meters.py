"""Bars and beats: where they are on the axis of quarter notes, whatever the tempo. All of it is exact.

Quarters count from the start of the song. A pick-up comes before bar 1, and belongs to bar 0: after a pick-up of one
beat in 4/4, the song begins on beat 4 of bar 0. Beats are also counted through, over all bars, from 0 at bar 1; this
count grows evenly within a beat, and so tells what a length in beats is where beats differ.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stemwright.music.timeline.values import Duration, TimeSignature


@dataclass(frozen=True)
class Meter:
    """A time signature from the start of `bar` on: where that is in quarters, and in beats counted through."""

    bar: int
    quarter: Fraction
    beat: int
    signature: TimeSignature


class Meters:
    """The time signatures of a song, each from the start of a bar on; the first is that of bar 1.

    `pickup` is the length of what comes before bar 1, in quarters.
    """

    def __init__(self, signatures: Sequence[tuple[int, TimeSignature]], pickup: Fraction = Fraction(0)):
        (bar, signature), *later = signatures
        meters = [Meter(bar, pickup, 0, signature)]
        for bar, signature in later:
            last = meters[-1]
            bars = bar - last.bar
            quarter = last.quarter + bars * last.signature.bar_quarters
            meters.append(Meter(bar, quarter, last.beat + bars * len(last.signature.beats), signature))
        self.pickup = pickup
        self.meters = tuple(meters)
        self._bars = [meter.bar for meter in meters]
        self._quarters = [meter.quarter for meter in meters]
        self._beats = [meter.beat for meter in meters]

    def at(self, quarter: Fraction) -> Meter:
        """The meter at a position in quarters."""
        return self.meters[max(0, bisect_right(self._quarters, quarter) - 1)]

    def in_bar(self, bar: int) -> Meter:
        """The meter of a bar; of bar 0 and before, that of bar 1."""
        return self.meters[max(0, bisect_right(self._bars, bar) - 1)]

    def bar_line(self, bar: int) -> Fraction:
        """The start of a bar, in quarters; that of bar 0 is before the song, unless the pick-up is a whole bar."""
        meter = self.in_bar(bar)
        return meter.quarter + (bar - meter.bar) * meter.signature.bar_quarters

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
        meter = self.at(quarter)
        bars, rest = divmod(quarter - meter.quarter, meter.signature.bar_quarters)
        return meter.bar + bars, 1 + _beats_of(rest, meter.signature)

    def place(self, bar: int, beat: Fraction) -> Fraction:
        """Convert a bar and beat to quarters. Raises ValueError for a beat that its bar does not have."""
        signature = self.in_bar(bar).signature
        count = len(signature.beats)
        if beat >= count + 1:
            raise ValueError(f"bar {bar} has {count} beats, no beat {float(beat):g}")
        quarter = self.bar_line(bar) + _quarters_of(beat - 1, signature)
        if quarter < 0:
            first_bar, first = self.bar_beat(Fraction(0))
            pickup = f"in its pick-up, at bar 0 beat {float(first):g}" if first_bar == 0 else "at bar 1"
            raise ValueError(f"bar {bar} beat {float(beat):g} is before the song, which begins {pickup}")
        return quarter

    def count(self, quarter: Fraction) -> Fraction:
        """The beats from bar 1 to a position in quarters, counted through; negative in a pick-up."""
        meter = self.at(quarter)
        bars, rest = divmod(quarter - meter.quarter, meter.signature.bar_quarters)
        return meter.beat + bars * len(meter.signature.beats) + _beats_of(rest, meter.signature)

    def quarter_of_beat(self, beat: Fraction) -> Fraction:
        """The position in quarters of a beat that is counted through from bar 1: the inverse of `count`."""
        meter = self.meters[max(0, bisect_right(self._beats, beat) - 1)]
        bars, rest = divmod(beat - meter.beat, len(meter.signature.beats))
        return meter.quarter + bars * meter.signature.bar_quarters + _quarters_of(rest, meter.signature)

    def advance(self, quarter: Fraction, length: Duration) -> Fraction:
        """The position in quarters a musical length after another: its bars are added first, then beats, then notes.

        The place within the bar is kept in quarters; a part of a bar is one of the bar that is reached.
        """
        if length.bars:
            bar, _ = self.bar_beat(quarter)
            whole, part = divmod(length.bars, 1)
            into = quarter - self.bar_line(bar)
            line = self.bar_line(bar + whole)
            quarter = line + into + part * self.at(line).signature.bar_quarters
        if length.beats:
            quarter = self.quarter_of_beat(self.count(quarter) + length.beats)
        return quarter + 4 * length.notes

    def length(self, length: Duration, quarter: Fraction) -> Fraction:
        """A musical length in quarters, by the meter at a position."""
        signature = self.at(quarter).signature
        return (
            length.bars * signature.bar_quarters + length.beats * signature.beat_quarters + 4 * length.notes
        )

    def beats(self) -> Iterator[tuple[int, int, Fraction]]:
        """Yield every beat from the start of the song on, without end: its bar, its beat from 1, and its quarter."""
        bar = self.bar_beat(Fraction(0))[0]
        while True:
            at = self.bar_line(bar)
            for beat, length in enumerate(self.in_bar(bar).signature.beats, 1):
                if at >= 0:
                    yield bar, beat, at
                at += length
            bar += 1


def _beats_of(quarters: Fraction, signature: TimeSignature) -> Fraction:
    """The beats in the first `quarters` of a bar."""
    if not signature.groups:
        return quarters / signature.beats[0]
    for number, length in enumerate(signature.beats):
        if quarters < length:
            return number + quarters / length
        quarters -= length
    return Fraction(len(signature.beats))


def _quarters_of(beats: Fraction, signature: TimeSignature) -> Fraction:
    """The quarters in the first `beats` of a bar: the inverse of `_beats_of`."""
    if not signature.groups:
        return beats * signature.beats[0]
    whole, part = divmod(beats, 1)
    return sum(signature.beats[:whole], Fraction(0)) + (part * signature.beats[whole] if part else 0)
