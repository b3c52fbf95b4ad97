"""Chord charts in lead-sheet notation, such as `| G | Em7 | Am7 D7 | % |`.

Each cell is a bar, divided evenly among its entries. `/` extends the chord before it by one entry (`| G / / D7 |`), `%`
repeats the bar before it, and `N.C.` means no chord. A chart repeats until its section ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from stemwright.music.harmony.chords import parse_chord
from stemwright.music.harmony.scale import Scale, pitch_name, transpose_key
from stemwright.music.harmony.section import Chord, ChordAt
from stemwright.music.timeline import Duration, Section, TempoMap

_NO_CHORD = ("N.C.", "NC")
_HOLD, _AGAIN = "/", "%"

MOST_CHORDS = 100_000
"""The most chords that a song may have: one a beat for 13 hours at 120 bpm."""

Entry = tuple[Chord | None, str]
"""An entry of a bar: a chord (None for N.C. and `/`) and its symbol."""


def read_chart(
    chart: str,
    section: Section,
    tempo: TempoMap,
    key: str | None,
    transpose: int,
    report_mistake: Callable[[str], None],
) -> tuple[ChordAt, ...]:
    """Read the chart of a section.

    Parameters
    ----------
    chart
        The chart.
    section
        The section, which the chart fills.
    tempo
        The tempo map, for the lengths of bars.
    key
        The key as written, which numerals are relative to, or None.
    transpose
        Semitones by which all chords are moved up. Their symbols are spelled as in the transposed key.
    report_mistake
        Called with a message for each mistake, with its bar and beat in the section.

    Returns
    -------
    tuple of ChordAt
        The chords in order, without gaps; empty if there is a mistake.
    """
    bars = [cell.split() for cell in re.split(r"\|+", chart.strip().strip("|"))]
    lines = [section.start]
    while lines[-1] < section.end or len(lines) <= len(bars):
        lines.append(tempo.advance(section.start, Duration(bars=Fraction(len(lines)))))
    if not any(bars):
        report_mistake("must have at least one bar, as in | G | Am7 D7 |")
        return ()
    length = sum(line < section.end for line in lines)
    if len(bars) > length:
        report_mistake(f"has {len(bars)} bars, but its section has {length}")
    if length * max(map(len, bars)) > MOST_CHORDS:
        report_mistake(f"gives more than {MOST_CHORDS:,} chords")
        return ()
    mistakes: list[tuple[Fraction, str]] = []
    read = _read_bars(bars, lines, key, transpose, mistakes)
    for at, message in mistakes:
        report_mistake(f"{tempo.describe(at, section.start)}: {message}")
    return () if mistakes else _place_chords(read, lines, section.end)


def _place_chords(read: list[list[Entry]], lines: list[Fraction], end: Fraction) -> tuple[ChordAt, ...]:
    """Chords with their times: bars repeated until `end`, `/` merged into the chord before it."""
    chords: list[ChordAt] = []
    for number, line in enumerate(lines[:-1]):
        cell = read[number % len(read)]
        length = (lines[number + 1] - line) / len(cell)
        for i, (chord, symbol) in enumerate(cell):
            at, until = line + i * length, min(line + (i + 1) * length, end)
            if at >= end:
                break
            if symbol == _HOLD:
                chords[-1] = replace(chords[-1], end=until)
            else:
                chords.append(ChordAt(at, until, chord, symbol))
    return tuple(chords)


def _read_bars(
    bars: list[list[str]],
    lines: list[Fraction],
    key: str | None,
    transpose: int,
    mistakes: list[tuple[Fraction, str]],
) -> list[list[Entry]]:
    """The entries of every bar; mistakes are appended with their positions in quarters."""
    scale = Scale.of(key) if key else None
    read: list[list[Entry]] = []
    for bar, line, following in zip(bars, lines, lines[1:], strict=False):
        if not bar:
            mistakes.append(
                (line, f"must have a chord, N.C. for no chord, or {_AGAIN} to repeat the bar before")
            )
        if bar == [_AGAIN]:
            if not read:
                mistakes.append((line, f"{_AGAIN} repeats the bar before, and there is none"))
            read.append(read[-1] if read else [])
            continue
        cell: list[Entry] = []
        for i, symbol in enumerate(bar):
            try:
                cell.append(_read_entry(symbol, scale, key, transpose, first=not (read or i)))
            except ValueError as error:
                mistakes.append((line + (following - line) * Fraction(i, len(bar)), str(error)))
        read.append(cell)
    return read


def _read_entry(symbol: str, scale: Scale | None, key: str | None, transpose: int, first: bool) -> Entry:
    """An entry, transposed. Raises ValueError."""
    if symbol == _HOLD:
        if first:
            raise ValueError(f"{_HOLD} extends the chord before it, and there is none")
        return None, _HOLD
    if symbol in _NO_CHORD:
        return None, _NO_CHORD[0]
    chord, numeral = parse_chord(symbol, scale)
    if not (numeral or transpose % 12):
        return chord, symbol
    chord, sounding = chord.transposed(transpose), key and transpose_key(key, transpose)
    bass = "" if chord.bass is None else f"/{pitch_name(chord.bass, sounding)}"
    return chord, f"{pitch_name(chord.root, sounding)}{chord.quality}{bass}"
