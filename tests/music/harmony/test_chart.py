"""Charts, laid out over sections."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from charts import charted
from hypothesis import given
from hypothesis import strategies as st
from tempo_maps import timeline

from stemwright.music.harmony.chart import chart_doubt
from stemwright.music.harmony.chords import parse_chord


def told(chart, **keys):
    chords, mistakes = charted(chart, **keys)
    assert not mistakes
    return [(float(at.start), float(at.end), at.symbol) for at in chords]


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


def test_repeats_are_written_out():
    plain = told("| A | B | A | B | C | D | C | D | E |", length="9 bars")
    for chart in (
        "||: A | B :||: C | D :|| E ||",
        "|: A | B :|: C | D :| E |]",
        "𝄆 A | B 𝄇 𝄆 C | D 𝄇 E 𝄂",
        "{A|B}{C|D}[E]",
        "A | B :|: C | D :|| E |.",
    ):
        assert told(chart, length="9 bars") == plain
    assert told("|: A :| x3 B |", length="4 bars") == told("A | A | A | B")
    assert told("|: A | % :|(4x)", length="8 bars") == told("A", length="8 bars")


def test_signs_of_other_charts():
    assert told("| n.c. | NC | N.C | nc |") == [(4 * bar, 4 * bar + 4, "N.C.") for bar in range(4)]
    assert told("| G . . D7 | x | 𝄎 | % |") == told("| G / / D7 | % | % | % |")
    assert told("| C7(b9, 13) Dm7 |", length="1 bar") == [(0, 2, "C7(b9,13)"), (2, 4, "Dm7")]


def test_mistakes_in_repeats():
    assert charted("|: A | B")[1] == ["|: begins a repeat that :| does not end"]
    assert charted("|: A |: B :|")[1] == ["|: begins a repeat in a repeat"]
    assert charted("|: A :| x99999999")[1] == ["has 99,999,999 bars, but its section has 4"]
    assert [m.split(":")[0] for m in charted("|: A :|: | B :|", length="6 bars")[1]] == [
        "bar 3 beat 1",
        "bar 5 beat 1",
    ]


def test_a_symbol_is_told_so_that_it_can_be_read_again():
    assert [s for _, _, s in told("| Ib5 | I#5 | V7/V | C7/13 |", key="C major")] == [
        "C(b5)",
        "C(#5)",
        "D7",
        "C7/13",
    ]


def test_a_chart_that_does_not_fill_its_section():
    line = timeline(("a", "4 bars"), ("b", "15 beats"))
    whole, cut = line.sections
    assert "has 3 bars, but its section has 4" in chart_doubt("| C | F | G |", whole, line.tempo)
    assert chart_doubt("| C | F |", whole, line.tempo) == chart_doubt("| C | F | G |", cut, line.tempo) == ""
