"""The tempo map as an envelope over time, as REAPER has it: points in seconds, from each a tempo that stays or moves.

Between two points the tempo is constant, or linear in time. So a ramp that is linear in time is exact; one that is
linear in beats, whose tempo grows exponentially with time, is cut into pieces. A line from b to b·s has more quarters
than the curve, by the factor (1 + s) ln s / (2 (s - 1)): all tempi of the ramp are divided by it, so that each point is
where it should be, and nothing adds up. Within a piece of d seconds, the error is below d (ln s)² / 12: `_ERROR_S`. A
hold is a slow step, a tenth of a quarter for each second.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import cbrt, ceil, exp, log, tanh
from typing import NamedTuple

from stemwright.music.midi_tempo import HOLD_QUARTERS, signatures
from stemwright.music.timeline import TempoMap, TimeSignature
from stemwright.music.timeline.tempo import Passage

_ERROR_S = 0.0001
_JUMP_S = 1e-6
"""How long before a jump a tempo that moves has arrived: two points cannot be at one time."""


class TempoPoint(NamedTuple):
    """From `second` on, a tempo in quarter notes per minute that stays, or moves to that of the next point.

    `signature` is the time signature that begins there, if one does.
    """

    second: float
    bpm: float
    moves: bool = False
    signature: TimeSignature | None = None


def tempo_envelope(tempo: TempoMap, end: Fraction) -> list[TempoPoint]:
    """The points of a song that ends at `end`, in quarters."""
    passages = list(tempo.passages())
    meters = dict(signatures(tempo))
    slow = _slow_steps(tempo, list(meters))
    edges = {passage.start for passage in passages} | meters.keys()
    edges = {at for at in edges if not any(start < at < stop for start, stop in slow)}
    edges = {*edges, *(at for step in slow for at in step)}
    bounds = [*sorted(at for at in edges if at < end), end]
    points: list[TempoPoint] = []
    for start, stop in pairwise(bounds):
        first, last = float(tempo.seconds(start)), float(tempo.seconds(stop))
        if any(begin == start for begin, _ in slow):
            piece = [
                TempoPoint(first, float(60 * (stop - start) / (tempo.seconds(stop) - tempo.seconds(start))))
            ]
        else:
            passage = next(each for each in reversed(passages) if each.start <= start)
            to = passage.to if stop == passage.end else tempo.bpm(stop)
            piece = list(_piece(passage, float(tempo.bpm(start)), float(to), first, last))
        points += [piece[0]._replace(signature=meters.get(start)), *piece[1:]]
    return points


def _slow_steps(tempo: TempoMap, meters: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """The start and end of the step of each hold, in quarters: it ends where another or a meter begins, or before."""
    starts = [*meters, *(at for at, _ in tempo.holds)]
    return [
        (at, min([at + held * HOLD_QUARTERS, *(each for each in starts if each > at)]))
        for at, held in tempo.holds
    ]


def _piece(passage: Passage, bpm: float, to: float, first: float, last: float) -> Iterator[TempoPoint]:
    """The points of a part of a passage that begins and ends at these tempi and seconds."""
    if to == bpm:
        yield TempoPoint(first, bpm)
        return
    count, excess, growth = 1, 1.0, log(to / bpm)
    if passage.curve == "beats":
        count = max(1, ceil(cbrt(growth**2 * (last - first) / 12 / _ERROR_S)))
        excess = growth / count / 2 / tanh(growth / count / 2)  # (1 + s) / (s - 1) is 1 / tanh(ln s / 2)
    for n in range(count):
        yield TempoPoint(first + (last - first) * n / count, bpm * exp(growth * n / count) / excess, True)
    if last - first > 2 * count * _JUMP_S:
        yield TempoPoint(last - _JUMP_S, to / excess)
