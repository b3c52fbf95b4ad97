"""The tempo map as MIDI files hold it: steps of whole microseconds per quarter note, and time signatures.

A file has no ramps, holds or fractions of a microsecond. So a ramp becomes steps that are fine enough, a hold is a slow
step after its position (a tenth of a quarter for each second), and where a tempo is no whole number of microseconds,
steps of the whole numbers around it keep the sum right. But for what lies within the slow step of a hold, each position
is within 1 ms of the song's: at most a quarter of that is a ramp's curvature between two steps, and a quarter the
rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from stemwright.base.errors import StemwrightError
from stemwright.music.timeline import TempoMap, TimeSignature
from stemwright.music.timeline.tempo import Passage

HOLD_QUARTERS = Fraction(1, 10)
"""The length of the slow step that stands for a hold, in quarters for each second."""

_CURVATURE_S = Fraction(1, 4000)
_LONGEST = 512  # quarters, after which half a microsecond for each is a quarter of a millisecond
_SLOWEST = 2**24 - 1  # microseconds per quarter note: 3.58 a minute


def tempo_steps(tempo: TempoMap, end: Fraction, ticks: int) -> list[tuple[int, int]]:
    """The tempi of a MIDI file.

    Parameters
    ----------
    tempo
        The tempo map of the song.
    end
        The end of the file in quarters.
    ticks
        Ticks per quarter note.

    Returns
    -------
    list of (int, int)
        Each tick at which the tempo changes, and the tempo in microseconds per quarter note.

    Raises
    ------
    StemwrightError
        For a tempo that is too slow for MIDI files.
    """
    steps: list[tuple[int, int]] = []
    late = Fraction(0)  # microseconds by which the file is behind
    for start, stop in pairwise(_edges(tempo, max(1, ceil(end * ticks)), ticks)):
        quarters = Fraction(stop - start, ticks)
        exact = 1_000_000 * _seconds(tempo, start, stop, ticks) / quarters
        found = min(max(round(exact - late / quarters), floor(exact)), ceil(exact))
        if found > _SLOWEST:
            raise StemwrightError(
                f"{tempo.describe(Fraction(start, ticks))}: is slower than a MIDI file can say, 3.58 quarter notes "
                "a minute: raise the tempo"
            )
        late += (found - exact) * quarters
        if not steps or steps[-1][1] != found:
            steps.append((start, found))
    return steps


def signatures(tempo: TempoMap) -> Iterator[tuple[Fraction, TimeSignature]]:
    """Yield the time signatures of a MIDI file, each with its position in quarters; a pick-up is a short bar."""
    first, *later = tempo.meters.meters
    if tempo.pickup:
        notes = tempo.pickup * first.signature.denominator / 4
        denominator = first.signature.denominator * notes.denominator
        is_writable = denominator & (denominator - 1) == 0 and denominator <= 128
        yield Fraction(0), TimeSignature(notes.numerator, denominator) if is_writable else first.signature
    for meter in (first, *later):
        yield meter.quarter, meter.signature


def ramp_beats(tempo: TempoMap) -> Iterator[Fraction]:
    """Yield the beats in all ramps, with their starts and ends, in quarters: no step of a ramp goes over one."""
    for passage in tempo.passages():
        if passage.to != passage.bpm:
            yield from _beats(tempo, passage)


def _beats(tempo: TempoMap, ramp: Passage) -> list[Fraction]:
    """The beats in a ramp with its start and end, in quarters."""
    assert ramp.end is not None
    first, last = (floor(tempo.meters.count(at)) for at in (ramp.start, ramp.end))
    beats = {tempo.meters.quarter_of_beat(Fraction(beat)) for beat in range(first + 1, last + 1)}
    return sorted({ramp.start, *beats, ramp.end})


def _edges(tempo: TempoMap, last: int, ticks: int) -> list[int]:
    """The ticks at which the tempo may change, from 0 to beyond the end."""
    edges = set[int]()
    for passage in tempo.passages():
        start = round(passage.start * ticks)
        stop = max(last, start + 1) if passage.end is None else round(passage.end * ticks)
        edges |= {start, stop}
        if passage.to == passage.bpm:
            edges |= set(range(start, stop, _LONGEST * ticks))
            continue
        beats = [round(at * ticks) for at in _beats(tempo, passage)]
        for begin, end in pairwise(beats):
            edges |= set(_split(tempo, begin, end, ticks))
    for at, held in tempo.holds:
        start = floor(at * ticks)
        stop = start + ceil(held * HOLD_QUARTERS * ticks)
        while 1_000_000 * _seconds(tempo, start, stop, ticks) * ticks > _SLOWEST * (stop - start):
            stop += ceil(held * HOLD_QUARTERS * ticks)
        edges = {edge for edge in edges if not start < edge < stop} | {start, stop}
    return sorted(edges)


def _split(tempo: TempoMap, start: int, stop: int, ticks: int) -> Iterator[int]:
    """Yield `start`, and where a part of a ramp must be split so that steps come close enough to its curve."""
    middle = (start + stop) // 2
    half = _seconds(tempo, start, stop, ticks) * (middle - start) / (stop - start)
    if middle > start and abs(_seconds(tempo, start, middle, ticks) - half) > _CURVATURE_S:
        yield from _split(tempo, start, middle, ticks)
        yield from _split(tempo, middle, stop, ticks)
    else:
        yield start


def _seconds(tempo: TempoMap, start: int, stop: int, ticks: int) -> Fraction:
    return tempo.seconds(Fraction(stop, ticks)) - tempo.seconds(Fraction(start, ticks))
