"""Notes under the controls of a MIDI channel: pitch by the closed form, levels and ends as FluidSynth has them."""

import numpy as np
import pytest
import soundfile as sf
from midi_bytes import CONTROL, OFF, ON, midi, track
from midi_played import RATE, hertz_of, levels, played, played_by_fluidsynth

from stemwright.instruments import Note, make
from stemwright.instruments.dsp.controlled import Course
from stemwright.music.controls import Bend, Controls, Level
from stemwright.music.render_context import RenderContext

NOTE, END = (0, (ON, 69, 100)), (384, (OFF, 69, 0))  # A4, two seconds


def control(delta, number, value, channel=0):
    return delta, (CONTROL | channel, number, value)


def bend(delta, value):
    return delta, (0xE0, value & 127, value >> 7)


def parameter(number, coarse, fine=0):
    return [control(0, 101, 0), control(0, 100, number), control(0, 6, coarse), control(0, 38, fine)]


INSTRUMENTS = {
    "soundfont": {"soundfont": {"file": "x"}},
    "sampler": {"sampler": {"folder": "x"}},
    "subtractive": {"subtractive": {}},
    "fm": {"fm": {"operators": [{"level": 1.0}, *[{"level": 0.0}] * 3]}},
    "organ": {"organ": {"drawbars": "00 8000 000", "click": 0.0, "rotor_depth": 0.0}},
    "plucked": {"plucked": {"decay_s": 20}},
    "preset": {"preset": {"name": "saw-lead"}},
}


@pytest.fixture
def on_instrument(needs, sine, tmp_path):
    """Plays a track on an instrument, of 440 Hz at A4."""

    def of(kind, *moments, seconds=2, **keys):
        if kind == "soundfont":
            needs("fluidsynth")
        if kind == "sampler":
            wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE)
            sf.write(tmp_path / "A4.wav", wave, RATE, subtype="FLOAT")
        files = {
            "instrument.soundfont.file": sine,
            "instrument.sampler.folder.A4.wav": str(tmp_path / "A4.wav"),
        }
        return played(midi(track(*moments)), tmp_path, INSTRUMENTS[kind], files, seconds, **keys)

    return of


@pytest.mark.parametrize("kind", INSTRUMENTS)
def test_bends_are_played_by_every_instrument(on_instrument, kind):
    """Up by the default range of two semitones before the note, down by seven and a half, with its range, within it."""
    down = [bend(192, 8_192), *parameter(0, 7, 50), bend(0, 0)]
    wave = on_instrument(kind, bend(0, 16_383), NOTE, *down, END)
    for semitones, start, end in ((2, 0.2, 0.9), (-7.5, 1.1, 1.9)):
        expected = 440 * 2 ** (semitones / 12)
        heard = hertz_of(wave[round(start * RATE) : round(end * RATE)], expected * 1.0005)
        limit = 4 if kind == "preset" else 1  # its vibrato
        assert abs(1200 * np.log2(heard / expected)) < limit, semitones


STEPS = [
    # The default volume and the full expression, then each alone, both, more than the default, and reset by 121.
    *[NOTE, control(96, 11, 64), control(96, 7, 50), control(96, 11, 127), control(96, 7, 127)],
    *[control(48, 11, 0), control(48, 121, 0), END],
]


@pytest.mark.parametrize("kind", ["soundfont", "sampler", "organ", "subtractive", "fm"])
def test_volume_and_expression_as_fluidsynth_has_them(on_instrument, needs, sine, tmp_path, kind):
    """Each step against the first, within a tenth of a dB."""
    ours = levels(on_instrument(kind, *STEPS, seconds=4))
    theirs = levels(played_by_fluidsynth(needs("fluidsynth"), midi(track(*STEPS)), tmp_path, sine))
    heard = [4, 14, 24, 34, 44, 54]  # in the middle of each step, past the attack
    found, expected = ours[heard] / ours[4], theirs[heard] / theirs[4]
    assert found == pytest.approx(expected, rel=0.012, abs=1e-3)
    # 40 log10 for each controller (GM level 2); silence; controller 121 leaves the volume alone.
    gains = [1, 64 / 127, 64 / 127 / 2, 0.5, 1.27, 1.27]
    assert found[:4] == pytest.approx([gain**2 for gain in gains[:4]], rel=0.012)


ENDS = {
    "all notes off": [NOTE, control(96, 123, 0), END],
    "all notes off under a pedal": [control(0, 64, 127), NOTE, control(96, 123, 0), control(96, 64, 0), END],
    "all sound off under a pedal": [control(0, 64, 127), NOTE, control(96, 120, 0), control(96, 64, 0), END],
    "reset lifts the pedals": [
        control(0, 64, 127),
        NOTE,
        (48, (OFF, 69, 0)),
        control(48, 121, 0),
        control(99, 7, 1),
    ],
    "omni off": [NOTE, control(96, 124, 0), END],
    "omni on": [NOTE, control(96, 125, 0), END],
    "mono": [NOTE, control(96, 126, 1), END],
    "poly": [NOTE, control(96, 127, 0), END],
    "GM on": [NOTE, (96, (0xF0, 5, 0x7E, 0x7F, 9, 1, 0xF7)), END],
    "sostenuto": [NOTE, control(24, 66, 127), (24, (OFF, 69, 0)), control(48, 66, 0), control(99, 7, 1)],
    "sostenuto too late": [
        NOTE,
        (96, (OFF, 69, 0)),
        control(0, 66, 127),
        control(99, 66, 0),
        control(9, 7, 1),
    ],
}


