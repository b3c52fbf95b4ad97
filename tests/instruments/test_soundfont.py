"""SoundFonts as instruments: tuned, on time, the same twice, and what is told of mistakes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from soundfonts import played, soundfont

from stemwright.base.errors import StemwrightError
from stemwright.instruments import Note
from stemwright.instruments.soundfont import Soundfont
from stemwright.instruments.soundfonts import fluidsynth, sf2
from stemwright.music.pitch import frequency
from stemwright.music.render_context import RenderContext


def hertz_of(wave, rate, near):
    """The frequency of a steady tone near to one, by the turn of its phase between two windows."""
    turning = wave * np.exp(-2j * np.pi * near * np.arange(len(wave)) / rate)
    size, apart = len(wave) // 4, len(wave) // 2
    a, b = (np.sum(turning[at : at + size] * np.hanning(size)) for at in (0, apart))
    return near + np.angle(b * np.conj(a)) / (2 * np.pi) * rate / apart


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("pitch", [45, 69, 69.25, 71.013, 80.5, 93])
def test_tuned_to_a_cent(needs, sine, rate, pitch):
    needs("fluidsynth")
    wave = played(sine, Note(0, 2 * rate, pitch, 1.0), rate=rate)[:, 0]
    expected = frequency(pitch)
    assert len(wave) == 2 * rate
    found = hertz_of(wave[rate // 2 : rate * 3 // 2], rate, expected * 1.0003)
    assert abs(1200 * np.log2(found / expected)) < 0.6


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_notes_begin_within_a_third_of_a_millisecond(needs, sine, rate):
    """The onset of each note against that of the same note at a frame that lies on FluidSynth's grid."""
    needs("fluidsynth")

    def onset(frame):
        wave = np.abs(played(sine, Note(frame, 4_000, 93, 1.0), rate=rate, seconds=0.5)).max(axis=1)
        return np.flatnonzero(wave > 1e-3)[0]  # of a file whose own attack is 1 ms

    late = [
        (onset(frame) - frame) * 1000 / rate
        for frame in (0, 32, 1_000, 1_007, 1_015, 1_024, 1_031, 5_555, 9_999)
    ]
    assert max(abs(each - late[0]) for each in late) < 0.36 and 0 <= late[0] < 0.8


def test_the_shortest_note_is_heard(needs, sine):
    needs("fluidsynth")
    assert np.max(np.abs(played(sine, Note(4_800, 1, 69, 1.0), seconds=0.5))) > 0.01


def test_velocity_and_equal_notes(needs, sine):
    needs("fluidsynth")
    loud, again, soft = (
        played(sine, Note(0, 9_600, 69, velocity), seconds=0.5) for velocity in (1.0, 1.0, 0.5)
    )
    assert np.array_equal(loud, again)
    fall = 20 * np.log10(np.max(np.abs(soft)) / np.max(np.abs(loud)))
    assert fall == pytest.approx(40 * np.log10(64 / 127), abs=0.5)  # SF 2.04, 8.4.1: 960 cB, concave
    assert -20 < 20 * np.log10(np.max(np.abs(loud))) < -6


def test_a_note_struck_again_while_held_is_held_for_its_own_length(needs, sine):
    needs("fluidsynth")
    wave = played(sine, Note(0, 48_000, 69, 1.0), Note(24_000, 48_000, 69, 1.0))[:, 0]
    level = [np.abs(wave[at : at + 2_400]).max() for at in (12_000, 36_000, 60_000, 84_000)]
    assert level[1] == pytest.approx(level[0], rel=0.02) == pytest.approx(level[2], rel=0.02)
    assert level[3] < 0.01 * level[0]


def test_mono_is_the_mean_of_both_sides(needs, gm):
    note = Note(0, 24_000, 60, 0.8)
    stereo, mono = (played(gm, note, channels=channels, seconds=1, preset=0) for channels in (2, 1))
    assert mono[:, 0] == pytest.approx(stereo.mean(axis=1), abs=1e-7) and mono.any()


