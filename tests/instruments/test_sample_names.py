"""What the names of recordings say, as libraries name them: the note, and how hard it was played."""

import pytest

from stemwright.instruments._sample_names import layers_of, roots_of
from stemwright.music.pitch import parse_note


@pytest.mark.parametrize(
    "name, notes",
    [
        ("piano_C3.wav", ["C3"]),
        ("C#4-2.wav", ["C#4"]),
        ("C-1.wav", ["C-1"]),
        ("Bb2v3.flac", ["Bb2"]),
        ("guitar-fs2 v2.WAV", ["F#2"]),
        ("loop 120bpm A0v16.wav", ["A0"]),
        ("C4_C4.wav", ["C4"]),
        ("Bass_F2.wav", ["F2"]),
        ("kick.wav", []),
        ("pad3.wav", []),
        ("A440.wav", []),
        ("C12.wav", []),
        ("G#9.wav", []),
        ("A1_take_e5.aif", ["A1", "E5"]),
        ("Cello_C2_f1.wav", ["C2", "F1"]),
        ("Cello.arco.ff.sulC.C2B2.aif", ["C2", "B2"]),
    ],
)
def test_the_notes_in_a_name(name, notes):
    assert list(roots_of(name)) == [parse_note(note) for note in notes]


NUMBERS = [
    "x_C2_v1_1.wav",
    "C2v2.flac",
    "dyn3_rr1_C2.wav",
    "C2 layer4.wav",
    "Piano C2 v10.wav",
    "vel_064 C2.wav",
]
DYNAMICS = [
    ("x.ppp.C2.wav",),
    ("Piano.pp.C2.aiff", "cello_C2_1_pianissimo.mp3", "Soft Piano C2 pp.wav"),
    ("x_C2_p.wav", "C2 p1.wav", "cello_C2_1_piano_arco-normal.mp3", "snare_soft_C2.wav"),
    ("x_C2_MP.wav", "cello_C2_1_mezzo-piano.mp3", "mezzopiano C2.wav"),
    ("C2mf.wav", "cello_C2_1_mezzo-forte.mp3", "snare C2 medium.wav"),
    ("Piano_f_C2.wav", "x C2 forte.wav", "snare_hard_C2.wav", "snare_C2-loud.wav"),
    ("Piano.ff.C2.aiff", "Grand piano fortissimo C2.wav", "C2_FF2.wav"),
    ("x.C2.fff.wav",),
]


def test_layers_are_in_order():
    """Numbers as numbers, dynamics from soft to loud; those of one line are the same."""
    numbers = [list(layers_of(name)) for name in NUMBERS]
    assert numbers == [[("number", n)] for n in (1, 2, 3, 4, 10, 64)]
    for place, names in enumerate(DYNAMICS):
        assert {name: list(layers_of(name)) for name in names} == {
            name: [("dynamics", place)] for name in names
        }


@pytest.mark.parametrize(
    "name", ["piano_C3.wav", "Bass_F2.wav", "pad_C3_fast.wav", "ArcoVib_A3.wav", "C3-1.wav"]
)
def test_names_without_a_layer(name):
    assert layers_of(name) == {}


@pytest.mark.parametrize("name, words", [("C2_pp-ff.wav", ["pp", "ff"]), ("C2_ff_v2.wav", ["v2", "ff"])])
def test_both_readings_of_a_layer(name, words):
    assert list(layers_of(name).values()) == words
