"""The part notes: pitches, lengths, ties."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from part_spans import PLAIN, make, mistakes, played, span

from stemwright.music.pitch import parse_note
from stemwright.music.timeline import (
    parse_duration,
)


def test_notes_of_the_brief():
    assert played(make("notes", "E4 1/4, G4 1/8., rest 1/8"), span("9/16")) == [
        (0, 1, parse_note("E4"), PLAIN),
        (1, 1.75, parse_note("G4"), PLAIN),
    ]


def test_notes_together_ties_accents_and_sums():
    part = make("notes", "C4 E4> (G4) 1/4 + 1/16, - 1/16, rest 1/8 | \n A3 1 beat, ~B3 1 bar", velocity=0.4)
    assert mistakes(part, span("2 bars", meter="2/4")) == []
    events = list(part.events(span("2 bars", meter="2/4")))
    assert [(float(e.start), float(e.end), e.pitch, e.velocity, e.slide_from) for e in events] == [
        (0, 1.5, 60, 0.4, None),
        (0, 1.5, 64, 0.5, None),
        (0, 1.5, 67, 0.225, None),
        (2, 3, 57, 0.4, None),
        (3, 4, 59, 0.4, 57),
    ]


def test_mistakes_in_notes():
    said = mistakes(make("notes", "- 1/4, H4 1/4, C4 0.5 s, C4 1/8 | D4 1/2 | E4 0/4, ~C4 x, E4"), span())
    entry = "must be notes and a length, with commas between, such as: E4 1/4, C4 E4 G4 1/2, rest 1/8, - 1/4 (tie)"
    length = "must have a length in notes, beats or bars, and not 0"
    assert said == [
        "bar 1 beat 1: - extends the note before it, and there is none",
        "bar 1 beat 2: must be a note such as A4, C#3 or Bb2 (is 'H4')",
        f"bar 1 beat 3: {length} (is 'C4 0.5 s')",
        "bar 1 beat 3.5: a | must be at a bar line: correct the lengths before it",
        "bar 2 beat 1.5: a | must be at a bar line: correct the lengths before it",
        f"bar 2 beat 1.5: {length} (is 'E4 0/4')",
        f"bar 2 beat 1.5: {entry} (is '~C4 x')",
        f"bar 2 beat 1.5: {entry} (is 'E4')",
    ]
    assert mistakes(make("notes", "C4 1/5x"), span())[0].startswith(
        "bar 1 beat 1: must be a length such as 8 bars"
    )
    assert mistakes(make("notes", "~C4 1/4"), span()) == [
        "bar 1 beat 1: ~C4 slides from the note before, and there is none"
    ]
    assert mistakes(make("notes", "A2 1/4 B2 1/4"), span()) == [f"bar 1 beat 1: {entry} (is 'A2 1/4 B2 1/4')"]
    assert mistakes(make("notes", " , | "), span()) == ["bar 1 beat 1: must have at least one note"]


LENGTHS = st.sampled_from(["1/4", "1/8", "1/8.", "1/8t", "1/16", "1 beat", "1/4 + 1/16"])
ENTRIES = st.lists(
    st.tuples(st.sampled_from(["rest", "C4", "Eb3 G3", "F#5>"]), LENGTHS), min_size=1, max_size=8
)


@given(ENTRIES)
def test_any_line_of_notes_against_its_entries(entries):
    on = span("3 bars")
    part = make("notes", ", ".join(f"{name} {length}" for name, length in entries))
    quarters = {"1 beat": Fraction(1), "1/4 + 1/16": Fraction(5, 4)}
    at, expected = Fraction(0), []
    while at < on.end:
        for name, length in entries:
            lasts = quarters.get(length) or 4 * parse_duration(length).notes
            if at < on.end and name != "rest":
                for one in name.split():
                    expected.append((at, min(at + lasts, on.end), parse_note(one.strip(">"))))
            at += lasts
    assert mistakes(part, on) == []
    assert [(e.start, e.end, e.pitch) for e in part.events(on)] == expected
