"""Chord charts in lead-sheet notation, such as `| G | Em7 | Am7 D7 | % |`.

Each cell is a bar, divided evenly among its entries. `/` or `.` extends the chord before it by one entry
(`| G / / D7 |`), `%` or `x` repeats the bar before it, and `N.C.` means no chord. `|: G | C :|` is played twice,
`|: G | C :| x3` three times. A chart repeats until its section ends. The bar lines of ChordPro (`|.`) and iReal Pro
(`[ ]`, `{ }`) are read too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from stemwright.music.harmony.chords import parse_chord
from stemwright.music.harmony.scale import Scale, pitch_name, transpose_key
from stemwright.music.harmony.section import Chord, ChordAt
from stemwright.music.repeats import bar_lines
from stemwright.music.timeline import Duration, Section, TempoMap

_NO_CHORD = re.compile(r"n\.?c\.?", re.IGNORECASE)
_HOLD, _AGAIN = "/", "%"
_OTHER_HOLD, _OTHER_AGAIN = ".", "x"
_SIGNS = str.maketrans(
    {"{": "|:", "𝄆": "|:", "}": ":|", "𝄇": ":|", **dict.fromkeys("[]𝄀𝄁𝄂", "|"), "𝄎": _AGAIN}
)
_BAR_LINE = re.compile(r"(:?\|+:?)")
_BETWEEN_LINES = re.compile(
    r"(:\|+|[\]}𝄇])\s+(?=\|+:|[\[{𝄆])"
)  # the end of one part and the start of the next
_TIMES = re.compile(r"\s*\(?(?:[x×]\s?([1-9]\d{0,8})|([1-9]\d{0,8})\s?[x×])\)?(?=\s|$)")
_ENTRY = re.compile(r"(?:\([^()]*\)|\S)+")

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
    lines = bar_lines(section.start, section.end, tempo)
    length = len(lines) - 1
    try:
        bars = _write_out(chart, length)
    except ValueError as error:
        report_mistake(str(error))
        return ()
    while len(lines) <= len(bars):
        lines.append(tempo.advance(section.start, Duration(bars=Fraction(len(lines)))))
    if not any(bars):
        report_mistake("must have at least one bar, as in | G | Am7 D7 |")
        return ()
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


def chart_doubt(chart: str, section: Section, tempo: TempoMap) -> str:
    """Find how a valid chart fails to fill its section a whole number of times.

    Parameters
    ----------
    chart : str
        The chart.
    section : Section
        Its section.
    tempo : TempoMap
        The tempo map, for the lengths of bars.

    Returns
    -------
    str
        A message; "" if it does not fail.
    """
    lines = bar_lines(section.start, section.end, tempo)
    bars, length = len(_write_out(chart, MOST_CHORDS)), len(lines) - 1
    if length % bars == 0 or lines[-1] != section.end:
        return ""
    return f"{section.name}: has {bars} bars, but its section has {length}: add bars, or write out how they repeat"


def _write_out(chart: str, longest: int) -> list[list[str]]:
    """The bars of a chart, each as its entries, with repeats written out. Raises ValueError if they are too many."""
    tidy = re.sub(r"\|\.\s*$", "|", _BETWEEN_LINES.sub(r"\1", chart)).translate(_SIGNS)
    cells = _BAR_LINE.split(tidy)
    lines = ["", *cells[1::2], ""]
    bars: list[list[str]] = []
    begin, is_open = 0, False
    for before, cell, after in zip(lines, cells[::2], lines[1:], strict=False):
        times = None
        if before.startswith(":"):
            if times := _TIMES.match(cell):
                cell = cell[times.end() :]
            repeats = int(times[1] or times[2]) if times else 2
            if (total := begin + repeats * (len(bars) - begin)) > longest:
                raise ValueError(f"has {total:,} bars, but its section has {longest:,}")
            bars[begin:] = bars[begin:] * repeats
            begin, is_open = len(bars), False
        if before.endswith(":"):
            if is_open:
                raise ValueError("|: begins a repeat in a repeat")
            begin, is_open = len(bars), True
        entries = [re.sub(r"\s", "", entry) for entry in _ENTRY.findall(cell)]
        if entries or (before and after and not times):
            bars.append([_AGAIN] if entries == [_OTHER_AGAIN] else entries)
    if is_open:
        raise ValueError("|: begins a repeat that :| does not end")
    return bars


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
    if symbol in (_HOLD, _OTHER_HOLD):
        if first:
            raise ValueError(f"{symbol} extends the chord before it, and there is none")
        return None, _HOLD
    if _NO_CHORD.fullmatch(symbol):
        return None, "N.C."
    chord, numeral = parse_chord(symbol, scale)
    if not (numeral or transpose % 12):
        return chord, symbol
    chord, sounding = chord.transposed(transpose), key and transpose_key(key, transpose)
    bass = "" if chord.bass is None else f"/{pitch_name(chord.bass, sounding)}"
    return chord, f"{pitch_name(chord.root, sounding)}{chord.quality}{bass}"
