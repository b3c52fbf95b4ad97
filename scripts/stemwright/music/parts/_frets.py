"""Chords on the fretboard of a guitar: the shapes that a hand can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from stemwright.music.harmony.section import Chord

STRINGS = (40, 45, 50, 55, 59, 64)
"""Standard tuning, E2 A2 D3 G3 B3 E4, as MIDI note numbers."""

_LAST_FRET = 15
_SPAN = 4  # frets that four fingers cover
_FINGERS = 4
_FEWEST = 3  # strings of a shape

Shape = tuple[int | None, ...]
"""The fret of each string, the lowest string first: 0 is open, None is muted."""


def pitches_of(shape: Shape) -> tuple[int, ...]:
    """The notes of a shape, from its lowest string to its highest."""
    return tuple(string + fret for string, fret in zip(STRINGS, shape, strict=True) if fret is not None)


@lru_cache(maxsize=256)
def shapes(chord: Chord, low: int, high: int, bass: int) -> tuple[Shape, ...]:
    """The shapes of a chord that a hand can hold.

    Sounding strings lie side by side. At most four frets are covered, by at most four fingers, of which the first may
    lie across strings (a barre). Of a chord of four notes the fifth may be left out; of more notes, ninths and above
    too, all but the highest.

    Parameters
    ----------
    chord : Chord
        The chord.
    low, high : int
        The lowest and the highest note allowed, MIDI note numbers.
    bass : int
        The pitch class of the lowest note.

    Returns
    -------
    tuple of Shape
        In a fixed order.
    """
    wanted = {(chord.root + n) % 12 for n in chord.intervals} | {bass}
    needed = {bass} | {(chord.root + n) % 12 for n in _needed(chord.intervals)}
    found: dict[Shape, None] = {}
    for first in range(len(STRINGS) - _FEWEST + 1):
        for position in range(1, _LAST_FRET - _SPAN + 2):
            for frets in _from(first, position, wanted, low, high):
                shape = (None,) * first + frets + (None,) * (len(STRINGS) - first - len(frets))
                notes = pitches_of(shape)
                classes = {note % 12 for note in notes}
                if notes[0] % 12 == bass and notes[0] == min(notes) and needed <= classes and _holds(shape):
                    found[shape] = None
    return tuple(found)


def _from(first: int, position: int, wanted: set[int], low: int, high: int) -> Iterator[tuple[int, ...]]:
    """The frets of neighbouring strings from one on that play wanted notes, open or with a hand at a position."""
    partial: list[tuple[int, ...]] = [()]
    for number, string in enumerate(STRINGS[first:], 1):
        frets = [0, *range(position, min(position + _SPAN, _LAST_FRET + 1))]
        playable = [f for f in frets if (string + f) % 12 in wanted and low <= string + f <= high]
        partial = [(*before, fret) for before in partial for fret in playable]
        if number >= _FEWEST:
            yield from partial


def _needed(intervals: Sequence[int]) -> list[int]:
    """The intervals that no shape may lack."""
    spare = {7, *(n for n in intervals[:-1] if n > 12)} if len(intervals) > 3 else ()
    return [n for n in intervals if n not in spare]


def _holds(shape: Shape) -> bool:
    """Whether four fingers hold a shape: the first may lie across strings if none of those it crosses is open."""
    fretted = [(string, fret) for string, fret in enumerate(shape) if fret]
    if not fretted:
        return True
    lowest = min(fret for _, fret in fretted)
    across = [string for string, fret in fretted if fret == lowest]
    under = shape[across[0] :]
    fingers = len(fretted) if 0 in under else len(fretted) - len(across) + 1
    return fingers <= _FINGERS


def cost(shape: Shape, before: Shape | None) -> tuple:
    """How far a shape is from the one before: the hand's way and the fingers', its stretch, and the silent strings.

    Without one before, it is how far up the neck the shape is.
    """
    silent = sum(fret is None for fret in shape)
    fretted = [fret for fret in shape if fret]
    stretch = max(fretted) - min(fretted) if fretted else 0
    hand = _position(shape) if before is None else 2 * abs(_position(shape) - _position(before))
    fingers = 0 if before is None else sum(a != b for a, b in zip(shape, before, strict=True))
    return hand + fingers + stretch + 2 * silent, silent, str(shape)


def _position(shape: Shape) -> int:
    """The lowest fret that a finger is on; 1 if none is."""
    return min((fret for fret in shape if fret), default=1)
