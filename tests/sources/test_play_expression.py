"""How notes are played: pitch against closed forms, strums to the frame, dynamics, varied repeats, palm mute."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from midi_bytes import CONTROL, OFF, ON, midi, track
from scipy import signal
from tempo_maps import timeline

from stemwright import sources
from stemwright.music.harmony.chart import read_chart
from stemwright.music.harmony.section import Harmony
from stemwright.music.render_context import RenderContext

RATE = 8_000
HELD = {"attack_ms": 5.0, "decay_ms": 5.0, "sustain": 1.0, "release_ms": 30.0}
OPEN = {"cutoff_hz": 20_000.0, "tracking": 0.0, "velocity_octaves": 0.0}
SINE = {"subtractive": {"oscillators": [{"wave": "sine"}], "filter": OPEN, "envelope": HELD}}
OPERATOR = {"level": 1.0, "velocity": 0.0, "envelope": HELD}
FM = {"fm": {"algorithm": 8, "operators": [OPERATOR, *[{**OPERATOR, "level": 0.0}] * 3]}}
ORGAN = {"organ": {"drawbars": "00 8000 000", "click": 0.0, "rotor_depth": 0.0}}
STRING = {"plucked": {"decay_s": 20.0, "body": "none", "pick_position": 0.5, "brightness_hz": 200.0}}


def context(length="2 s", chart=None, bpm="120", seed="stem"):
    line = timeline(("a", length), rate=RATE, changes=[(1, bpm, "4/4")])
    chords = read_chart(chart, line.sections[0], line.tempo, "C major", 0, pytest.fail) if chart else ()
    harmony = [Harmony("C major", chords).to_dict(("key", "chords"))]
    return RenderContext(RATE, 1, line.frames, seed, line, harmony=harmony)


def notes(pattern):
    return {"notes": {"pattern": pattern}}


def play(part, instrument=SINE, **keys):
    return sources.make({"play": {"instrument": instrument, "parts": {"*": part}, **keys}})


def pitch_over_time(x, around):
    """The frequency at each frame, by the phase of the analytic signal around a frequency in Hz."""
    low_passed = signal.sosfiltfilt(signal.butter(4, 1.6 * around, fs=RATE, output="sos"), x)
    phase = np.unwrap(np.angle(signal.hilbert(low_passed)))
    smooth = np.convolve(np.gradient(phase) * RATE / (2 * np.pi), np.ones(32) / 32, "same")
    return 12 * np.log2(np.maximum(smooth, 1) / around)


def rise(x):
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0, 1))


MOTIONS = {
    "A4^": lambda t: 2 * rise((t - 0.05) / 0.16),
    "A4^5": lambda t: 5 * rise((t - 0.05) / 0.16),
    "A4~": lambda t: 0.25 * rise((t - 0.15) / 0.25) * np.sin(2 * np.pi * 5.5 * np.maximum(t - 0.15, 0)),
}


@pytest.mark.parametrize(
    ("instrument", "written"),
    [
        *((SINE, written) for written in MOTIONS),
        (FM, "A4^"),
        (ORGAN, "A4~"),
        (STRING, "A4^"),
        (STRING, "A4~"),
    ],
)
def test_bends_and_vibrato_follow_their_closed_form(instrument, written):
    x = np.concatenate(list(play(notes(f"{written} 1/1"), instrument).render(context())))[:, 0]
    n = np.arange(500, 12_000)
    found = pitch_over_time(x, 440.0)[n]
    expected = MOTIONS[written](n / RATE)
    assert np.max(np.abs(found - expected)) < 0.02


def test_a_slide_is_a_bend_where_an_instrument_does_not_glide():
    x = np.concatenate(list(play(notes("E4 1/4, ~A4 1/2."), FM).render(context())))[:, 0]
    n = np.arange(4_000 + 250, 12_000)  # once the first note is released
    expected = -5 * (1 - rise((n - 4_000) / RATE / 0.08))
    assert np.max(np.abs(pitch_over_time(x, 440.0)[n] - expected)) < 0.02


def test_modulation_in_a_midi_file_is_a_vibrato(tmp_path):
    """From the second beat on, of 50 cents; counted from the start of the song."""
    messages = [(0, (ON, 69, 100)), (96, (CONTROL, 1, 127)), (192, (OFF, 69, 0))]
    (tmp_path / "a.mid").write_bytes(midi(track(*messages)))
    on = replace(context(), files={"parts.*.midi.file": str(tmp_path / "a.mid")})
    x = np.concatenate(list(play({"midi": {"file": str(tmp_path / "a.mid")}}).render(on)))[:, 0]
    n = np.arange(500, 11_500)
    expected = np.where(n >= 4_000, 0.5 * np.sin(2 * np.pi * 5.5 * n / RATE), 0.0)
    off = np.abs(pitch_over_time(x, 440.0)[n] - expected)
    assert np.max(off[np.abs(n - 4_000) > 100]) < 0.02


def test_a_strum_is_exact_to_the_frame():
    part = {"chords": {"rhythm": "x-x-x-x-", "strum_ms": 33.0, "inversion": 0, "low": "C4"}}
    notes = play(part, step="1/8").notes(context("1 bar", "| Cmaj7 |", bpm="133"))
    assert len(notes) == 16
    for stroke in range(4):
        start = Fraction(stroke) * 60 / 133
        frames = [int((start + Fraction(33 * i, 3000)) * RATE + Fraction(1, 2)) for i in range(4)]
        assert [note.frame for note in notes[4 * stroke : 4 * stroke + 4]] == frames


def test_a_crescendo_scales_velocities():
    points = [{"at": "bar 1", "value": 0.5}, {"at": "bar 2", "value": 1.0}]
    line = {"steps": {"pattern": "x", "note": "C4", "step": "1/4"}}
    notes = play(line, dynamics=points).notes(context("2 bars"))
    expected = [0.8 * min(1.0, 0.5 + 0.125 * beat) for beat in range(8)]
    assert [note.velocity for note in notes] == [round(v * 127) / 127 for v in expected]


def test_a_crescendo_to_a_section_that_there_is_not():
    source = play({"steps": {"pattern": "x", "note": "C4"}}, dynamics=[{"at": "b", "value": 1.0}])
    assert [where for where, _ in source.problems(context())] == [("dynamics", 0, "at")]


def test_repeats_are_varied_and_the_first_time_is_as_written():
    line = {"steps": {"pattern": "xoxoxoxo", "note": "C4", "step": "1/8"}}
    once, again, other, plain = (
        play(line, vary=vary).notes(context("16 bars", seed=seed))
        for vary, seed in ((1.0, "a"), (1.0, "a"), (1.0, "b"), (0.0, "a"))
    )
    assert once == again != other
    assert once[:8] == plain[:8]
    apart = [note.frame - note.written for note in once[8:]]
    assert 3 < np.std(apart) / RATE * 1_000 < 9  # 6 ms
    ghosts = [note for note in once[8:] if note.velocity < 0.6]
    assert 15 < len(ghosts) < 45  # of 60, half are left out
    kit = {"drums": {"patterns": {"*": {"hat": "xoxo"}}, "vary": 1.0}}
    hits = list(sources.make(kit).hits(context("4 bars")))
    assert [frame for frame, *_ in hits[:4]] == [0, 1_000, 2_000, 3_000] and len(hits) < 64


def test_a_palm_is_laid_on_a_string_and_on_nothing_else():
    muted, ringing = (
        np.concatenate(list(play(notes(f"A2{sign} 1/2"), STRING).render(context())))[:, 0]
        for sign in ("m", "")
    )
    late = slice(4_000, 7_500)
    assert 20 * np.log10(np.std(muted[late]) / np.std(ringing[late])) < -20
    short = play(notes("A2m 1/2, A2m 1/2"))
    assert [note.frames for note in short.notes(context())] == [800, 800]
    told = "palm mute (m) is not an articulation of subtractive: these notes are made short instead"
    assert list(short.remarks(context())) == [told]
    assert not list(play(notes("A2m 1/2"), STRING).remarks(context()))


def test_notes_that_move_share_few_channels():
    """A SoundFont has 240: one for each would not be enough."""
    line = "A4~ 1/8, C5^1 1/8, rest 1/4, " * 200
    moving = play(notes(line.rstrip(", "))).notes(context("100 bars"))
    assert len(moving) > 300 and len({id(note.controls) for note in moving}) <= 3


def test_who_glides_and_who_mutes():
    """Also as a preset; others get a slide as controls, and a short note for a muted one."""
    for instrument in (SINE, {"preset": {"name": "mini-bass"}}):
        _, slid = play(notes("E4 1/4, ~A4m 1/2."), instrument).notes(context())
        assert (slid.glide_from, slid.controls, slid.is_muted, slid.frames) == (64, None, False, 800)
    for instrument in (STRING, {"preset": {"name": "nylon"}}):
        _, slid = play(notes("E4 1/4, ~A4m 1/2."), instrument).notes(context())
        assert slid.glide_from is None and slid.controls is not None
        assert (slid.is_muted, slid.frames) == (True, 12_000)
