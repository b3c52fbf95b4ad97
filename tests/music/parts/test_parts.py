"""Parts: what each pattern plays, and where it says that it is wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemwright.music import parts
from stemwright.music.harmony.chart import read_chart
from stemwright.music.harmony.section import Harmony
from stemwright.music.parts import Span
from stemwright.music.pitch import parse_note
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)

EIGHTH = parse_duration("1/8")
PLAIN, ACCENT, GHOST = 0.8, 1.0, 0.45


def span(length="1 bar", key="G major", chart=None, step="1/8", meter="4/4", before=None):
    tempo = TempoMap([TempoChange(1, parse_bpm(120), parse_time_signature(meter))])
    spans = [("a", parse_duration(length), None)]
    if before:
        spans.insert(0, ("before", parse_duration(before), None))
    section = Timeline.build(8_000, tempo, None, spans).sections[-1]
    chords = read_chart(chart, section, tempo, key, 0, pytest.fail) if chart else ()
    return Span(section.start, section.end, tempo, parse_duration(step), Harmony(key, chords))


def make(kind, pattern=None, **keys):
    cls = parts.registry.load("stemwright.music.parts", kind)
    return cls(**({cls.short: pattern} if pattern is not None else {}), **keys)


def played(part, on):
    """(start, end, pitch, velocity) of every note, checked to be free of mistakes."""
    assert mistakes(part, on) == []
    return [(float(e.start), float(e.end), e.pitch, round(e.velocity, 9)) for e in part.events(on)]


def mistakes(part, on):
    told = []
    part.items(on, lambda at, message: told.append(f"{on.tempo.describe(at, on.start)}: {message}"))
    return told


def pitches(part, on):
    return [pitch for _, _, pitch, _ in played(part, on)]


def names(text):
    return [parse_note(name) for name in text.split()]


# --- steps ------------------------------------------------------------------------------------


def test_steps_hits_and_ties():
    e2 = parse_note("E2")
    assert played(make("steps", "x-Xo | _.9_", note="E2"), span()) == [
        (0, 0.5, e2, PLAIN),
        (1, 1.5, e2, ACCENT),
        (1.5, 2.5, e2, GHOST),
        (3, 4, e2, 1.0),
    ]


def test_a_pattern_repeats_to_fill_its_section_and_is_cut_at_its_end():
    on = span("1 bar + 1/16", before="2 bars")
    starts = [(start, end) for start, end, *_ in played(make("steps", "x_-", note="C3"), on)]
    assert starts == [(8, 9), (9.5, 10.5), (11, 12)] and on.end == Fraction("12.25")
    assert [e for _, e, *_ in played(make("steps", "x_", note="C3"), on)][-1] == 12.25


def test_velocity_scales_all_hits():
    velocities = [v for *_, v in played(make("steps", "xXo5", note="C3", velocity=0.4), span("2 beats"))]
    assert velocities == [0.4, 0.5, 0.225, round(5 / 18, 9)]


def test_mistakes_in_steps():
    assert mistakes(make("steps", "_x-y-xX?", note="C3"), span(step="1/4")) == [
        "bar 1 beat 1: _ extends the hit before it, and there is none",
        "bar 1 beat 4: must be x hit, X accent, o ghost, 1-9 velocity, _ tie, - rest (is 'y')",
        "bar 2 beat 4: must be x hit, X accent, o ghost, 1-9 velocity, _ tie, - rest (is '?')",
    ]
    assert mistakes(make("steps", "x-_", note="C3"), span()) == [
        "bar 1 beat 2: _ extends the hit before it, and there is none"
    ]
    assert mistakes(make("steps", " | ", note="C3"), span()) == ["bar 1 beat 1: must have at least one step"]


# --- degrees ----------------------------------------------------------------------------------


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


def test_mistakes_in_degrees():
    line = make("degrees", "- 1 q . - 0 ~16 . 1''''' 1,,,,,")
    assert mistakes(line, span(step="1/4", key="B major")) == [
        "bar 1 beat 1: - extends the note before it, and there is none",
        "bar 1 beat 3: must be a degree such as 1, b3, 4#, 5' or 5, (octaves), (3) ghost, 3> accent, ~3 slide; "
        ". rest, - tie (is 'q')",
        "bar 2 beat 1: - extends the note before it, and there is none",
        "bar 2 beat 2: must be a degree such as 1, b3, 4#, 5' or 5, (octaves), (3) ghost, 3> accent, ~3 slide; "
        ". rest, - tie (is '0')",
        "bar 2 beat 3: must be a degree such as 1, b3, 4#, 5' or 5, (octaves), (3) ghost, 3> accent, ~3 slide; "
        ". rest, - tie (is '~16')",
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


# --- notes ------------------------------------------------------------------------------------


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
    entry = "must be notes and a length, such as E4 1/4, C4 E4 G4 1/2, rest 1/8 or - 1/4 (tie)"
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


# --- chords and arpeggios ---------------------------------------------------------------------


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
    ],
)
def test_inversions_and_open_voicings(keys, expected):
    assert sorted(pitches(make("chords", low="G3", high="C5", **keys), span(chart="Cmaj7"))) == names(
        expected
    )


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
        "bar 2 beat 1: the chord does not fit between C4 and G4: widen low and high"
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "C4 E4 G4 C4 E4 G4 C4 E4"),
        ({"order": "down"}, "G4 E4 C4 G4 E4 C4 G4 E4"),
        ({"order": "updown"}, "C4 E4 G4 E4 C4 E4 G4 E4"),
        ({"octaves": 2}, "C4 E4 G4 C5 E5 G5 C4 E4"),
        ({"order": "as_played", "inversion": 1, "low": "E4"}, "C5 E4 G4 C5 E4 G4 C5 E4"),
    ],
)
def test_arpeggios(keys, expected):
    low = {"low": "C4", "high": "E5", "inversion": 0}
    assert pitches(make("arpeggio", **{**low, **keys}), span(chart="C")) == names(expected)


def test_an_arpeggio_begins_anew_at_each_chord_and_follows_its_rhythm():
    part = make("arpeggio", rhythm="xx_-", low="C4", high="B4", inversion=0)
    assert [(s, e, p) for s, e, p, _ in played(part, span("1 bar", chart="| C Dm |"))] == [
        (0, 0.5, 60),
        (0.5, 1.5, 64),
        (2, 2.5, 62),
        (2.5, 3.5, 65),
    ]


# --- whatever is written ----------------------------------------------------------------------


@given(
    st.sampled_from(["steps", "degrees", "notes", "chords", "arpeggio"]),
    st.text(alphabet="xXo_-.|12358b#',()>~ /CEGrest4t+", min_size=1, max_size=24).filter(str.strip),
)
def test_any_pattern_is_played_within_its_section_or_told_wrong(kind, text):
    on = span("2 bars", chart="| C | G7 |", before="1 bar")
    keys = {"steps": {"note": "C3"}, "arpeggio": {"rhythm": text}, "chords": {"rhythm": text}}.get(kind, {})
    part = make(kind, **keys) if kind in ("arpeggio", "chords") else make(kind, text, **keys)
    if not mistakes(part, on):
        for event in part.events(on):
            assert on.start <= event.start < event.end <= on.end and 0 < event.velocity <= 1
            assert 0 <= event.pitch <= 127
