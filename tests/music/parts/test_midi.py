"""The part midi: what a section plays of a file."""

from __future__ import annotations

from fractions import Fraction

import pytest
from midi_bytes import OFF, ON, midi, tempo_map, track

from stemwright.music.parts import Span
from stemwright.music.parts.midi import Midi
from stemwright.music.timeline import parse_duration


@pytest.fixture
def loop(tmp_path):
    path = tmp_path / "loop.mid"
    path.write_bytes(
        midi(track((0, (ON, 60, 100)), (96, (OFF, 60, 0)), (96, (ON, 64, 100)), (576, (OFF, 64, 0))))
    )
    return str(path)


def in_section(path, start, end, **keys):
    on = Span(
        Fraction(start),
        Fraction(end),
        tempo_map((1, 120, "4/4")),
        parse_duration("1/8"),
        files={"file": path},
    )
    return [(float(e.start), float(e.end), e.pitch) for e in Midi("x", **keys).events(on)]


def test_a_section_plays_what_begins_in_it(loop):
    assert in_section(loop, 0, 2) == [(0, 1, 60)]
    assert in_section(loop, 2, 4) == [(2, 8, 64)]
    assert in_section(loop, 4, 8) == []


def test_a_note_played_early_belongs_to_the_section_that_it_leads_into(tmp_path):
    """Less than a 64th note, 1/16 of a quarter, before it; what begins earlier belongs to the section before."""
    path = tmp_path / "played.mid"
    at = [0, 4 * 480 - 30, 4 * 480 - 29, 8 * 480 - 3, 12 * 480 - 1]
    moments, before = [], 0
    for tick in at:
        moments += [(tick - before, (ON, 60, 100)), (1, (OFF, 60, 0))]
        before = tick + 1
    path.write_bytes(midi(track(*moments), division=480))
    sections = [in_section(str(path), start, start + 4) for start in (0, 4, 8, 12)]
    assert [[round(480 * start) for start, *_ in section] for section in sections] == [
        at[:2],
        at[2:3],
        at[3:4],
        at[4:],
    ]


def test_a_note_played_early_in_a_loop_belongs_to_its_next_turn(tmp_path):
    path = tmp_path / "loop.mid"
    moments = [(0, (ON, 60, 100)), (96, (OFF, 60, 0)), (4 * 480 - 96 - 5, (ON, 62, 100)), (100, (OFF, 62, 0))]
    path.write_bytes(midi(track(*moments), division=480))
    found = in_section(str(path), 8, 16, loop_bars=1)
    early = [
        (round((start - 8) * 480), round((end - start) * 480)) for start, end, pitch in found if pitch == 62
    ]
    assert early == [(-5, 100), (4 * 480 - 5, 100)]


def test_controls_go_with_the_notes(tmp_path):
    path = tmp_path / "loop.mid"
    bend, wheel = (96, (0xE0, 0x7F, 0x7F)), (0, (0xB0, 1, 127))
    path.write_bytes(midi(track((0, (ON, 60, 100)), bend, wheel, (0, (0xB0, 7, 50)), (96, (OFF, 60, 0)))))
    on = Span(
        Fraction(8),
        Fraction(16),
        tempo_map((1, 120, "4/4")),
        parse_duration("1/8"),
        files={"file": str(path)},
    )
    first, second = Midi("x", loop_bars=1).events(on)
    assert first.controls is second.controls
    assert first.controls.bends == ((8, 0.0), (9, 2.0), (12, 0.0), (13, 2.0))
    assert first.controls.levels == ((8, 100, 127), (9, 50, 127), (12, 100, 127), (13, 50, 127))
    assert first.controls.depths == ((8, 0.0), (9, 0.5), (12, 0.0), (13, 0.5))
    whole = Span(Fraction(0), Fraction(8), on.tempo, on.step, files=on.files)
    (event,) = Midi("x").events(whole)
    assert event.controls.bends == ((1, 2.0),) and event.controls.levels == ((1, 50, 127),)


def test_a_loop_starts_with_its_section_and_repeats(loop):
    assert in_section(loop, 8, 14, loop_bars=1) == [(8, 9, 60), (10, 12, 64), (12, 13, 60)]
    assert in_section(loop, 8, 24, loop_bars=2) == [(8, 9, 60), (10, 16, 64), (16, 17, 60), (18, 24, 64)]
