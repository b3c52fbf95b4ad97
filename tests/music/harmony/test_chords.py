"""Chord symbols, against what theory books say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemwright.music.harmony.chords import parse_chord
from stemwright.music.harmony.scale import Scale, pitch_class

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
    # Of iReal Pro, ChordPro, MusicXML and lead sheets of several countries:
    "C2 Cadd2 C(2)": "C D E G",
    "C6 Cmaj6 CM6 C(6) Cadd6": "C E G A",
    "C6(9) C6add9 Cmaj6/9 C6/9": "C E G A D",
    "C-69 Cm6/9": "C Eb G A D",
    "C+9 C9+ C9#5 C9(#5) Caug9": "C E G# Bb D",
    "C+7#9 C7#9#5 C7(#5,#9) C+7(#9)": "C E G# Bb D#",
    "C+7 Caug7 C7(#5)": "C E G# Bb",
    "C+M7 Caugmaj7 Cmaj7+5 C^7#5": "C E G# B",
    "C7(13) C7add13 C7/13": "C E G Bb A",
    "C7(9) C7/9 C9": "C E G Bb D",
    "C7(9,13) C7(9/13) C9(13)": "C E G Bb D A",
    "C7(b9,13) C7(b9/13) C7(b9)(13)": "C E G Bb Db A",
    "Cm7(11) C-7(11) Cm7/11": "C Eb G Bb F",
    "Cmaj7(9) CM7(9) C7M(9) CΔ9": "C E G B D",
    "C7M C∆ C△7 Cj7 CMAJ7 CMA7 Cmajor7 C(maj7)": "C E G B",
    "CMI7 CMIN7 Cminor7 C−7 C–7": "C Eb G Bb",
    "Cm7M Cm+7 Cm(+7) Cm#7 Cm/maj7 Cm/M7 CmMaj7 Cmin(maj7) C-^7": "C Eb G B",
    "Ch Ch7 C⌀ C∅7 Cø7 Chdim7": "C Eb Gb Bb",
    "Ch9": "C Eb Gb Bb D",
    "Cº7 C˚7 Cdim7 Cdiminished7": "C Eb Gb A",
    "Caugmented C+": "C E G# ",
    "Cmajor Cmaj C^7(no7)": "C E G",
    "Cdom7 C7": "C E G Bb",
    "C-b6 Cm(b6) Cmb6": "C Eb G Ab",
    "C-#5": "C Eb G#",
    "C7b13 C7(b13)": "C E G Bb Ab",
    "Cmaj7#4 Cmaj7(#4)": "C E G B F#",
    "C7b9sus C7b9sus4 C7sus4(b9)": "C F G Bb Db",
    "C7susadd3": "C E F G Bb",
    "C7b13sus": "C F G Bb Ab",
    "Csus2/4 Csus24": "C D F G",
    "C(9) Cadd9": "C E G D",
    "C11": "C E G Bb D F",
    "C13#11 C13(#11)": "C E G Bb D F# A",
}


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
    [
        "H",
        "X7",
        "Cm7#",
        "C8",
        "C4",
        "C3",
        "C(7",
        "C7(5)",
        "Cmaj5",
        "c",
        "Csus5",
        "C/",
        "C/H",
        "C/E7",
        "Cm°",
        "",
        "Iq",
    ],
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
        ("V7/V", "C major", "D7"),
        ("V/V", "G major", "A"),
        ("V7/ii", "C major", "A7"),
        ("ii7/IV", "C major", "Gm7"),
        ("V7(b9)/vi", "C major", "E7(b9)"),
        ("vii°7/V", "C major", "F#°7"),
        ("vii°7/ii", "C major", "C#°7"),
        ("viiø7/vi", "C major", "G#ø7"),
        ("VI/vi", "C major", "F"),
        ("VI/VI", "C minor", "F"),
        ("V7/bVII", "C major", "F7"),
        ("V7/7/V", "C major", "D7/F#"),
        ("V7/V/V", "C major", "A7"),
        ("I6/9", "C major", "C69"),
        ("iih7", "C major", "Dø7"),
        ("IV2", "C major", "Fadd2"),
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
