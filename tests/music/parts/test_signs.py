"""Signs after notes: what is played, by hand."""

from __future__ import annotations

from dataclasses import astuple
from fractions import Fraction

import pytest
from part_spans import ACCENT, PLAIN, make, mistakes, span

LEGATO_S, GRACE_S = Fraction(3, 100), Fraction(-6, 100)


def events(text, kind="degrees", length="1 bar"):
    part, on = make(kind, text), span(length, key="C major", step="1/4")
    assert mistakes(part, on) == []
    return list(part.events(on))


def one(text):
    return events(f"{text} . . .")[0]


def test_each_sign_changes_what_it_says():
    plain = one("1")
    names = list(type(plain).__dataclass_fields__)

    def changed(text):
        pairs = zip(names, astuple(plain), astuple(one(text)), strict=True)
        return {name: now for name, before, now in pairs if now != before}

    assert changed("1>") == {"velocity": ACCENT}
    assert changed("1.") == {"end": Fraction(1, 2)}
    assert changed("1_") == {"longer_s": LEGATO_S}
    assert changed("1m") == {"is_muted": True}
    assert changed("1~") == {"has_vibrato": True}
    assert changed("1^") == {"bend": 2} and changed("1^1") == {"bend": 1} and changed("1^12") == {"bend": 12}
    assert changed("1'>~^3") == {"pitch": 72, "velocity": ACCENT, "has_vibrato": True, "bend": 3}


@pytest.mark.parametrize(("signs", "count"), [("/", 2), ("//", 4), ("///", 8)])
def test_rolls_fill_their_note(signs, count):
    strokes = events(f"1{signs} - . .")
    length = Fraction(2, 2 * count)
    assert len(strokes) == 2 * count
    for index, stroke in enumerate(strokes):
        assert (stroke.start, stroke.end) == (index * length, (index + 1) * length)
        assert stroke.velocity == pytest.approx(PLAIN * (0.85 if index % 2 else 1))


def test_a_roll_slides_to_its_first_stroke_and_its_last_has_the_rest():
    first, *strokes = events("E4 1/4, ~C4/ 1/4., rest 1/8", "notes", "3/4")
    assert [stroke.slide_from for stroke in strokes] == [64, None, None]
    first, last = events("C4/ 5/16, rest 3/16", "notes", "1/2")
    assert (first.end, last.start, last.end) == (Fraction(1, 2), Fraction(1, 2), Fraction(5, 4))


def test_grace_notes_and_flams():
    grace, note, *_ = events("7,`1 . . .")
    assert (grace.pitch, note.pitch, grace.later_s, note.later_s) == (59, 60, GRACE_S, 0)
    assert grace.velocity < note.velocity and grace.start == note.start == 0
    flam, note, *_ = events("1`1 . . .")
    assert flam.pitch == note.pitch == 60
    _, grace, note = events("1 ~2`3 . .")
    assert (grace.slide_from, note.slide_from) == (None, 60)
    (grace, _) = events("D4`E4 1/64", "notes", "1/64")
    assert grace.end == Fraction(1, 16)  # no longer than its note


def test_the_same_signs_in_notes():
    written = "E4. 1/4, F4_ C4m 1/4, D4`E4~ 1/4, ~G4^1> 1/8, A4/// 1/8"
    found = {
        (event.pitch, event.bend, event.has_vibrato, event.is_muted, event.longer_s, event.slide_from)
        for event in events(written, "notes")
    }
    assert found == {
        (64, 0, False, False, 0, None),
        (65, 0, False, False, LEGATO_S, None),
        (60, 0, False, True, 0, None),
        (62, 0, False, False, 0, None),
        (64, 0, True, False, 0, None),
        (67, 1, False, False, 0, 64),
        (69, 0, False, False, 0, None),
    }


@pytest.mark.parametrize("text", ["1!", "1^13", "`1", "1`", "1..x", "1`2`3"])
def test_what_is_no_sign(text):
    assert "with signs after it" in mistakes(make("degrees", text), span(step="1/4"))[0]


def test_repeats_are_counted():
    assert [event.turn for event in events("1 2", length="2 bars")] == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("steps", {"pattern": "xo", "note": "C4"}),
        ("chords", {"rhythm": "xo"}),
        ("arpeggio", {"rhythm": "xo"}),
        ("degrees", {"pattern": "1 (2)"}),
        ("notes", {"pattern": "C4 1/4, (D4) 1/4"}),
    ],
)
def test_every_part_tells_its_repeats_and_ghost_notes(kind, keys):
    on = span("1 bar", key="C major", chart="C", step="1/4")
    found = {(event.start, event.is_ghost, event.turn) for event in make(kind, **keys).events(on)}
    assert found == {(0, False, 0), (1, True, 0), (2, False, 1), (3, True, 1)}
