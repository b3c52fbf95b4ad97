"""Scales, keys and what transposing does to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stemwright.music.harmony.scale import Scale, transpose_key
from stemwright.music.pitch import parse_note

ROOTS = [letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b")]


def test_degrees_of_scales():
    assert [Scale.of("G major").pitch(n) for n in range(1, 9)] == [
        parse_note(n) for n in ["G4", "A4", "B4", "C5", "D5", "E5", "F#5", "G5"]
    ]
    assert [Scale.of("D dorian").pitch(n) for n in range(1, 8)] == [
        parse_note(n) for n in ["D4", "E4", "F4", "G4", "A4", "B4", "C5"]
    ]
    assert Scale.of("Ab minor").pitch(3, octave=2) == parse_note("B2")
    assert Scale.of("C major").pitch(15, -1, 3) == parse_note("B4")


def test_keys_are_named_with_the_fewest_accidentals():
    keys = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
    assert [transpose_key("C major", n) for n in range(12)] == [f"{key} major" for key in keys]
    assert transpose_key("A minor", 3) == "C minor" and transpose_key("A minor", 4) == "C# minor"
    assert transpose_key("Gb major", 12) == "Gb major" and transpose_key("D dorian", -2) == "C dorian"


@given(st.sampled_from(ROOTS), st.sampled_from(["major", "minor", "dorian", "locrian"]), st.integers(-24, 24))
def test_transposing_moves_every_degree_alike(root, mode, move):
    before, after = Scale.of(f"{root} {mode}"), Scale.of(transpose_key(f"{root} {mode}", move))
    assert all((after.pitch(n) - before.pitch(n) - move) % 12 == 0 for n in range(1, 8))
