"""Musical values as users write them: lengths, positions, time signatures, tempi, keys.

A length is `8 bars`, `16 beats`, a note length (`1/8`, dotted `1/8.`, triplet `1/8t`), a time (`2.5 s`, `40 ms`,
`1:22`), or a sum of these: `2 bars + 1/8`. A position is `bar 9`, `bar 9 beat 2.5` (bars and beats count from 1) or a
time from the start, and may be followed by an offset: `bar 9 + 1/16`. Bar 0 is a pick-up: `bar 0 beat 4`. All numbers
are kept as exact fractions. The parsers raise ValueError with a message that gives what was expected and what was
found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

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

    @property
    def musical(self) -> Duration:
        """Its bars, beats and notes, without its seconds."""
        return replace(self, seconds=Fraction(0))

    def __bool__(self) -> bool:
        return self.is_musical or bool(self.seconds)


NO_LENGTH = Duration()


@dataclass(frozen=True)
class Position:
    """A point in time: a bar and beat (from 1; bar 0 is a pick-up), or seconds from the start if `bar` is None; plus
    an offset.
    """

    bar: int | None = None
    beat: Fraction = Fraction(1)
    seconds: Fraction = Fraction(0)
    offset: Duration = NO_LENGTH

    @property
    def is_musical(self) -> bool:
        """Whether it depends on the tempo or the time signature."""
        return self.bar is not None or self.offset.is_musical


@dataclass(frozen=True)
class TimeSignature:
    """A time signature. A beat is a note of the denominator (a bar of 6/8 has six), unless it says otherwise.

    `groups` are those of an additive meter, in notes of the denominator: each group is a beat. `unit` is the note that
    the tempo counts, in quarters, if it is not the quarter: it is also the beat of a meter without groups.
    """

    numerator: int
    denominator: int
    groups: tuple[int, ...] = ()
    unit: Fraction | None = None

    @cached_property
    def beats(self) -> tuple[Fraction, ...]:
        """The length of each beat of a bar, in quarters."""
        note = Fraction(4, self.denominator)
        if self.groups:
            return tuple(group * note for group in self.groups)
        beat = self.unit or note
        return (beat,) * int(self.bar_quarters / beat)

    @property
    def beat_quarters(self) -> Fraction:
        """The length of a beat in quarters; in an additive meter, whose beats differ, the mean."""
        return self.bar_quarters / len(self.beats)

    @property
    def bar_quarters(self) -> Fraction:
        """The length of a bar in quarters."""
        return Fraction(4 * self.numerator, self.denominator)

    @property
    def unit_quarters(self) -> Fraction:
        """The note that the tempo counts, in quarters."""
        return self.unit or Fraction(1)

    @property
    def divides(self) -> bool:
        """Whether a bar is a whole number of beats."""
        return bool(self.groups) or self.unit is None or self.bar_quarters % self.unit == 0

    def __str__(self) -> str:
        return f"{'+'.join(map(str, self.groups or (self.numerator,)))}/{self.denominator}"


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
        if beat < 1:
            raise ValueError(f"beats count from 1 (is {text!r})")
        return Position(bar=bar, beat=beat, offset=offset)
    try:
        length = _term(head, text)
    except ValueError:
        length = Duration(bars=Fraction(1))
    if length.is_musical:
        raise ValueError(f"must be {POSITION_HELP} (is {text!r})")
    return Position(seconds=length.seconds, offset=offset)


def parse_time_signature(text: object) -> TimeSignature:
    """Read a time signature such as 4/4 or 7/8, or an additive one such as 3+2+2/8, whose groups are its beats.

    A bar has 1 to 32 notes, of 1/1 to 1/32.
    """
    match = re.fullmatch(r"(\d{1,2}(?:\+\d{1,2})*)/(\d{1,2})", _text(text, "a time signature such as 4/4"))
    groups = [int(part) for part in match[1].split("+")] if match else [0]
    if not match or min(groups) < 1 or sum(groups) > 32 or int(match[2]) not in (1, 2, 4, 8, 16, 32):
        raise ValueError(f"must be a time signature such as 4/4, 7/8 or 3+2+2/8 (is {text!r})")
    return TimeSignature(sum(groups), int(match[2]), tuple(groups) if len(groups) > 1 else ())


def parse_beat(text: object) -> Fraction:
    """Read the note that the tempo counts, such as 1/4 or 1/4. (dotted). Returns its length in quarters."""
    match = _NOTE.fullmatch(text.strip()) if isinstance(text, str) else None
    note = _term(match[0], text).notes if match and int(match[2]) else Fraction(0)
    if not Fraction(1, 64) <= note <= 2:
        raise ValueError(f"must be a note such as 1/4, 1/4. or 1/8 (is {text!r})")
    return 4 * note


def format_note(quarters: Fraction) -> str:
    """A note length as one writes it: `1/4.` for a quarter and a half."""
    for factor, sign in ((Fraction(1), ""), (Fraction(3, 2), "."), (Fraction(2, 3), "t")):
        note = quarters / 4 / factor
        if note.numerator == 1 and note.denominator & (note.denominator - 1) == 0:
            return f"1/{note.denominator}{sign}"
    note = quarters / 4
    return f"{note.numerator}/{note.denominator}"


def parse_bpm(value: object) -> Fraction:
    """Read a tempo of 10 to 1000 beats per minute (quarter notes, unless `beat` is set): a number, or as 400/3."""
    expected = f"must be beats a minute, 10 to 1000, a number or a fraction such as 400/3 (is {value!r})"
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
