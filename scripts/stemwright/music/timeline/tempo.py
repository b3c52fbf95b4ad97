"""The tempo map: exact conversion between bars, beats and seconds.

Positions are counted in quarter notes from the start of bar 1, as exact fractions. Tempo is in quarter notes per
minute whatever the time signature, as in MIDI files and most DAWs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stemwright.music.timeline.values import Duration, Position, TimeSignature


@dataclass(frozen=True)
class TempoChange:
    """The tempo (quarter notes per minute) and time signature from the start of `bar` on."""

    bar: int
    bpm: Fraction
    time_signature: TimeSignature


@dataclass(frozen=True)
class _Segment:
    """A stretch of constant tempo and time signature: where it begins, in bars, quarters and seconds."""

    bar: int
    quarter: Fraction
    second: Fraction
    bpm: Fraction
    time_signature: TimeSignature


class TempoMap:
    """A piecewise constant tempo and time signature, which change at bar lines.

    Raises ValueError unless the first change is at bar 1 and each is at a later bar than the one before.
    """

    def __init__(self, changes: Sequence[TempoChange]):
        if not changes or changes[0].bar != 1:
            raise ValueError("a tempo map must begin at bar 1")
        self.changes = tuple(changes)
        segments: list[_Segment] = []
        for change in changes:
            quarter = second = Fraction(0)
            if segments:
                last = segments[-1]
                if change.bar <= last.bar:
                    raise ValueError(f"bar {change.bar} must come after bar {last.bar}")
                quarter = last.quarter + (change.bar - last.bar) * last.time_signature.bar_quarters
                second = last.second + (quarter - last.quarter) * 60 / last.bpm
            segments.append(_Segment(change.bar, quarter, second, change.bpm, change.time_signature))
        self._segments = segments
        self._bars = [s.bar for s in segments]
        self._quarters = [s.quarter for s in segments]
        self._seconds = [s.second for s in segments]

    def seconds(self, quarter: Fraction) -> Fraction:
        """The time in seconds of a position in quarters."""
        s = self._at_quarter(quarter)
        return s.second + (quarter - s.quarter) * 60 / s.bpm

    def quarters(self, second: Fraction) -> Fraction:
        """The position in quarters of a time in seconds."""
        s = self._segments[bisect_right(self._seconds, second) - 1]
        return s.quarter + (second - s.second) * s.bpm / 60

    def bar_line(self, bar: int) -> Fraction:
        """The start of a bar (from 1), in quarters."""
        s = self._segments[bisect_right(self._bars, bar) - 1]
        return s.quarter + (bar - s.bar) * s.time_signature.bar_quarters

    def bar_beat(self, quarter: Fraction) -> tuple[int, Fraction]:
        """Convert a position to bar and beat.

        Parameters
        ----------
        quarter
            The position in quarters.

        Returns
        -------
        bar : int
            The bar, from 1.
        beat : Fraction
            The beat within the bar, from 1.
        """
        s = self._at_quarter(quarter)
        bars, rest = divmod(quarter - s.quarter, s.time_signature.bar_quarters)
        return s.bar + bars, 1 + rest / s.time_signature.beat_quarters

    def describe(self, quarter: Fraction, start: Fraction) -> str:
        """A position as text, `bar 2 beat 3.5`, with bar 1 the bar that contains `start`."""
        bar, beat = self.bar_beat(quarter)
        return f"bar {bar - self.bar_beat(start)[0] + 1} beat {float(beat):.4g}"

    def time_signature(self, quarter: Fraction) -> TimeSignature:
        """The time signature at a position in quarters."""
        return self._at_quarter(quarter).time_signature

    def bpm(self, quarter: Fraction) -> Fraction:
        """The tempo at a position in quarters, in quarter notes per minute."""
        return self._at_quarter(quarter).bpm

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
        _, beat = self.bar_beat(quarter)
        step = self.time_signature(quarter).beat_quarters
        before = quarter - beat % 1 * step
        return before, before if before == quarter else before + step

    def count_beats(self, start: Fraction, end: Fraction) -> Fraction:
        """The number of beats from one position in quarters to a later one: the length in beats that leads there."""
        return sum(
            (
                max(Fraction(0), (end if stop is None else min(end, stop)) - max(start, segment.quarter))
                / segment.time_signature.beat_quarters
                for segment, stop in zip(self._segments, [*self._quarters[1:], None], strict=True)
            ),
            Fraction(0),
        )

    def locate(self, position: Position) -> Fraction:
        """Convert a position to quarters. Raises ValueError for a beat that its bar does not have."""
        if position.bar is None:
            start = self.quarters(position.seconds)
        else:
            start = self.bar_line(position.bar)
            meter = self.time_signature(start)
            if position.beat >= meter.numerator + 1:
                raise ValueError(
                    f"bar {position.bar} has {meter.numerator} beats, no beat {float(position.beat):g}"
                )
            start += (position.beat - 1) * meter.beat_quarters
        return self.advance(start, position.offset)

    def advance(self, quarter: Fraction, length: Duration) -> Fraction:
        """The position in quarters a length after another: its bars are added first, then beats, notes, seconds."""
        if length.bars:
            bar, beat = self.bar_beat(quarter)
            whole, part = divmod(length.bars, 1)
            line = self.bar_line(bar + whole)
            into = (beat - 1) * self.time_signature(quarter).beat_quarters + part * self.time_signature(
                line
            ).bar_quarters
            quarter = line + into
        if length.beats:
            quarter = self._advance_beats(quarter, length.beats)
        quarter += 4 * length.notes
        if length.seconds:
            quarter = self.quarters(self.seconds(quarter) + length.seconds)
        return quarter

    def _advance_beats(self, quarter: Fraction, beats: Fraction) -> Fraction:
        index = bisect_right(self._quarters, quarter) - 1
        for segment, end in zip(self._segments[index:], [*self._quarters[index + 1 :], None], strict=True):
            target = quarter + beats * segment.time_signature.beat_quarters
            if end is None or target <= end:
                return target
            beats -= (end - quarter) / segment.time_signature.beat_quarters
            quarter = end
        raise AssertionError("the last segment has no end")

    def _at_quarter(self, quarter: Fraction) -> _Segment:
        return self._segments[max(0, bisect_right(self._quarters, quarter) - 1)]
