"""The gate of cue sheets: a sheet that says something else than was planned is refused, with the first difference."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from stemwright.delivery.cue_sheet import CueSheet, CueTrack, write_cue
from stemwright.gates import Subject, make, verify

SHEET = CueSheet(
    "n.wav",
    'N "1"',
    "",
    "",
    (CueTrack("One", "x", "", 0, None), CueTrack("Two", "", "USRC17607839", 400, 300)),
)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("", "", ""),
        ("INDEX 01 00:05:25", "INDEX 01 00:05:26", "track 2 has mark 401, expected 400"),
        ('TITLE "One"', 'TITLE "Won"', "track 1 has title 'Won', expected 'One'"),
        ("USRC17607839", "USRC17607830", "track 2 has isrc"),
        ("N '1'", "N '2'", "the disc has title"),
        ("  TRACK 02 AUDIO\n", "  TRACK 03 AUDIO\n", "is not track 02"),
        (write_cue(SHEET)[write_cue(SHEET).index("  TRACK 02") :], "", "it has 1 tracks, expected 2"),
    ],
)
def test_a_sheet_that_says_something_else(tmp_path, old, new, said):
    text = write_cue(SHEET)
    assert old in text
    (tmp_path / "n.cue").write_text(text.replace(old, new) if old else text)
    subject = Subject(str(tmp_path / "n.cue"), "cue", context={"cue": asdict(SHEET)})
    (check,) = verify(subject, make({"cue": {}})).checks
    assert check.status == ("fail" if said else "pass") and said in check.measured


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "n.cue").write_bytes(b"\xff\xfe")
    (check,) = verify(
        Subject(str(tmp_path / "n.cue"), "cue", context={"cue": asdict(SHEET)}), make({"cue": {}})
    ).checks
    assert check.status == "fail"
