"""Whether a pattern fills its bars, and its section a whole number of times.

Bars are counted from the start of the section, as in charts. A pattern may be shorter than a bar if it fills one a
whole number of times. One that ends in a repeat sign, `:|`, repeats there, wherever that is: so polymeters are written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from stemwright.music.timeline import Duration, Section, TempoMap

REPEAT = ":|"
"""The sign that ends a pattern which repeats where it ends."""

_LONG = 400  # quarters


class Written(NamedTuple):
    """A pattern as it is written: the length of each stretch between bar lines, in quarters; whether it ends in `:|`.

    `step` is the length of its steps in quarters, or None if they differ.
    """

    stretches: Sequence[Fraction]
    repeats_anywhere: bool
    step: Fraction | None = None


def cells_of(pattern: str) -> list[str]:
    """What stands between the bar lines of a pattern, without a repeat sign at its end and without empty bars."""
    return [cell for cell in pattern.strip().removesuffix(REPEAT).split("|") if cell.strip()]


def repeats_anywhere(pattern: str) -> bool:
    """Whether a pattern ends in a repeat sign."""
    return pattern.strip().endswith(REPEAT)


def bar_lines(start: Fraction, end: Fraction, tempo: TempoMap) -> list[Fraction]:
    """Find the bar lines of a section.

    Parameters
    ----------
    start, end : Fraction
        The section, in quarters.
    tempo : TempoMap
        The tempo map.

    Returns
    -------
    list of Fraction
        Positions in quarters, counted from `start`, up to the first that is not before `end`.
    """
    lines = [start]
    while lines[-1] < end:
        lines.append(tempo.advance(start, Duration(bars=Fraction(len(lines)))))
    return lines


def described_misfits(written: Written, section: Section, tempo: TempoMap) -> Iterator[str]:
    """Find where a pattern does not fill its bars or its section, as text that begins with the place.

    Parameters
    ----------
    written : Written
        The pattern.
    section : Section
        The section, or the whole song.
    tempo : TempoMap
        The tempo map.

    Yields
    ------
    str
        Such as `verse, bar 1 beat 1: has 15 steps, but a bar has 16: ...`.
    """
    for at, message in misfits(written, section.start, section.end, tempo):
        yield f"{section.name or 'song'}, {tempo.describe(at, section.start)}: {message}"


def misfits(
    written: Written, start: Fraction, end: Fraction, tempo: TempoMap
) -> Iterator[tuple[Fraction, str]]:
    """Find where a pattern does not fill its bars or its section.

    Parameters
    ----------
    written : Written
        The pattern.
    start, end : Fraction
        The section, in quarters.
    tempo : TempoMap
        The tempo map.

    Yields
    ------
    tuple of (Fraction, str)
        A position in quarters, and what is found there and was expected.
    """
    whole = sum(written.stretches, Fraction(0))
    if whole > 2 * (end - start) + _LONG:  # that may be very long
        yield start, f"is much longer than its section: {_REMEDY}"
        return
    lines = bar_lines(start, max(end, start + whole), tempo)
    bar = lines[1] - lines[0]
    ends = [start + length for length in accumulate(written.stretches)]
    checked = ends[:-1] if written.repeats_anywhere else ends
    # Bar lines may divide a bar into equal groups, too.
    first = written.stretches[0]
    grouped = set(written.stretches) == {first} and first < bar and bar % first == 0
    if len(ends) > 1 and not grouped:
        for number, (at, length) in enumerate(zip(checked, written.stretches, strict=False)):
            if at not in lines:
                expected = lines[min(number + 1, len(lines) - 1)] - lines[min(number, len(lines) - 2)]
                yield at - length, _between_lines(length, expected, written.step)
                return
    if written.repeats_anywhere or start + whole == end:  # such as a pick-up, which is no whole bar
        return
    if start + whole not in lines:
        if whole > bar or bar % whole:
            yield start, _in_all(whole, bar, written.step)
        return
    bars, section = lines.index(start + whole), bisect_left(lines, end)
    is_whole = end in lines
    if bars > section or (is_whole and bars > 1 and section % bars):
        yield start, f"has {_count(bars, 'bar')}, but its section has {section}: {_REMEDY}"


_REMEDY = "change it, or end it in :| if it is to repeat so"


def _between_lines(found: Fraction, bar: Fraction, step: Fraction | None) -> str:
    return f"the bar before | has {_length(found, step)}, but a bar has {_length(bar, step)}: correct it"


def _in_all(found: Fraction, bar: Fraction, step: Fraction | None) -> str:
    return f"has {_length(found, step)}, but a bar has {_length(bar, step)}: {_REMEDY}"


def _length(quarters: Fraction, step: Fraction | None) -> str:
    """A length in steps if there are steps, and in quarters if not."""
    return _count(quarters / step, "step") if step else _count(quarters, "quarter note")


def _count(number: Fraction | int, what: str) -> str:
    return f"{float(number):.4g} {what}{'s' if number != 1 else ''}"
