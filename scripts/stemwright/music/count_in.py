"""A count-in: whole bars before a song, at the tempo and in the meter that it begins with.

The bar that a song begins in is counted whole: before a pick-up of one beat in 4/4, two bars of count-in have eleven
beats, and the song begins on the twelfth.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from stemwright.music.timeline import TempoMap, Timeline, parse_duration, round_half_up
from stemwright.music.timeline.values import Duration

_MOST_BARS = 16


class Beat(NamedTuple):
    """A beat of a count-in and its song: its frame in a file that begins with the count-in, and its place in its bar.

    `bar` is 0 in a pick-up and below it in a count-in; `beat` is from 1, and `beats` how many the bar has.
    """

    frame: int
    bar: int
    beat: int
    beats: int


def count_in_bars(text: object) -> int:
    """Read a count-in, such as `2 bars`. Raises ValueError for what is no number of whole bars, or more than 16."""
    try:
        length = parse_duration(text)
    except ValueError:
        length = Duration(seconds=Fraction(1))
    if length != Duration(bars=Fraction(int(length.bars))) or length.bars > _MOST_BARS:
        raise ValueError(f"must be whole bars, such as 2 bars, at most {_MOST_BARS} (is {text!r})")
    return int(length.bars)


def describe_count_in(bars: int) -> str:
    """A count-in in words, such as `count-in of 2 bars`."""
    return f"count-in of {bars} bar{'s' if bars > 1 else ''}"


class CountIn:
    """A count-in of a song.

    Parameters
    ----------
    tempo
        The tempo map of the song.
    bars
        The bars to count; for none, there is no count-in.

    Attributes
    ----------
    quarters : Fraction
        Its length in quarters.
    seconds : Fraction
        Its length in seconds.
    """

    def __init__(self, tempo: TempoMap, bars: int):
        self._tempo, self._bars = tempo, bars
        signature = tempo.time_signature(Fraction(0))
        begun = (signature.bar_quarters - tempo.pickup) if tempo.pickup else Fraction(0)
        self.quarters = bars * signature.bar_quarters + begun if bars else Fraction(0)
        self.seconds = self.quarters * 60 / tempo.bpm(Fraction(0))

    def frames(self, rate: int) -> int:
        """Its length in frames at a sample rate in Hz."""
        return round_half_up(self.seconds * rate)

    def beats(self, timeline: Timeline, rate: int) -> Iterator[Beat]:
        """Yield its beats, and then those of the song.

        Parameters
        ----------
        timeline
            The timeline of the song.
        rate
            The sample rate of the file, in Hz.

        Yields
        ------
        Beat
            The frames of those in the song are as in its other files, but for the frames of the count-in.
        """
        meters, lead, pace = self._tempo.meters, self.frames(rate), 60 / self._tempo.bpm(Fraction(0))
        end = round_half_up(Fraction(timeline.end_frame * rate, timeline.rate))
        bar = meters.bar_beat(Fraction(0))[0] - self._bars
        while True:
            signature, quarter = meters.in_bar(bar).signature, meters.bar_line(bar)
            for beat, length in enumerate(signature.beats, 1):
                if quarter < 0:
                    frame = round_half_up((self.quarters + quarter) * pace * rate)
                else:
                    frame = lead + round_half_up(self._tempo.seconds(quarter) * rate)
                if frame >= lead + end:
                    return
                if quarter >= -self.quarters:
                    yield Beat(frame, bar, beat, len(signature.beats))
                quarter += length
            bar += 1