def test_presets_of_general_midi(gm):
    """By name and by number they are the same; another, and one of another bank, are not."""
    note = Note(0, 24_000, 60, 0.8)
    names = sf2.presets(gm)
    assert len(names) > 128 and names[0, 24] and names[128, 0]
    by_number = played(gm, note, seconds=1, preset=24)
    assert np.max(np.abs(by_number)) > 0.02
    assert np.array_equal(by_number, played(gm, note, seconds=1, preset=names[0, 24].upper()))
    for keys in ({"preset": 25}, {"bank": 128}):
        assert np.max(np.abs(played(gm, note, seconds=1, **keys) - by_number)) > 1e-3


def test_blocks_do_not_matter(needs, sine, monkeypatch):
    needs("fluidsynth")
    notes = [Note(n * 5_000, 9_000, 60 + n, 0.7) for n in range(8)]
    before = played(sine, *notes)
    blocks = fluidsynth.FluidSynth.blocks
    monkeypatch.setattr(fluidsynth.FluidSynth, "blocks", lambda self, count: blocks(self, count, 7))
    assert np.array_equal(played(sine, *notes), before)


def test_notes_outside_of_midi(needs, sine):
    needs("fluidsynth")
    for pitch in (-1, 128):
        with pytest.raises(StemwrightError, match="MIDI notes 0 to 127"):
            played(sine, Note(0, 100, pitch, 1.0))


# --- files and presets ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"preset": -1}, "must be a preset's number, 0 to 127, or its name"),
        ({"preset": 128}, "must be a preset's number"),
        ({"preset": ""}, "must be a preset's number"),
        ({"preset": True}, "must be a preset's number"),
        ({"preset": 1.5}, "must be a preset's number"),
        ({"bank": 16_384}, "less than or equal to 16383"),
    ],
)
def test_mistakes_in_keys(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(Soundfont).validate_python({"file": "x.sf2", **keys})


def test_of_what_is_no_file_the_check_of_files_tells(tmp_path):
    assert list(Soundfont(str(tmp_path)).problems(RenderContext(8_000, 1, 1))) == []
    ((_, message),) = Soundfont(str(tmp_path / "x.sf2")).problems(RenderContext(8_000, 1, 1))
    assert "there is no such SoundFont" in message


def test_hits_are_apart_and_end_with_their_sound(needs, sine, tmp_path):
    """Each on its own: nothing of the one before is in it, whose key sounded until its end."""
    needs("fluidsynth")
    context = RenderContext(48_000, 2, 96_000, files={"file": sine})

    def hits(*notes):
        return [sound for _, sound in Soundfont("input").sounds(notes, context)]

    long, short = Note(0, 48_000, 45, 1.0), Note(0, 4_800, 93.25, 0.5)
    (_, after), (alone,) = hits(long, short), hits(short)
    assert np.max(np.abs(after - alone)) < 1e-6 < 0.01 < np.max(np.abs(alone))
    assert hertz_of(alone[480:4_320, 0], 48_000, frequency(93.25)) == pytest.approx(
        frequency(93.25), rel=1e-3
    )
    assert 4_800 <= len(alone) <= 9_600 and np.max(np.abs(alone[-5:])) < 1e-3
    silent = str(tmp_path / "silent.sf2")
    Path(silent).write_bytes(soundfont(amplitude=0))
    with pytest.raises(StemwrightError, match="has no sound at MIDI key 0"):
        list(Soundfont("input").sounds([Note(0, 4_800, 0, 1.0)], replace(context, files={"file": silent})))


@pytest.mark.parametrize(
    "keys, is_below",
    [
        ({"preset": 15}, False),
        ({"preset": 16}, True),
        ({"preset": 23, "bank": 0}, True),
        ({"preset": 24}, False),
        ({"preset": 16, "bank": 128}, False),
        ({"preset": "Church Organ"}, True),
        ({"preset": "Piano"}, False),
    ],
)
def test_organs_of_general_midi_have_partials_below_their_notes(keys, is_below):
    assert Soundfont(file="x.sf2", **keys).sounds_below == is_below
