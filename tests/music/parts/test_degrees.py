"""The part degrees: what each plays in its key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from part_spans import ACCENT, GHOST, PLAIN, make, mistakes, names, pitches, played, span

from stemwright.music.pitch import parse_note
from stemwright.music.timeline import (
    parse_duration,
)


def test_degrees_of_the_brief():
    assert played(make("degrees", "1 . 5 . 1' . 3 ."), span()) == [
        (0, 0.5, parse_note("G4"), PLAIN),
        (1, 1.5, parse_note("D5"), PLAIN),
        (2, 2.5, parse_note("G5"), PLAIN),
        (3, 3.5, parse_note("B4"), PLAIN),
    ]


def test_degrees_move_with_the_key():
    line = make("degrees", "1 2 3 4 5 6 7 8", octave=3)
    assert pitches(line, span(key="Ab major")) == names("Ab3 Bb3 C4 Db4 Eb4 F4 G4 Ab4")
    assert pitches(line, span(key="A minor")) == names("A3 B3 C4 D4 E4 F4 G4 A4")


def test_signs_of_degrees():
    line = make("degrees", "b3 3b #4 4# 7, 1'' ♯1 9")
    assert pitches(line, span(key="C major")) == names("Eb4 Eb4 F#4 F#4 B3 C6 C#4 D5")
    line = make("degrees", "1> - | (3) .")
    assert [(s, e, v) for s, e, _, v in played(line, span("2 beats"))] == [(0, 1, ACCENT), (1, 1.5, GHOST)]


def test_ties_and_slides_of_degrees():
    line = make("degrees", "1 - ~5 . (3) - - ~1'")
    assert mistakes(line, span(key="C major")) == []
    events = list(line.events(span(key="C major")))
    assert [(float(e.end - e.start), e.slide_from) for e in events] == [
        (1, None),
        (0.5, parse_note("C4")),
        (1.5, None),
        (0.5, parse_note("E4")),
    ]


EXPECTED = (
    "must be a degree such as 1, b3, 4#, 5' or 5, (octaves), (3) ghost, ~3 slide, 2`3 grace note, with signs after it "
    "(> accent, . staccato, _ legato, m palm mute, ~ vibrato, ^ bend (^1 by a semitone), / // /// roll); . rest, - tie"
)


def test_mistakes_in_degrees():
    line = make("degrees", "- 1 q . - 0 ~16 . 1''''' 1,,,,,")
    assert mistakes(line, span(step="1/4", key="B major")) == [
        "bar 1 beat 1: - extends the note before it, and there is none",
        f"bar 1 beat 3: {EXPECTED} (is 'q')",
        "bar 2 beat 1: - extends the note before it, and there is none",
        f"bar 2 beat 2: {EXPECTED} (is '0')",
        f"bar 2 beat 3: {EXPECTED} (is '~16')",
        "bar 3 beat 1: must lie between C-1 and G9 (is \"1'''''\", above that)",
    ]
    assert mistakes(make("degrees", "~1 1"), span()) == [
        "bar 1 beat 1: ~1 slides from the note before, and there is none"
    ]


TOKENS = st.one_of(
    st.just("."),
    st.just("-"),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "b", "#"]),
        st.integers(1, 9),
        st.sampled_from(["", "'", ",", "''"]),
        st.sampled_from(["", ">"]),
    ),
)


@given(st.lists(TOKENS, min_size=1, max_size=12), st.sampled_from(["1/8", "1/16", "1/8t", "1/4."]))
def test_any_line_of_degrees_against_its_tokens(tokens, step):
    """Each note begins where its token stands and lasts until the next token that is no tie."""
    on = span("3 bars", key="C major", step=step)
    line = make("degrees", " ".join(tokens))
    if mistakes(line, on):
        assert any(t == "-" and (i == 0 or tokens[i - 1] == ".") for i, t in enumerate(tokens))
        return
    length = 4 * parse_duration(step).notes
    expected = []
    for index in range(int(-(-on.end // length))):
        token = tokens[index % len(tokens)]
        end = min((index + 1) * length, on.end)
        if token == "-":
            expected[-1][1] = end
        elif token != ".":
            major = (0, 2, 4, 5, 7, 9, 11)
            degree = int(next(sign for sign in token if sign.isdigit()))
            bend = token.count("#") - token.count("b")
            octaves = (degree - 1) // 7 + token.count("'") - token.count(",")
            pitch = 60 + major[(degree - 1) % 7] + bend + 12 * octaves
            expected.append([index * length, end, pitch, ACCENT if ">" in token else PLAIN])
    assert [[e.start, e.end, e.pitch, e.velocity] for e in line.events(on)] == expected
