"""Sections in seconds: placed to the sample where nothing counts bars, and refused where something does."""

from __future__ import annotations

import re

import pytest
import soundfile as sf

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation.problems import InvalidFileError


@pytest.fixture
def read(tmp_path, monkeypatch):
    """`read(sections, stems, more)` is a song at 120 bpm and 44.1 kHz of these, as YAML; `ref.wav` is a second."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()
    sf.write("ref.wav", [0.1] * 44_100, 44_100)

    def read(sections, stems, more=""):
        text = f"bpm: 120\nsession: {{sample_rate: 44100}}\nsections: {sections}\nstems: {stems}\n{more}\n"
        (tmp_path / "songs/x.yaml").write_text(text)
        return load_song("x", load_house({"songs": ["x"]}, []), "songs/x.yaml")

    return read


PODCAST = "[jingle: 3.7 s, talk: '2:03.33333', advert: 12345 ms, outro: 7 s + 10.01 ms]"
PODCAST_STEMS = """
  jingle: {source: {audio: {file: ref.wav}}, sections: [jingle, outro]}
  later: {source: {audio: {file: ref.wav, at: 127.03333 s, length: 0.5 s}}}
  voice: {source: {command: {argv: [sox, -n, "{output}"]}}, sections: [talk]}
  hum: {source: {stack: {layers: {a: {source: {tone: {note: A2}}}}}}, effects: [delay: {delay_length: 1/8}]}"""


def test_a_podcast(read):
    """Its sections end at 3.7, 127.03333, 139.37833 and 146.38834 s, times 44,100, each rounded by itself."""
    song = read(PODCAST, PODCAST_STEMS)
    ends = [163_170.0, 5_602_169.853, 6_146_584.353, 6_455_725.794]
    assert [s.end_frame for s in song.timeline.sections] == [round(end) for end in ends]
    assert song.timeline.frames == 6_455_726


TONE = "{a: {source: {tone: {note: A2}}}}"
DRUMS = "{a: {source: {drums: {patterns: {%s: {kick: x---}}}}}}"
LIMITED = "{a: {source: {drums: {patterns: {'*': {kick: x---}}}}, sections: [%s]}}"
AUDIO = "{a: {source: {audio: {file: ref.wav, %s}}}}"
ALLOWED = {
    "drums before it": ("[a: 2 bars, b: 3.7 s]", DRUMS % "a", ""),
    "drums, heard before it": ("[a: 2 bars, b: 3.7 s]", LIMITED % "a", ""),
    "no drums in it": ("[a: 2 bars, b: 3.7 s]", "{a: {source: {drums: {patterns: {'*': {kick: x}, b: {}}}}}}", ""),
    "drums on the grid again": ("[a: 1.7 s, b: 300 ms, c: 2 bars]", DRUMS % "c", ""),
    "bars with nothing in them": ("[a: 1.7 s, b: 2 bars]", TONE, ""),
    "a loop that ends where it begins": ("[a: 2 bars, b: 3.7 s]", AUDIO % "loop_bars: 1, loop_length: 2 bars", ""),
    "a recording placed before it": ("[a: 2 bars, b: 3.7 s]", AUDIO % "at: bar 2", ""),
    "a loop after the grid is met again": ("[a: 1.7 s, b: 300 ms, c: 2 bars]", AUDIO % "at: bar 2, loop_bars: 1", ""),
    "the length of the song": ("[a: 2 bars, b: remainder]", DRUMS % "'*'", "length: 5.3 s"),
    "a length in notes": ("[a: 2 bars + 1/16, b: 2 bars]", DRUMS % "b", ""),
    "a key that is not judged": ("[a: 1.7 s]", TONE, "key: D minor\ngates: {section_key: false}"),
    "a reference not to be on the beat": (
        "[a: 0.9 s]",
        "{a: {source: {reference: }}}",
        "reference: {file: ref.wav}\ngates: {grid: false, tempo: false}",
    ),
    "a recording not to be on the beat": (
        "[a: 1.7 s]",
        "{a: {source: {audio: {file: ref.wav}}, gates: {grid: false}}}",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_where_nothing_musical_hangs_on_it(read, name):
    assert read(*ALLOWED[name]).timeline.frames > 0


REFUSED = [
    ("[a: 1 bar, b: %s, c: 2 bars]", "2.3 s", DRUMS % "c", ""),
    ("[a: %s, b: 2 bars, c: 1 bar]", "2.3 s", DRUMS % "c", ""),
    ("[a: %s, b: 1 bar]", "3.1 s", AUDIO % "at: bar 2 beat 4", ""),
    ("[a: %s]", "0.51 s", AUDIO % "length: 2 bars", ""),
    ("[a: 1/8t, b: %s, c: 1 bar]", "2.3 s", LIMITED % "c", ""),
    ("[a: 1/8, b: %s, c: 1 bar]", "7.2 s", DRUMS % "'*'", "changes: [{bar: 2, bpm: 61, meter: 7/8}]"),
    ("[a: 1 bar, b: %s, c: {length: 1 bar, key: G}]", "2.3 s", TONE, ""),
]


@pytest.mark.parametrize("sections, length, stems, more", REFUSED)
def test_the_lengths_that_are_named_are_allowed(read, sections, length, stems, more):
    with pytest.raises(InvalidFileError, match="would end off the grid") as caught:
        read(sections % length, stems, more)
    named = re.findall(r"([\d/]+(?: beats?)?) \([\d.]+ s\)", str(caught.value))
    assert len(named) == 2
    for length in named:
        assert read(sections % length, stems, more).timeline.frames > 0


def test_it_is_told_with_what_else_is_wrong(read):
    lost = "a: {source: {audio: {file: none.wav, at: bar 1 beat 9}}}"
    with pytest.raises(InvalidFileError) as caught:
        read("[a: 1.7 s, b: 1 bar]", f"{{{lost}, b: {DRUMS[4:-1] % 'b'}}}")
    assert [problem.path for problem in caught.value.problems] == [
        ("sections", 0),
        ("stems", "a", "source", "audio", "file"),
    ]
