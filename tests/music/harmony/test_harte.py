"""Chords in Harte's syntax: hand-written labels, and every quality decoded again by his rules."""

import re

import pytest

from stemwright.music.harmony.chords import parse_chord
from stemwright.music.harmony.harte import harte
from stemwright.music.harmony.scale import Scale
from stemwright.music.harmony.section import ChordAt

# The pattern of the namespace `chord` of JAMS 0.3 (schemata/namespaces/chord/chord.json).
DEGREES = r"\(\*?[b#]*(?:[1-9]|1[0-3])(?:,\*?[b#]*(?:[1-9]|1[0-3]))*\)"
SHORTHAND = "maj|min|dim|aug|1|5|sus2|sus4|maj6|min6|7|maj7|min7|dim7|hdim7|minmaj7|aug7|9|maj9|min9"
JAMS = re.compile(rf"N|[A-G](?:b*|#*):(?:{SHORTHAND})(?:{DEGREES})?(?:/[b#]*(?:[1-9]|1[0-3]))?")

# Of the paper, table 1, and of mir_eval 0.8 (`chord.QUALITIES`): degrees of shorthands.
MEANS = {
    **{
        "maj": "3 5",
        "min": "b3 5",
        "dim": "b3 b5",
        "aug": "3 #5",
        "sus2": "2 5",
        "sus4": "4 5",
        "1": "",
        "5": "5",
    },
    **{
        "maj6": "3 5 6",
        "min6": "b3 5 6",
        "7": "3 5 b7",
        "maj7": "3 5 7",
        "min7": "b3 5 b7",
        "minmaj7": "b3 5 7",
    },
    **{"dim7": "b3 b5 bb7", "hdim7": "b3 b5 b7", "9": "3 5 b7 9", "maj9": "3 5 7 9", "min9": "b3 5 b7 9"},
}
MAJOR = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11}


def semitones(degree):
    number = int(degree.lstrip("b#"))
    octave, step = divmod(number - 1, 7)
    return MAJOR[step + 1] + 12 * octave + degree.count("#") - degree.count("b")


def decoded(label):
    """The pitch classes above the root, and the bass above it."""
    shorthand, changes, bass = re.fullmatch(r"[A-G][b#]*:(\w+)(?:\((.*)\))?(?:/(.+))?", label).groups()
    found = {0, *map(semitones, MEANS[shorthand].split())}
    for change in changes.split(",") if changes else ():
        if change.startswith("*"):
            found.remove(semitones(change[1:]))
        else:
            found.add(semitones(change))
    return {each % 12 for each in found}, semitones(bass or "1") % 12


@pytest.mark.parametrize(
    "symbol, label",
    [
        *[
            ("G", "G:maj"),
            ("Am7", "A:min7"),
            ("F#m7b5", "F#:hdim7"),
            ("Bbmaj7", "Bb:maj7"),
            ("C°7", "C:dim7"),
        ],
        *[
            ("Dsus4", "D:sus4"),
            ("E7sus4", "E:sus4(b7)"),
            ("C6", "C:maj6"),
            ("C6/9", "C:maj6(9)"),
            ("A5", "A:5"),
        ],
        *[
            ("C/E", "C:maj/3"),
            ("Am/G", "A:min/b7"),
            ("C/Bb", "C:maj/b7"),
            ("Dm/F#", "D:min/3"),
            ("Caug", "C:aug"),
        ],
        *[
            ("G7(b9)", "G:7(b9)"),
            ("G13", "G:9(13)"),
            ("Dm9", "D:min9"),
            ("B♭7", "Bb:7"),
            ("Cmmaj7", "C:minmaj7"),
        ],
        *[
            ("Cno3", "C:5"),
            ("C7no5", "C:7(*5)"),
            ("Cadd9", "C:maj(9)"),
            ("G7#5", "G:aug(b7)"),
            ("Csus24", "C:sus2(4)"),
        ],
    ],
)
def test_a_chord(symbol, label):
    chord, _ = parse_chord(symbol)
    assert harte(ChordAt(0, 1, chord, symbol), None) == label
    assert JAMS.fullmatch(label)


def test_no_chord_and_a_numeral():
    assert harte(ChordAt(0, 1, None, "N.C."), "Eb major") == "N"
    chord, _ = parse_chord("bVII7", Scale.of("Eb major"))
    assert harte(ChordAt(0, 1, chord, "bVII7"), "Eb major") == "Db:7"


def test_every_quality_means_what_it_did():
    changes = [
        "",
        "sus2",
        "sus",
        "add9",
        "addb9",
        "add11",
        "no3",
        "no5",
        "b5",
        "#5",
        "b9",
        "#9",
        "#11",
        "b13",
        "alt",
    ]
    symbols = [
        f"F#{third}{shape}{major}{extension}{change}{bass}"
        for third in ("", "m")
        for shape in ("", "dim", "ø", "aug")
        for major in ("", "maj")
        for extension in ("", "69", "2", "5", "6", "7", "9", "11", "13")
        for change in changes
        for bass in ("", "/A", "/D")
    ]
    seen = 0
    for symbol in symbols:
        try:
            chord, _ = parse_chord(symbol)
        except ValueError:
            continue
        label = harte(ChordAt(0, 1, chord, symbol), None)
        bass = 0 if chord.bass is None else (chord.bass - chord.root) % 12
        assert JAMS.fullmatch(label), (symbol, label)
        assert decoded(label) == ({each % 12 for each in chord.intervals}, bass), (symbol, label)
        seen += 1
    assert seen > 1_000
