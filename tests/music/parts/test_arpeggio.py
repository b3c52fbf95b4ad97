"""The part arpeggio."""

from __future__ import annotations

import pytest
from part_spans import make, names, pitches, played, span


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
