"""Guitar voicings: what a hand can hold, judged apart from the code that finds it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from part_spans import make, mistakes, names, played, span

from stemwright.music.parts._frets import cost, pitches_of, shapes

OPEN = names("E2 A2 D3 G3 B3 E4")
SYMBOLS = [
    "C",
    "Am",
    "F",
    "G",
    "Em7",
    "Dmaj9",
    "F#m7b5",
    "B7alt",
    "Bb/D",
    "Eb6/9",
    "G13",
    "Asus4",
    "C5",
    "E7#9",
    "Bdim7",
]


def chord(symbol):
    (at,) = span(chart=f"| {symbol} |").harmony.chords
    return at.chord


def bass_of(it):
    return it.root if it.bass is None else it.bass


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_shape_is_the_chord_and_can_be_held(symbol):
    it = chord(symbol)
    found = shapes(it, 40, 79, bass_of(it))
    assert found
    for shape in found:
        frets = [fret for fret in shape if fret]
        sounding = [string for string, fret in enumerate(shape) if fret is not None]
        assert sounding == list(range(sounding[0], sounding[-1] + 1)) and len(sounding) >= 3
        assert not frets or max(frets) - min(frets) <= 3
        if len(frets) > 4:  # the first finger lies across strings, the others hold one each
            assert sum(fret > min(frets) for fret in frets) <= 3 and 0 not in shape[shape.index(min(frets)) :]
        notes = [OPEN[string] + shape[string] for string in sounding]
        assert notes == list(pitches_of(shape)) and min(notes) == notes[0] and notes[0] % 12 == bass_of(it)
        classes = {(it.root + n) % 12 for n in it.intervals}
        assert {note % 12 for note in notes} <= classes | {bass_of(it)}
        for n in (3, 4, 10, 11, it.intervals[-1]):  # the third, the seventh and what the symbol adds last
            assert n not in it.intervals or (it.root + n) % 12 in {note % 12 for note in notes}


def test_the_shapes_that_everybody_knows_are_found():
    known = {
        "C": (None, 3, 2, 0, 1, 0),
        "G": (3, 2, 0, 0, 0, 3),
        "F": (1, 3, 3, 2, 1, 1),
        "D": (None, None, 0, 2, 3, 2),
    }
    known |= {"Bm": (None, 2, 4, 4, 3, 2), "E7": (0, 2, 0, 1, 0, 0)}
    known |= {"D9": (None, 5, 4, 5, 5, None)}  # without its fifth
    for symbol, shape in known.items():
        assert shape in shapes(chord(symbol), 40, 79, chord(symbol).root)


def test_the_cost_of_a_shape():
    """How far up the neck (of the first) or twice the hand's way, strings that change, stretch, two a silent string."""
    c, am, f, high = (None, 3, 2, 0, 1, 0), (None, 0, 2, 2, 1, 0), (1, 3, 3, 2, 1, 1), (8, 10, 10, 9, 8, 8)
    assert [cost(shape, None)[0] for shape in (c, am, f, high)] == [1 + 2 + 2, 1 + 1 + 2, 1 + 2, 8 + 2]
    assert [cost(shape, c)[0] for shape in (c, am, f, high)] == [2 + 2, 2 + 1 + 2, 4 + 2, 14 + 6 + 2]


def test_shapes_lie_close_to_the_one_before():
    on = span("8 bars", chart="| Cmaj7 | Am7 | Dm7 | G7 | Cmaj7 | Am7 | Dm7 | G7 |")
    notes = played(make("chords", voicing="guitar"), on)
    starts = sorted({start for start, *_ in notes})
    chords = [[pitch for start, _, pitch, _ in notes if start == at] for at in starts]
    assert all(max(abs(a[-1] - b[-1]), abs(a[0] - b[0])) <= 9 for a, b in pairwise(chords))
    assert min(min(each) for each in chords) >= OPEN[0]


def test_a_chord_that_no_hand_holds():
    found = mistakes(make("chords", voicing="guitar", low="E2", high="A2"), span(chart="| C |"))
    assert found == [
        "bar 1 beat 1: no hand can hold the chord on a guitar between E2 and A2: widen low and high, or choose a "
        "chord of fewer notes"
    ]