@pytest.mark.parametrize("name", ENDS)
def test_notes_end_where_fluidsynth_ends_them(needs, sine, tmp_path, name):
    data = midi(track(*ENDS[name]))
    theirs = played_by_fluidsynth(needs("fluidsynth"), data, tmp_path, sine)
    ends = [np.flatnonzero(np.abs(theirs) > 1e-3)[-1] / RATE]
    for instrument in ("soundfont", "organ"):
        wave = played(data, tmp_path, INSTRUMENTS[instrument], {"instrument.soundfont.file": sine})
        ends.append(np.flatnonzero(np.abs(wave) > 1e-3)[-1] / RATE)
    assert ends[1:] == pytest.approx([ends[0]] * 2, abs=0.03)  # their releases: 20 ms


def test_all_sound_off_cuts_releases_off(tmp_path):
    """A pad with a release of seconds: all notes off begins it, all sound off ends it, and the next note sounds."""
    moments = [NOTE, control(96, 123, 0), control(96, 120, 0), (96, (ON, 69, 100)), (96, (OFF, 69, 0))]
    loud = levels(played(midi(track(*moments)), tmp_path, {"preset": {"name": "prophet-pad"}}, seconds=2))
    assert loud[14] > 0.1 * loud[8] and not loud[21:30].any() and loud[36] > 0.5 * loud[6]


def test_a_bent_sound_is_nothing_but_bent():
    """A sweep of a sine, against its closed form, and above half the sample rate nothing folds back."""
    bends = tuple(Bend(at, 12 * at / 40_000) for at in range(0, 40_001, 400))
    course = Course(Controls(bends), 69, 0, 44_000, RATE)
    speed = np.repeat([2 ** (b.semitones / 12) for b in bends], [400] * 100 + [4_000])
    place = np.concatenate([[0], np.cumsum(speed)])
    assert course.bend == 0 and course.held == round(place[-1])
    for hertz, level in ((10_000, 0.5), (23_000, 0.5)):
        source = level * np.sin(2 * np.pi * hertz * np.arange(course.held) / RATE)
        read = course.apply(source[:, None])[500:43_000, 0]
        if hertz < 12_000:
            assert read == pytest.approx(
                level * np.sin(2 * np.pi * hertz * place[500:43_000] / RATE), abs=1e-3
            )
        else:
            assert np.max(np.abs(read[10_000:])) < 1e-3


def test_levels_change_without_a_click():
    levels_ = (Level(0, 100, 127), Level(10_000, 100, 40), Level(10_100, 100, 90), Level(20_000, 127, 127))
    wave = Course(Controls((), levels_), 69, 0, 30_000, RATE).apply(np.ones((30_000, 1)))[:, 0]
    assert wave[[9_999, 19_999, 29_999]] == pytest.approx([1, (90 / 127) ** 2, 1.27**2], abs=1e-9)
    assert np.max(np.abs(np.diff(wave))) < 0.01 and np.max(np.abs(np.diff(wave, 2))) < 1e-4


def test_humanised_notes_keep_what_they_begin_with():
    """A note that is moved before the bend that was written with it is bent from its beginning."""
    controls = Controls((Bend(1_000, 2.0),), (), (1_000,))
    note = Note(900, 20_000, 69.0, 1.0, controls=controls, written=1_000)
    wave = np.concatenate(list(make(INSTRUMENTS["fm"]).play([note], RenderContext(RATE, 1, 24_000))))[:, 0]
    plain = Note(900, 20_000, 71.0, 1.0)
    expected = np.concatenate(list(make(INSTRUMENTS["fm"]).play([plain], RenderContext(RATE, 1, 24_000))))[
        :, 0
    ]
    assert np.array_equal(wave, expected)


@pytest.mark.parametrize("kind", ["subtractive", "fm", "organ", "plucked"])
@pytest.mark.parametrize("pitch", [0, 60, 127])
def test_bends_without_measure_are_bounded(kind, pitch):
    """A range of 127 semitones, from one end to the other: sound of a bounded length and size, or silence."""
    controls = Controls((Bend(0, -127.0), Bend(1_000, 127.0), Bend(2_000, -127.0)))
    course = Course(controls, pitch, 0, 3_000, 8_000)
    assert 0 <= pitch + course.bend <= 127 and course.held < 20 * 3_000
    note = Note(0, 3_000, float(pitch), 1.0, controls=controls)
    wave = np.concatenate(list(make(INSTRUMENTS[kind]).play([note], RenderContext(8_000, 1, 16_000))))
    assert np.all(np.isfinite(wave)) and np.max(np.abs(wave)) < 1.5
