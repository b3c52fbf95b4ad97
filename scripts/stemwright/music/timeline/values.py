"""Musical values as users write them: lengths, positions, time signatures, tempi, keys.

A length is `8 bars`, `16 beats`, a note length (`1/8`, dotted `1/8.`, triplet `1/8t`), a time (`2.5 s`, `40 ms`,
`1:22`), or a sum of these: `2 bars + 1/8`. A position is `bar 9`, `bar 9 beat 2.5` (bars and beats count from 1) or a
time from the start, and may be followed by an offset: `bar 9 + 1/16`. All numbers are kept as exact fractions. The
parsers raise ValueError with a message that gives what was expected and what was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_NUMBER = r"\d{1,9}(?:\.\d{1,18})?"  # as many decimals as Python prints of a float
_FRACTION = r"\d{1,27}/[1-9]\d{0,18}"  # room for any number above as an exact fraction, which files hold
_UNITS = re.compile(rf"({_NUMBER})\s*(bars?|beats?|ms|s)")
_NOTE = re.compile(r"(\d{1,4})/(\d{1,4})(\.|t)?")
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d(?:\.\d{1,18})?)")
_BAR = re.compile(rf"bar\s+(\d{{1,6}})(?:\s+beat\s+({_NUMBER}))?")
_KEY = re.compile(
    r"([A-G])([#b♯♭]?)\s*(major|minor|dorian|phrygian|lydian|mixolydian|locrian|maj|min|m)?", re.ASCII
)
_MODES = {None: "major", "maj": "major", "min": "minor", "m": "minor"}

LENGTH_HELP = "a length such as 8 bars, 16 beats, 1/8, 1/8., 1/8t, 2.5 s, 40 ms, 1:22, or a sum of these"
POSITION_HELP = "a position such as bar 9, bar 9 beat 2.5, 12.5 s, 1:22, or one of these + a length"


@dataclass(frozen=True)
class Duration:
    """A length of time: the sum of bars, beats, notes (in whole notes) and seconds, each an exact fraction."""

    bars: Fraction = Fraction(0)
    beats: Fraction = Fraction(0)
    notes: Fraction = Fraction(0)
    seconds: Fraction = Fraction(0)

    @property
    def is_musical(self) -> bool:
        """Whether it depends on the tempo or the time signature."""
        return bool(self.bars or self.beats or self.notes)

    def __bool__(self) -> bool:
        return self.is_musical or bool(self.seconds)


@dataclass(frozen=True)
class Position:
    """A point in time: a bar and beat (from 1), or seconds from the start if `bar` is None; plus an offset."""

    bar: int | None = None
    beat: Fraction = Fraction(1)
    seconds: Fraction = Fraction(0)
    offset: Duration = Duration()

    @property
    def is_musical(self) -> bool:
        """Whether it depends on the tempo or the time signature."""
        return self.bar is not None or self.offset.is_musical


@dataclass(frozen=True)
class TimeSignature:
    """A time signature. A beat is a note of the denominator: a bar of 6/8 has six beats."""

    numerator: int
    denominator: int

    @property
    def beat_quarters(self) -> Fraction:
        """The length of a beat in quarters."""
        return Fraction(4, self.denominator)

    @property
    def bar_quarters(self) -> Fraction:
        """The length of a bar in quarters."""
        return self.numerator * self.beat_quarters

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


def round_half_up(value: Fraction) -> int:
    """The nearest integer, halves up. All rounding from exact time to frames uses it."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def parse_duration(text: object) -> Duration:
    """Read a length (see the module's docstring). Zero is allowed."""
    total = Duration()
    for term in _text(text, LENGTH_HELP).split("+"):
        total = _add(total, _term(term.strip(), text))
    return total


def parse_position(text: object) -> Position:
    """Read a position (see the module's docstring)."""
    head, plus, tail = _text(text, POSITION_HELP).partition("+")
    offset = parse_duration(tail) if plus else Duration()
    head = head.strip()
    if match := _BAR.fullmatch(head):
        bar, beat = int(match[1]), Fraction(match[2] or 1)
        if bar < 1 or beat < 1:
            raise ValueError(f"bars and beats count from 1 (is {text!r})")
        return Position(bar=bar, beat=beat, offset=offset)
    try:
        length = _term(head, text)
    except ValueError:
        length = Duration(bars=Fraction(1))
    if length.is_musical:
        raise ValueError(f"must be {POSITION_HELP} (is {text!r})")
    return Position(seconds=length.seconds, offset=offset)


def parse_time_signature(text: object) -> TimeSignature:
    """Read a time signature such as 4/4, 3/4 or 7/8: 1 to 32 beats of a 1/1 to 1/32 note."""
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})", _text(text, "a time signature such as 4/4"))
    if not match or not 1 <= int(match[1]) <= 32 or int(match[2]) not in (1, 2, 4, 8, 16, 32):
        raise ValueError(f"must be a time signature such as 4/4, 3/4 or 7/8 (is {text!r})")
    return TimeSignature(int(match[1]), int(match[2]))


def parse_bpm(value: object) -> Fraction:
    """Read a tempo of 10 to 1000 quarter notes per minute: a number, or a fraction such as 400/3."""
    expected = (
        f"must be quarter notes a minute, 10 to 1000, a number or a fraction such as 400/3 (is {value!r})"
    )
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
        raise ValueError(expected)
    text = str(value).strip()
    if not re.fullmatch(rf"{_NUMBER}|{_FRACTION}", text):
        raise ValueError(expected)
    bpm = Fraction(text)
    if not 10 <= bpm <= 1000:
        raise ValueError(expected)
    return bpm


def parse_key(text: object) -> str:
    """Read a key such as G, Ab major, F#m or D dorian. Returns tonic and mode in full, such as `G major`."""
    match = _KEY.fullmatch(_text(text, "a key such as G major"))
    if not match:
        raise ValueError(f"must be a key such as G major, Ab major or F# minor (is {text!r})")
    accidental = {"♯": "#", "♭": "b"}.get(match[2], match[2])
    return f"{match[1]}{accidental} {_MODES.get(match[3], match[3])}"


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be {expected} (is {value!r})")
    return value.strip()


def _term(term: str, whole: object) -> Duration:
    if match := _UNITS.fullmatch(term):
        number = Fraction(match[1])
        if match[2].startswith("bar"):
            return Duration(bars=number)
        if match[2].startswith("beat"):
            return Duration(beats=number)
        return Duration(seconds=number / 1000 if match[2] == "ms" else number)
    if (match := _NOTE.fullmatch(term)) and int(match[2]):
        factor = {None: Fraction(1), ".": Fraction(3, 2), "t": Fraction(2, 3)}[match[3]]
        return Duration(notes=Fraction(int(match[1]), int(match[2])) * factor)
    if match := _CLOCK.fullmatch(term):
        return Duration(seconds=60 * int(match[1]) + Fraction(match[2]))
    raise ValueError(f"must be {LENGTH_HELP} (is {whole!r})")


def _add(a: Duration, b: Duration) -> Duration:
    return Duration(a.bars + b.bars, a.beats + b.beats, a.notes + b.notes, a.seconds + b.seconds)
