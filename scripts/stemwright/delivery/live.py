"""Files for playing live: clicks on every beat, and cues in the bar before each section, behind a count-in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from stemwright.delivery.beeps import BAR_CLICK, BEAT_CLICK, MOST_OF_A_GAP, Kind, cue
from stemwright.delivery.handoff_names import CLICK
from stemwright.music.count_in import Beat, CountIn
from stemwright.music.timeline import Timeline, round_half_up


def beeps_of(kind: str, timeline: Timeline, bars: int, rate: int) -> Iterator[tuple[int, Kind]]:
    """The beeps of a track.

    Parameters
    ----------
    kind
        `click`, or `cues`.
    timeline
        The timeline of the song.
    bars
        The bars of the count-in.
    rate
        The sample rate of the track in Hz.

    Yields
    ------
    tuple of (int, Kind)
        The frame of each, in order, and how it sounds.
    """
    return _clicks(timeline, bars, rate) if kind == CLICK else _cues(timeline, bars, rate)


def _clicks(timeline: Timeline, bars: int, rate: int) -> Iterator[tuple[int, Kind]]:
    for beat in CountIn(timeline.tempo, bars).beats(timeline, rate):
        yield beat.frame, BAR_CLICK if beat.beat == 1 else BEAT_CLICK


def _cues(timeline: Timeline, bars: int, rate: int) -> Iterator[tuple[int, Kind]]:
    """A beep on each beat of the bar before a section, and not before the section that this one follows."""
    count_in = CountIn(timeline.tempo, bars)
    beats = list(count_in.beats(timeline, rate))
    names = list(dict.fromkeys(section.name for section in timeline.sections_or_all))
    first = 0
    for section in timeline.sections_or_all:
        start = count_in.frames(rate) + round_half_up(timeline.tempo.seconds(section.start) * rate)
        last = bisect_left(beats, start, key=lambda beat: beat.frame)
        if last > first:
            for at in range(max(first, last - beats[last - 1].beats), last):
                yield beats[at].frame, _short(cue(names.index(section.name)), beats[at : at + 2], rate)
        first = last


def _short(kind: Kind, beats: Sequence[Beat], rate: int) -> Kind:
    """A beep that ends before the next of two beats."""
    gaps = (later.frame - beat.frame for beat, later in pairwise(beats))
    return kind._replace(seconds=min([kind.seconds, *(MOST_OF_A_GAP * gap / rate for gap in gaps)]))
