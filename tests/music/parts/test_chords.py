"""The part chords: rhythms, inversions and voices that move little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from part_spans import ACCENT, PLAIN, make, mistakes, names, pitches, played, span


def test_chords_are_held_until_the_next():
    notes = played(make("chords"), span("2 bars", chart="| G | Em7 D7/F# |"))
    assert sorted({(start, end) for start, end, *_ in notes}) == [(0, 4), (4, 6), (6, 8)]
    classes = [{pitch % 12 for s, _, pitch, _ in notes if s == start} for start in (0, 4, 6)]
    assert classes == [{7, 11, 2}, {4, 7, 11, 2}, {2, 6, 9, 0}]
    assert min(pitch for s, _, pitch, _ in notes if s == 6) % 12 == 6  # F# in the bass


def test_a_rhythm_strikes_the_chord_of_the_moment():
    notes = played(make("chords", "x-X_", step="1/4"), span("1 bar", chart="| C / / F |", step="1/4"))
    assert [(s, e, v) for s, e, p, v in notes if p % 12 == 0] == [
        (0, 1, PLAIN),
        (2, 3, ACCENT),
        (3, 4, ACCENT),
    ]
    assert {p % 12 for s, _, p, _ in notes if s == 3} == {5, 9, 0}


def test_no_chord_is_silence():
    notes = played(make("chords", "x"), span("2 bars", chart="| N.C. | C |"))
    assert min(s for s, *_ in notes) == 4
    assert not played(make("arpeggio"), span("1 bar", chart="N.C."))


def test_voices_move_as_little_as_they_can():
    """C to F to G: the common and the nearest notes, as in any harmony book."""
    on = span("3 bars", chart="| C | F | G |")
    found = [
        sorted(p for s, _, p, _ in played(make("chords", low="C4", high="C5"), on) if s == at)
        for at in (0, 4, 8)
    ]
    assert found == [names("C4 E4 G4"), names("C4 F4 A4"), names("D4 G4 B4")]
    assert all(60 <= pitch <= 72 for voicing in found for pitch in voicing)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"inversion": 0}, "C4 E4 G4 B4"),
        ({"inversion": 1}, "E4 G4 B4 C5"),
        ({"inversion": 3}, "B3 C4 E4 G4"),
        ({"inversion": 0, "voicing": "open"}, "G3 C4 E4 B4"),
        ({"inversion": 0, "voicing": "drop3", "low": "E3"}, "E3 C4 G4 B4"),
        ({"inversion": 0, "voicing": "spread", "high": "B5"}, "C4 G4 E5 B5"),
        ({"inversion": 0, "voicing": "shell"}, "C4 E4 B4"),
        ({"inversion": 0, "voicing": "rootless"}, "E4 G4 B4"),
    ],
)
def test_inversions_and_open_voicings(keys, expected):
    part = make("chords", **{"low": "G3", "high": "C5", **keys})
    assert sorted(pitches(part, span(chart="Cmaj7"))) == names(expected)


def test_the_shell_of_a_chord_without_a_seventh_has_its_sixth():
    part = make("chords", voicing="shell", inversion=0, low="G3", high="C5")
    assert sorted(pitches(part, span(chart="C6/9"))) == names("C4 E4 A4")


def test_a_guitar_follows_the_bass_and_the_inversion():
    def fretted(chart, **keys):
        notes = played(make("chords", voicing="guitar", **keys), span("2 bars", chart=chart))
        return [[p for s, _, p, _ in notes if s == at] for at in (0, 4)]

    assert min(fretted("| G | G |")[0]) == names("G2")[0]  # below C3
    assert [each[0] % 12 for each in fretted("| C/G | C |", inversion=1)] == [7, 4]


SYMBOLS = ["C", "Dm7", "G13", "F#m7b5", "Bb/D", "Eb6/9", "Asus4", "B7alt", "Am/G"]


@given(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=4))
def test_any_voicing_is_its_chord_within_its_range(symbols):
    on = span("4 bars", chart=" | ".join(symbols))
    notes = played(make("chords", low="C2", high="C6"), on)
    for at in on.harmony.chords:
        here = sorted(p for s, _, p, _ in notes if s == at.start)
        wanted = {(at.chord.root + n) % 12 for n in at.chord.intervals} | {at.chord.bass} - {None}
        assert {p % 12 for p in here} == wanted and len(here) == len(wanted)
        assert here[0] >= 36 and here[-1] <= 84
        assert at.chord.bass is None or here[0] % 12 == at.chord.bass


def test_a_chord_that_does_not_fit():
    assert mistakes(make("chords", low="C4", high="G4"), span("2 bars", chart="| C | C7 |")) == [
        "bar 2 beat 1: the chord does not fit between C4 and G4, by 2 semitones: "  # Bb3 C4 E4 G4
        "widen low and high, for example to Bb3 and G4"
    ]


def test_a_strum_is_down_or_up_by_its_place_or_its_sign():
    part = make("chords", "xx-uDd", low="C4", high="C5", inversion=0, strum_ms=30.0)
    events = list(part.events(span(chart="C", key="C major")))
    strokes = [[e for e in events if e.start == at / 2] for at in (0, 1, 3, 4, 5)]
    assert all([e.later_s * 1000 for e in stroke] == [0, 15, 30] for stroke in strokes)
    down, up = names("C4 E4 G4"), names("G4 E4 C4")
    assert [[e.pitch for e in stroke] for stroke in strokes] == [down, up, up, down, down]
    assert [stroke[0].velocity for stroke in strokes] == [PLAIN, PLAIN, PLAIN, ACCENT, PLAIN]
