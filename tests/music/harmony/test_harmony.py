"""Harmony: scales, chord symbols against what theory books say, charts laid out over sections."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemwright.music.harmony.chart import read_chart
from stemwright.music.harmony.chords import parse_chord
from stemwright.music.harmony.scale import Scale, pitch_class, transpose_key
from stemwright.music.harmony.section import Harmony
from stemwright.music.pitch import parse_note
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)

ROOTS = [letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b")]
# The notes of each chord on C, by name.
CHORDS = {
    "C Cmaj CM": "C E G",
    "Cm Cmin Cmi C-": "C Eb G",
    "C° Cdim Co": "C Eb Gb",
    "C+ Caug C(#5)": "C E G#",
    "C5 C(no3)": "C G",
    "Csus4 Csus": "C F G",
    "Csus2": "C D G",
    "Csus24 Csus2sus4": "C D F G",
    "C6": "C E G A",
    "Cm6 C-6": "C Eb G A",
    "C69 C6/9": "C E G A D",
    "C7": "C E G Bb",
    "Cmaj7 CM7 CMaj7 Cma7 CΔ CΔ7 C^7": "C E G B",
    "Cm7 Cmin7 Cmi7 C-7": "C Eb G Bb",
    "CmM7 Cmmaj7 Cm(maj7) C-Δ7": "C Eb G B",
    "Cm7b5 Cm7(b5) C-7b5 Cø Cø7": "C Eb Gb Bb",
    "C°7 Cdim7 Co7": "C Eb Gb A",
    "C7#5 C+7 C7+ Caug7": "C E G# Bb",
    "C7b5": "C E Gb Bb",
    "Cmaj7#5": "C E G# B",
    "C9": "C E G Bb D",
    "Cmaj9 CM9": "C E G B D",
    "Cm9": "C Eb G Bb D",
    "C7b9 C7(b9) C7-9": "C E G Bb Db",
    "C7#9 C7(#9) C7+9": "C E G Bb D#",
    "C7(b9,b13)": "C E G Bb Db Ab",
    "C7alt": "C E G# Bb Db D#",
    "Cm11": "C Eb G Bb D F",
    "C13": "C E G Bb D A",
    "C13b9": "C E G Bb Db A",
    "Cmaj7#11 CM7(#11)": "C E G B F#",
    "C7sus4 C7sus": "C F G Bb",
    "C9sus4": "C F G Bb D",
    "C13sus4": "C F G Bb D A",
    "Cadd9 C(add9)": "C E G D",
    "Cmadd9 Cm(add9)": "C Eb G D",
}


def tempo(bpm=120, meter="4/4", *changes):
    return TempoMap(
        [TempoChange(bar, parse_bpm(b), parse_time_signature(m)) for bar, b, m in [(1, bpm, meter), *changes]]
    )


def charted(chart, length="4 bars", key=None, move=0, meter="4/4"):
    """The chords of a section, as (start, end, symbol), and what is said to be wrong."""
    time, mistakes = tempo(meter=meter), []
    section = Timeline.build(8_000, time, None, [("a", parse_duration(length), None)]).sections[0]
    chords = read_chart(chart, section, time, key, move, mistakes.append)
    return chords, mistakes


def told(chart, **keys):
    chords, mistakes = charted(chart, **keys)
    assert not mistakes
    return [(float(at.start), float(at.end), at.symbol) for at in chords]


# --- chords -----------------------------------------------------------------------------------


@pytest.mark.parametrize("symbols", CHORDS)
def test_the_notes_of_chords(symbols):
    for symbol in symbols.split():
        for root in ROOTS:
            chord, numeral = parse_chord(root + symbol[1:])
            assert chord.root == pitch_class(root) and not numeral
            notes = {(chord.root + interval) % 12 for interval in chord.intervals}
            assert notes == {(pitch_class(n) + chord.root) % 12 for n in CHORDS[symbols].split()}, symbol
            assert chord.intervals == tuple(sorted(set(chord.intervals))) and chord.intervals[0] == 0


def test_extensions_lie_above_the_seventh():
    assert parse_chord("C9")[0].intervals == (0, 4, 7, 10, 14)
    assert parse_chord("Cm13")[0].intervals == (0, 3, 7, 10, 14, 17, 21)
    assert parse_chord("Cadd9")[0].intervals == (0, 4, 7, 14)


@pytest.mark.parametrize(
    "symbol",
    ["H", "X7", "Cm7#", "C8", "C2", "C4", "Cmaj5", "c", "Csus5", "C/", "C/H", "C/E7", "Cm°", "", "Iq"],
)
def test_what_is_no_chord(symbol):
    with pytest.raises(ValueError, match="must "):
        parse_chord(symbol, Scale.of("C major"))


def test_a_slash_chord_has_its_bass():
    assert parse_chord("Am7/D")[0].bass == 2 and parse_chord("Am7/D")[0].root == 9
    assert parse_chord("C/C")[0].bass is None
    assert parse_chord("C6/9")[0].bass is None and parse_chord("C6/9/E")[0].bass == 4


@pytest.mark.parametrize(
    ("numeral", "key", "same"),
    [
        ("I", "G major", "G"),
        ("ii7", "G major", "Am7"),
        ("V7", "Ab major", "Eb7"),
        ("bVII", "D major", "C"),
        ("vii°", "C major", "B°"),
        ("viiø7", "C major", "Bø7"),
        ("IVmaj7", "F major", "Bbmaj7"),
        ("imaj7", "A minor", "Ammaj7"),
        ("iim7", "C major", "Dm7"),
        ("VI", "A minor", "F"),
        ("V7/7", "C major", "G7/B"),
        ("i/b3", "C major", "Cm/Eb"),
    ],
)
def test_numerals_count_on_the_key(numeral, key, same):
    chord, counted = parse_chord(numeral, Scale.of(key))
    other, _ = parse_chord(same)
    assert counted and (chord.root, chord.intervals, chord.bass) == (other.root, other.intervals, other.bass)


@pytest.mark.parametrize("symbol", ["B♭maj7", "F♯m7♭5", "C7(♯11)", "C7♭9/E♭", "♭VII7"])
def test_signs_of_accidentals_are_letters_too(symbol):
    plain = symbol.replace("♭", "b").replace("♯", "#")
    assert parse_chord(symbol, Scale.of("C major")) == parse_chord(plain, Scale.of("C major"))


def test_a_numeral_without_a_key():
    with pytest.raises(ValueError, match="needs a key"):
        parse_chord("ii7")


@given(st.text(alphabet="ABCGIViv#b♭m-+°øΔMajdinusg0123456789()/, ", max_size=14))
def test_any_text_is_a_chord_or_an_error(text):
    try:
        chord, _ = parse_chord(text, Scale.of("Eb major"))
    except ValueError as error:
        assert "(is " in str(error)
    else:
        assert chord.intervals[0] == 0 and 0 <= chord.root < 12


# --- keys -------------------------------------------------------------------------------------


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


# --- charts -----------------------------------------------------------------------------------


def test_a_chart_is_laid_out_bar_by_bar():
    assert told("| G | Em7 | Am7 D7 | % |") == [
        (0, 4, "G"),
        (4, 8, "Em7"),
        (8, 10, "Am7"),
        (10, 12, "D7"),
        (12, 14, "Am7"),
        (14, 16, "D7"),
    ]
    assert told("G|C || D |\n E") == told("| G | C | D | E |")


def test_a_chart_repeats_and_ends_with_its_section():
    assert told("| G | C |", length="11 beats") == [(0, 4, "G"), (4, 8, "C"), (8, 11, "G")]
    assert told("| A B |", length="1 bar + 1 beat") == [(0, 2, "A"), (2, 4, "B"), (4, 5, "A")]


def test_shares_and_holds():
    assert told("| G / / D7 | / N.C. |", length="2 bars") == [(0, 3, "G"), (3, 6, "D7"), (6, 8, "N.C.")]
    (_, b, c), _ = charted("| A B C |", length="1 bar")
    assert (b.start, c.start, c.end) == (Fraction(4, 3), Fraction(8, 3), 4)
    assert charted("| N.C. |", length="1 bar")[0][0].chord is None


def test_bars_are_those_of_the_meter():
    assert told("| G | C D |", length="2 bars", meter="6/8") == [(0, 3, "G"), (3, 4.5, "C"), (4.5, 6, "D")]


def test_transposing_a_chart():
    assert [s for _, _, s in told("| G | Am7/D | F#m7b5 | Eb |", move=1, key="G major")] == [
        "Ab",
        "Bbm7/Eb",
        "Gm7b5",
        "E",
    ]
    assert [s for _, _, s in told("| I | vi7 | ii7 | bVII |", key="Ab major", move=2)] == [
        "Bb",
        "Gm7",
        "Cm7",
        "Ab",
    ]
    assert [s for _, _, s in told("| I | vi7 | ii7 | V7 |", key="A major")] == ["A", "F#m7", "Bm7", "E7"]


@given(
    st.lists(st.sampled_from(["G", "Em7", "Bb/D", "F#ø7", "C13"]), min_size=1, max_size=4),
    st.integers(-24, 24),
)
def test_a_transposed_symbol_is_the_transposed_chord(symbols, move):
    chart = " | ".join(symbols)
    plain, moved = charted(chart)[0], charted(chart, move=move)[0]
    for a, b in zip(plain, moved, strict=True):
        assert b.chord.intervals == a.chord.intervals
        assert (b.chord.root - a.chord.root - move) % 12 == 0
        assert parse_chord(b.symbol)[0].root == b.chord.root and parse_chord(b.symbol)[0].bass == b.chord.bass


def test_mistakes_are_told_by_bar_and_beat():
    _, mistakes = charted("| % | G X7 | C / H H | | / |", length="5 bars")
    assert [mistake.split(":")[0] for mistake in mistakes] == [
        "bar 1 beat 1",
        "bar 2 beat 3",
        "bar 3 beat 3",
        "bar 3 beat 4",
        "bar 4 beat 1",
    ]
    assert charted("| / C |")[1] == ["bar 1 beat 1: / extends the chord before it, and there is none"]
    assert charted("G | C | D", length="2 bars")[1] == ["has 3 bars, but its section has 2"]
    assert charted(" | | ")[1] == ["must have at least one bar, as in | G | Am7 D7 |"]


@given(st.text(alphabet="GCm7/%|. \nNI", max_size=30))
def test_any_chart_is_laid_out_without_gaps_or_told_wrong(chart):
    chords, mistakes = charted(chart)
    if not mistakes:
        assert chords[0].start == 0 and chords[-1].end == 16
        assert all(a.end == b.start and a.start < a.end for a, b in pairwise(chords))


def test_facts_hold_what_is_used_and_no_more():
    chords, _ = charted("| Am7/D | N.C. | G C |")
    harmony = Harmony("G major", chords)
    assert harmony.to_dict(()) == {} and harmony.to_dict(("key",)) == {"key": "G major"}
    again = Harmony.from_dict(harmony.to_dict(("key", "chords")))
    assert again.key == "G major"
    assert [
        (a.start, a.end, a.chord and (a.chord.root, a.chord.intervals, a.chord.bass)) for a in again.chords
    ] == [(a.start, a.end, a.chord and (a.chord.root, a.chord.intervals, a.chord.bass)) for a in chords]
