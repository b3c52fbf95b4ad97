"""Musical values as people write them, and what is said of those that cannot be read."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from stemwright.music.timeline import (
    Duration,
    Position,
    TimeSignature,
    format_note,
    parse_beat,
    parse_bpm,
    parse_duration,
    parse_key,
    parse_position,
    parse_time_signature,
)


def of(**parts):
    return Duration(**{name: Fraction(value) for name, value in parts.items()})


@pytest.mark.parametrize(
    "text, duration",
    [
        ("8 bars", of(bars=8)),
        ("1 bar", of(bars=1)),
        ("0.5bars", of(bars="1/2")),
        ("16 beats", of(beats=16)),
        ("1 beat", of(beats=1)),
        ("1/8", of(notes="1/8")),
        ("1/8.", of(notes="3/16")),
        ("1/8t", of(notes="1/12")),
        ("3/16", of(notes="3/16")),
        ("2.5 s", of(seconds="5/2")),
        ("2.5s", of(seconds="5/2")),
        ("40 ms", of(seconds="1/25")),
        ("1:22", of(seconds=82)),
        ("1:02.125", of(seconds="62.125")),
        (" 2 bars + 1/8 ", of(bars=2, notes="1/8")),
        ("1 bar+1 beat+1/4+1 s+1 bar", of(bars=2, beats=1, notes="1/4", seconds=1)),
        ("0 s", of()),
    ],
)
def test_lengths(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text, position",
    [
        ("bar 9", Position(bar=9)),
        ("bar 9 beat 2.5", Position(bar=9, beat=Fraction(5, 2))),
        ("12.5 s", Position(seconds=Fraction(25, 2))),
        ("250 ms", Position(seconds=Fraction(1, 4))),
        ("1:22", Position(seconds=Fraction(82))),
        ("bar 9 + 1/16", Position(bar=9, offset=of(notes="1/16"))),
        ("2 s + 1 beat + 1 s", Position(seconds=Fraction(2), offset=of(beats=1, seconds=1))),
    ],
)
def test_positions(text, position):
    assert parse_position(text) == position


def test_what_hangs_on_the_tempo():
    assert [parse_duration(t).is_musical for t in ("1 bar", "1 beat", "1/8", "1 s")] == [
        True,
        True,
        True,
        False,
    ]
    assert [parse_position(t).is_musical for t in ("bar 1", "1 s + 1/8", "1 s")] == [True, True, False]
    assert [bool(parse_duration(t)) for t in ("1 bar", "1 ms", "0 bars")] == [True, True, False]


@pytest.mark.parametrize(
    "text, meter",
    [
        ("4/4", TimeSignature(4, 4)),
        ("7/8", TimeSignature(7, 8)),
        (" 32/32 ", TimeSignature(32, 32)),
        ("3+2+2/8", TimeSignature(7, 8, (3, 2, 2))),
    ],
)
def test_meters(text, meter):
    assert parse_time_signature(text) == meter
    assert parse_time_signature(str(meter)) == meter


@pytest.mark.parametrize(
    "value, bpm",
    [
        (140, 140),
        (123.456, Fraction(15_432, 125)),
        (133.33333333333334, Fraction("133.33333333333334")),
        ("400/3", Fraction(400, 3)),
        (Fraction(400, 3), Fraction(400, 3)),
        (" 97.5 ", Fraction(195, 2)),
        (10, 10),
        (1000, 1000),
    ],
)
def test_tempi(value, bpm):
    assert parse_bpm(value) == bpm


@pytest.mark.parametrize(
    "value",
    [
        133.3333333,
        133.33333333333334,
        999.999999999999,
        "100.000000000000000001",
        "400/3",
        "123456789012/987654321",
    ],
)
def test_a_tempo_of_many_digits_is_read_again_as_it_is_written_down(value):
    """The timeline holds tempi as exact fractions: 133.3333333 as 1333333333/10000000."""
    bpm = parse_bpm(value)
    assert bpm == Fraction(str(value)) and parse_bpm(str(bpm)) == bpm


@pytest.mark.parametrize(
    "text, key",
    [
        ("G major", "G major"),
        ("G", "G major"),
        ("Gm", "G minor"),
        ("A♭ maj", "Ab major"),
        ("F# min", "F# minor"),
        ("F♯m", "F# minor"),
        (" D dorian ", "D dorian"),
    ],
)
def test_keys(text, key):
    assert parse_key(text) == key
    assert parse_key(key) == key


@pytest.mark.parametrize(
    "parse, expected, values",
    [
        (parse_duration, "must be a length such as 8 bars", ["", "8", "8 bar s", "1/0", "-1 s", "1:60"]),
        (parse_duration, "must be a length such as 8 bars", ["1/8x", "1 bar +", "nan s", 8, None, True]),
        (parse_position, "must be a position such as bar 9", ["9", "1/8", "2 bars", "beat 2", 9, ""]),
        (parse_position, "beats count from 1", ["bar 1 beat 0.5"]),
        (parse_beat, "must be a note such as 1/4", ["1 beat", "1/4 + 1/8", "2 s", "5/1", "0/4"]),
        (
            parse_time_signature,
            "must be a time signature such as 4/4",
            ["4", "4/3", "0/4", "33/4", "4/64", 4, "3+/8", "+2/8", "3+0/8", "16+17/8", "4/4+3/8"],
        ),
        (parse_bpm, "must be beats a minute, 10 to 1000", [9.99, 1000.001, "1/0", -140, True]),
        (parse_bpm, "must be beats a minute", [float("nan"), 1e30, "fast", None, ""]),
        (parse_key, "must be a key such as G major", ["H major", "g major", "G flat", "", 3]),
    ],
)
def test_what_cannot_be_read_is_quoted_with_what_is_expected(parse, expected, values):
    for value in values:
        with pytest.raises(ValueError, match=re.escape(expected)) as caught:
            parse(value)
        assert f"(is {value!r})" in str(caught.value)


def test_a_bad_offset_of_a_position_is_quoted():
    with pytest.raises(ValueError, match=r"must be a length such as .*soon"):
        parse_position("bar 9 + soon")


@pytest.mark.parametrize(
    "text, quarters", [("1/4", 1), ("1/4.", "3/2"), ("1/8t", "1/3"), ("1/2.", 3), ("1/8", "1/2")]
)
def test_notes_that_the_tempo_counts(text, quarters):
    assert parse_beat(text) == Fraction(quarters)
    assert format_note(Fraction(quarters)) == text


def test_the_beats_of_an_additive_meter_are_its_groups():
    assert parse_time_signature("3+2+2/8").beats == (Fraction(3, 2), 1, 1)
    assert parse_time_signature("3+2+2/8").bar_quarters == Fraction(7, 2)
    assert TimeSignature(6, 8, unit=Fraction(3, 2)).beats == (Fraction(3, 2),) * 2
    assert not TimeSignature(4, 4, unit=Fraction(3, 2)).divides
