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


def test_a_loop_starts_with_its_section_and_repeats(loop):
    assert in_section(loop, 8, 14, loop_bars=1) == [(8, 9, 60), (10, 12, 64), (12, 13, 60)]
    assert in_section(loop, 8, 24, loop_bars=2) == [(8, 9, 60), (10, 16, 64), (16, 17, 60), (18, 24, 64)]
