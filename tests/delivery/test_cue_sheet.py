"""Cue sheets: as cuetools reads them, and as we read them again."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.delivery.cue_sheet import CueSheet, CueTrack, read_cue, write_cue

SHEET = CueSheet(
    "night.wav",
    'Night "Lines"',
    "AC/DC & Søn",
    "0036000291452",
    (
        CueTrack("One", "AC/DC & Søn", "USRC17607839", 0, None),
        CueTrack("%t \\ 'two' ; REM", "Ünd 🎵", "", 5_025, None),
        CueTrack("TRACK 09 AUDIO", "", "GBAYE0601498", 270_074, 269_900),
    ),
)


def test_the_text():
    assert write_cue(SHEET).splitlines()[:8] == [
        "CATALOG 0036000291452",
        'PERFORMER "AC/DC & Søn"',
        "TITLE \"Night 'Lines'\"",
        'FILE "night.wav" WAVE',
        "  TRACK 01 AUDIO",
        '    PERFORMER "AC/DC & Søn"',
        '    TITLE "One"',
        "    ISRC USRC17607839",
    ]
    assert write_cue(SHEET).splitlines()[-2:] == ["    INDEX 00 59:58:50", "    INDEX 01 60:00:74"]


def test_cuetools_reads_every_field_and_every_time(needs, tmp_path):
    path = tmp_path / "night.cue"
    path.write_text(write_cue(SHEET), encoding="utf-8")
    template = ["-d", "%N|%P|%T\n", "-t", "%n|%p|%t|%i\n"]
    said = subprocess.run([needs("cueprint"), *template, path], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [
        "3|AC/DC & Søn|Night 'Lines'",
        "1|AC/DC & Søn|One|USRC17607839",
        "2|Ünd 🎵|%t \\ 'two' ; REM|",
        "3||TRACK 09 AUDIO|GBAYE0601498",
    ]
    toc = subprocess.run([needs("cueconvert"), "-o", "toc", path], capture_output=True, text=True, check=True)
    assert 'CATALOG "0036000291452"' in toc.stdout.splitlines()
    points = subprocess.run(
        [needs("cuebreakpoints"), "--split-gaps", path], capture_output=True, text=True, check=True
    )
    assert points.stdout.split() == ["1:07.00", "59:58.50", "60:00.74"]


_text = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30)
_sheets = st.builds(
    CueSheet,
    st.just("a.wav"),
    _text,
    _text,
    st.sampled_from(["", "4006381333931"]),
    st.lists(
        st.builds(
            CueTrack,
            _text,
            _text,
            st.sampled_from(["", "USRC17607839"]),
            st.integers(0, 400_000),
            st.none() | st.integers(0, 9),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
)


@settings(max_examples=30)
@given(_sheets)
def test_whatever_the_texts_are_it_says_the_same_when_read_again(sheet):
    found = read_cue(write_cue(sheet))
    assert found == replace(
        sheet,
        title=sheet.title.replace('"', "'"),
        performer=sheet.performer.replace('"', "'"),
        tracks=tuple(
            replace(t, title=t.title.replace('"', "'"), performer=t.performer.replace('"', "'"))
            for t in sheet.tracks
        ),
    )


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("INDEX 01 00:00:00", "INDEX 01 00:00:75", "'00:00:75' is no time"),
        ("INDEX 01 60:00:74", "INDEX 02 60:00:74", "INDEX 01 is missing"),
        ("TRACK 02", "TRACK 03", "line 10 is not track 02"),
        ('TITLE "One"', 'TITLE "One', "line 7 is no command"),
        ('TITLE "One"', 'PERFORMER "One"', "line 7 repeats PERFORMER"),
        ('FILE "night.wav" WAVE\n', "", "FILE is missing"),
    ],
)
def test_a_sheet_with_a_fault_is_named_by_line(old, new, said):
    text = write_cue(SHEET)
    assert old in text
    with pytest.raises(ValueError, match=said):
        read_cue(text.replace(old, new))
