"""What is probably a mistake: told with its line, and an error in a strict song."""

import pytest

from stemwright.validation.problems import InvalidFileError

SONG = """\
bpm: 120
key: C major
sections:
  - a: {length: 4 bars, chords: "| C | F | G |"}
  - b: {length: 4 bars, chords: "| C | F |"}
stems:
  kit:
    source:
      stack:
        layers:
          drums:
            source:
              drums:
                patterns:
                  a: {hat: x-, kick: x---x---x---x--}
                  b: {rim: "x--x--x--x--:|"}
  line:
    source:
      play:
        instrument: {preset: {name: nylon}}
        parts:
          a: {degrees: "1 . 3 . 5 . 7 | 1 - - - - - - - :|"}
          b: {notes: "C4 1/4, D4 1/4, E4 1/4"}
"""
TOLD = [
    "4: sections[0].a.chords: a: has 3 bars, but its section has 4: add bars, or write out how they repeat",
    "15: stems.kit.source.stack.layers.drums.source.drums.patterns.a.kick: a, bar 1 beat 1: has 15 steps, but a bar "
    "has 16 steps: change it, or end it in :| if it is to repeat so",
    "22: stems.line.source.play.parts.a.degrees: a, bar 1 beat 1: the bar before | has 7 steps, but a bar has 8 "
    "steps: correct it",
    "23: stems.line.source.play.parts.b.notes: b, bar 1 beat 1: has 3 quarter notes, but a bar has 4 quarter notes: "
    "change it, or end it in :| if it is to repeat so",
]


def test_patterns_and_charts_that_do_not_fill_their_bars_or_sections(read):
    assert [str(doubt).partition("x.yaml:")[2] for doubt in read(SONG).doubts] == TOLD


def test_in_a_strict_song_they_are_errors(read):
    with pytest.raises(InvalidFileError) as caught:
        read("strict: true\n" + SONG)
    assert len(caught.value.problems) == len(TOLD)


def test_a_section_that_begins_in_the_pick_up(read):
    song = "bpm: 120\npickup: 1/4\nsections: [SECTIONS]\nstems: {a: {source: {tone: {note: A2}}}}\n"
    (doubt,) = read(song.replace("SECTIONS", "verse: 4 bars")).doubts
    assert "sections[0].verse: begins with the pick-up, in bar 0, and its chords" in str(doubt)
    assert "such as `- upbeat: 1/4`" in str(doubt)
    assert read(song.replace("SECTIONS", "upbeat: 1/4, verse: 4 bars")).doubts == []
