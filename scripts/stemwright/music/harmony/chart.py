"""Chord charts in lead-sheet form, laid out over a section.

`| G | Em7 | Am7 D7 | % |`: a cell is a bar, its chords share it evenly, `/` holds the chord before it for one more
share (`| G / / D7 |`), `%` is the bar before once more, `N.C.` is no chord. A chart repeats to fill its section.
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

Share = tuple[Chord | None, str]
"""A chord and its symbol, for one share of a bar."""


def read_chart(
    chart: str, section: Section, tempo: TempoMap, key: str | None, move: int, wrong: Callable[[str], None]
) -> tuple[ChordAt, ...]:
    """The chords of a section, in order and without gaps.

    `key` is the key as written, by which numerals count; all is moved up by `move` semitones, and spelled as in
    the key that then holds. Every mistake is told to `wrong`, with its bar and beat in the chart.
    """
    bars = [cell.split() for cell in re.split(r"\|+", chart.strip().strip("|"))]
    lines = [section.start]
    while lines[-1] < section.end or len(lines) <= len(bars):
        lines.append(tempo.advance(section.start, Duration(bars=Fraction(len(lines)))))
    if not any(bars):
        wrong("must have at least one bar, as in | G | Am7 D7 |")
        return ()
    lasts = sum(line < section.end for line in lines)
    if len(bars) > lasts:
        wrong(f"has {len(bars)} bars, but its section lasts {lasts}")
    mistakes: list[tuple[Fraction, str]] = []
    read = _read(bars, lines, key, move, mistakes)
    for at, message in mistakes:
        wrong(f"{tempo.describe(at, section.start)}: {message}")
    return () if mistakes else _place_chords(read, lines, section.end)


def _place_chords(read: list[list[Share]], lines: list[Fraction], end: Fraction) -> tuple[ChordAt, ...]:
    chords: list[ChordAt] = []
    for number, line in enumerate(lines[:-1]):
        cell = read[number % len(read)]
        share = (lines[number + 1] - line) / len(cell)
        for i, (chord, symbol) in enumerate(cell):
            at, until = line + i * share, min(line + (i + 1) * share, end)
            if at >= end:
                break
            if symbol == _HOLD:
                chords[-1] = replace(chords[-1], end=until)
            else:
                chords.append(ChordAt(at, until, chord, symbol))
    return tuple(chords)


def _read(
    bars: list[list[str]],
    lines: list[Fraction],
    key: str | None,
    move: int,
    mistakes: list[tuple[Fraction, str]],
) -> list[list[Share]]:
    """Every share of every bar of a chart."""
    scale = Scale.of(key) if key else None
    read: list[list[Share]] = []
    for bar, line, following in zip(bars, lines, lines[1:], strict=False):
        if not bar:
            mistakes.append((line, f"must have a chord, N.C. for none, or {_AGAIN} for the bar before again"))
        if bar == [_AGAIN]:
            if not read:
                mistakes.append((line, f"{_AGAIN} repeats the bar before, and there is none"))
            read.append(read[-1] if read else [])
            continue
        cell: list[Share] = []
        for i, symbol in enumerate(bar):
            try:
                cell.append(_share(symbol, scale, key, move, first=not (read or i)))
            except ValueError as error:
                mistakes.append((line + (following - line) * Fraction(i, len(bar)), str(error)))
        read.append(cell)
    return read


def _share(symbol: str, scale: Scale | None, key: str | None, move: int, first: bool) -> Share:
    if symbol == _HOLD:
        if first:
            raise ValueError(f"{_HOLD} holds the chord before it, and there is none")
        return None, _HOLD
    if symbol in _NO_CHORD:
        return None, _NO_CHORD[0]
    chord, numeral = parse_chord(symbol, scale)
    if not (numeral or move % 12):
        return chord, symbol
    chord, sounding = chord.transposed(move), key and transpose_key(key, move)
    bass = "" if chord.bass is None else f"/{pitch_name(chord.bass, sounding)}"
    return chord, f"{pitch_name(chord.root, sounding)}{chord.quality}{bass}"
