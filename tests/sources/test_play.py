"""The source play: notes on the timeline's frames, swung and humanised, in each section's harmony."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from stemwright import instruments, sources
from stemwright.instruments import Instrument, Note
from stemwright.music.harmony.chart import read_chart
from stemwright.music.harmony.scale import transpose_key
from stemwright.music.harmony.section import Harmony
from stemwright.music.midi_file import read_midi, write_midi
from stemwright.music.parts import Event
from stemwright.music.pitch import frequency, parse_note
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)


@dataclass(frozen=True)
class Beep(Instrument):
    """A sine as long as its note, from its first sample on."""

    glides = True

    def sound(self, note, rate, channels, seed):
        n = np.arange(note.frames)
        wave = (
            note.velocity
            * np.cos(2 * np.pi * frequency(note.pitch) / rate * n)
            * np.minimum(1, (note.frames - n) / 200)
        )
        return np.repeat(wave[:, None], channels, axis=1)


@pytest.fixture(autouse=True)
def beep(monkeypatch):
    monkeypatch.setattr(instruments, "make", lambda entry: Beep())


def context(*sections, bpm="120", rate=8_000, meter="4/4", seed="stem", changes=()):
    """Sections as (name, length, key, chart, transpose)."""
    tempo = TempoMap([TempoChange(1, parse_bpm(bpm), parse_time_signature(meter)), *changes])
    sections = [(*section, *(None, None, 0)[len(section) - 2 :]) for section in sections]
    line = Timeline.build(
        rate, tempo, None, [(name, parse_duration(span), None) for name, span, *_ in sections]
    )
    harmony = [
        Harmony(
            key and transpose_key(key, move),
            read_chart(chart, span, tempo, key, move, pytest.fail) if chart else (),
        )
        for span, (_, _, key, chart, move) in zip(line.sections, sections, strict=True)
    ]
    return RenderContext(
        rate, 1, line.frames, seed, line, harmony=[part.to_dict(("key", "chords")) for part in harmony]
    )


def play(parts, **keys):
    return sources.make({"play": {"instrument": {"beep": {}}, "parts": parts, **keys}})


def degrees(pattern, **keys):
    return {"degrees": {"pattern": pattern, **keys}}


def steps(pattern="x", note="A3", **keys):
    return {"steps": {"pattern": pattern, "note": note, **keys}}


def rounded(frames):
    return int((2 * Fraction(frames) + 1) // 2)


def rendered(source, on):
    return np.concatenate(list(sources.render(source, on, None)))[:, 0]


def problems(source, on):
    return [(".".join(map(str, where)), message) for where, message in source.problems(on)]


# --- when -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", ["97", "123.456", "400/3", "61.7"])
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_notes_sound_on_the_timeline_s_frames(bpm, rate):
    on = context(("a", "25 bars"), bpm=bpm, rate=rate)
    wave = rendered(play({"a": steps("x-", step="1/8")}), on)
    sounding = np.concatenate([[False], wave != 0])
    starts = np.flatnonzero(sounding[1:] & ~sounding[:-1]).tolist()
    assert starts == [rounded(60 * beat / Fraction(bpm) * rate) for beat in range(100)]


def test_equal_notes_are_equal_sounds_wherever_they_stand():
    """No step is a whole number of frames long: each is rounded for itself."""
    on = context(("a", "100 bars"), bpm="123.456")
    notes = play({"a": steps()}).notes(on)
    assert len(notes) == 800 and {note.frames for note in notes} == {
        rounded(8_000 * 30 / Fraction("123.456"))
    }
    assert len({b.frame - a.frame for a, b in pairwise(notes)}) == 2


def test_notes_follow_changes_of_tempo_and_meter():
    on = context(("a", "2 bars"), changes=[TempoChange(2, parse_bpm("60"), parse_time_signature("3/4"))])
    notes = play({"a": steps("x__", step="1/2")}).notes(on)
    assert notes[0].frame == 0 and notes[0].frames == 4 * 4_000 + 2 * 8_000
    assert notes[1].frame == 4 * 4_000 + 2 * 8_000 and notes[1].frames == 8_000


@pytest.mark.parametrize("swing", [0.5, 0.55, 0.66, 0.75])
def test_swing_moves_every_second_step_from_the_section_on(swing):
    on = context(("before", "1 bar"), ("a", "2 bars"))
    notes = play({"a": steps("x")}, swing=swing).notes(on)
    late = Fraction(str(swing)) * 4_000
    assert [note.frame for note in notes] == [
        rounded(16_000 + n * 4_000 + at) for n in range(8) for at in (0, late)
    ]
    assert [note.frames for note in notes[:2]] == [rounded(late), rounded(4_000 - late)]


def test_swing_counts_in_steps_of_play_and_keeps_lengths_together():
    on = context(("a", "1 bar"))
    notes = play({"a": steps("x")}, swing=0.6, step="1/16").notes(on)
    assert [note.frame for note in notes[:4]] == [0, 1_200, 2_000, 3_200]
    eighths = play({"a": steps("x", step="1/8")}, swing=0.6, step="1/16").notes(on)
    assert [note.frame for note in eighths[:4]] == [0, 2_000, 4_000, 6_000]
    halves = play({"a": steps("x", step="1/16")}, swing=0.6).notes(on)
    assert [note.frame for note in halves[:5]] == [0, 1_200, 2_400, 3_200, 4_000]


def test_humanising_is_seeded_bounded_and_local():
    on = context(("a", "30 bars"))
    exact = play({"a": steps("x")}).notes(on)
    loose = play({"a": steps("x")}, timing_ms=4, velocity_spread=0.1).notes(on)
    shifts = [b.frame - a.frame for a, b in zip(exact[1:], loose[1:], strict=True)]
    assert max(map(abs, shifts)) <= 96 and 20 < np.std(shifts) < 44  # 32 frames are 4 ms
    spread = [b.velocity / a.velocity - 1 for a, b in zip(exact, loose, strict=True)]
    assert 0.07 < np.std(spread) < 0.13
    assert {note.frames for note in loose} == {2_000}
    assert loose == play({"a": steps("x")}, timing_ms=4, velocity_spread=0.1).notes(on)
    other = context(("a", "30 bars"), seed="other")
    assert loose != play({"a": steps("x")}, timing_ms=4, velocity_spread=0.1).notes(other)
    seeded = [play({"a": steps("x")}, timing_ms=4, seed=3).notes(c) for c in (on, other)]
    assert seeded[0] == seeded[1]
    fewer = play({"a": steps("x-")}, timing_ms=4, velocity_spread=0.1).notes(on)
    assert set(fewer) < set(loose)


def test_the_last_note_of_a_song_stays_in_it():
    on = context(("a", "1 bar"))
    notes = play({"a": steps("x", step="1/32")}, timing_ms=30).notes(on)
    assert all(0 <= note.frame < on.frames for note in notes) and notes == sorted(
        notes, key=lambda n: n.frame
    )


def test_a_note_is_no_longer_than_what_is_left_of_the_song(tmp_path):
    """One that never ends, as a MIDI file may have, would else be rendered for as long as it says."""
    on = context(("a", "2 bars"))
    long = Event(Fraction(4), Fraction(4_000_000), 60, 0.8)
    write_midi(tmp_path / "long.mid", {"x": [long]}, on.timeline.tempo)
    (note,) = play({"a": {"midi": {"file": "input"}}}).notes(
        replace(on, files={"parts.a.midi.file": str(tmp_path / "long.mid")})
    )
    assert (note.frame, note.frames) == (on.frames // 2, on.frames // 2)


# --- what -------------------------------------------------------------------------------------


def test_sections_play_their_parts_the_same_or_the_rest():
    on = context(*((name, "1 bar", "C major") for name in ("a", "b", "c", "d", "a")))
    source = play(
        {"a": degrees("1"), "b": {"same": {"section": "a"}}, "c": {}, "*": degrees("5")}, step="1/1"
    )
    assert [(n.frame // 16_000, n.pitch) for n in source.notes(on)] == [(0, 60), (1, 60), (3, 67), (4, 60)]
    everywhere = play({"a": {"same": {"section": "d"}}, "*": degrees("3")}, step="1/1")
    assert [n.pitch for n in everywhere.notes(on)] == [64] * 5


def test_a_song_without_sections_plays_everywhere():
    tempo = TempoMap([TempoChange(1, parse_bpm("120"), parse_time_signature("4/4"))])
    line = Timeline.build(8_000, tempo, parse_duration("2 bars"), [])
    on = RenderContext(8_000, 1, line.frames, "x", line, harmony=[Harmony("A minor").to_dict(("key",))])
    assert [n.pitch for n in play({"*": degrees("1 3")}, step="1/1").notes(on)] == [69, 72]


def test_a_section_s_key_and_transposition_move_what_is_not_absolute():
    g, a = ("a", "1 bar", "G major", "| G |", 0), ("a", "1 bar", "G major", "| G |", 2)
    for part, moves in ((degrees("1 b3"), 2), ({"chords": {"inversion": 0}}, 2), (steps("x"), 0)):
        before, after = ([n.pitch for n in play({"a": part}).notes(context(s))] for s in (g, a))
        assert [y - x for x, y in zip(before, after, strict=True)] == [moves] * len(before)
    numerals = [context(("a", "1 bar", key, "| ii7 |")) for key in ("G major", "Ab major")]
    before, after = ({n.pitch % 12 for n in play({"a": {"chords": {}}}).notes(on)} for on in numerals)
    assert after == {(pitch + 1) % 12 for pitch in before}


def test_transposing_the_source_moves_all_notes():
    on = context(("a", "1 bar", "C major"))
    line = degrees("1 ~5")
    assert [n.pitch for n in play({"a": line}, transpose=-13).notes(on)][:2] == [47, 54]
    assert play({"a": line}, transpose=-13).notes(on)[1].glide_from == 47
    assert play({"a": steps()}, transpose=12).notes(on)[0].pitch == parse_note("A4")


def test_the_harmony_that_it_uses():
    source = play({"a": degrees("1"), "b": {"chords": {}}, "c": steps(), "d": {"same": {"section": "b"}}})
    assert [source.uses(name) for name in ("a", "b", "c", "d", "e")] == [
        ("key",),
        ("chords",),
        (),
        ("chords",),
        (),
    ]


def test_the_chroma_of_rendered_chords_is_that_of_the_chart():
    """The strongest pitch classes of each bar, by Fourier transform, are the notes of its chord."""
    on = context(("a", "4 bars", None, "| Am7 | Dm7 | G7/B | Cmaj7 |"), bpm="60")
    wave = rendered(play({"a": {"chords": {}}}), on)
    expected = ("A C E G", "D F A C", "B D F G", "C E G B")
    for bar, names in enumerate(expected):
        spectrum = np.abs(np.fft.rfft(wave[bar * 32_000 : (bar + 1) * 32_000] * np.hanning(32_000)))
        hertz = np.fft.rfftfreq(32_000, 1 / 8_000)
        inside = (hertz > 60) & (hertz < 2_000)
        classes = np.round(69 + 12 * np.log2(hertz[inside] / 440)).astype(int) % 12
        chroma = np.bincount(classes, weights=spectrum[inside] ** 2, minlength=12)
        assert {int(n) for n in np.argsort(chroma)[-4:]} == {parse_note(f"{n}4") % 12 for n in names.split()}
        assert np.sort(chroma)[-4] > 1_000 * np.sort(chroma)[-5]


def test_the_end_of_the_song_does_not_cut_into_a_note():
    on = context(("a", "1 bar"))
    wave = rendered(play({"a": {"notes": {"pattern": "A4 2 bars"}}}), on)
    assert len(wave) == on.frames and abs(wave[-1]) < 0.03 and np.max(np.abs(wave[-400:-40])) > 0.7


# --- files ------------------------------------------------------------------------------------


def test_parts_exported_play_the_same_from_the_file(tmp_path):
    on = context(("a", "2 bars", "G major", "| G Em7 | D/F# |"), ("b", "2 bars", "E minor"), bpm="400/3")
    source = play({"a": {"arpeggio": {"rhythm": "xX-o"}}, "b": degrees("1 3> - (5) | 8, . 2 4#", octave=3)})
    path = tmp_path / "x.mid"
    events = [event for _, event in source.events(on)]
    write_midi(path, {"stem": events}, on.timeline.tempo)
    keys = {"file": "input", "track": None, "channel": None, "tempo": "check", "loop_bars": None}
    again = play({"*": {"midi": keys}})
    assert again.input_files() == [(("parts", "*", "midi", "file"), "input")]
    read = RenderContext(**{**vars(on), "files": {"parts.*.midi.file": str(path)}})
    back = [event for _, event in again.events(read)]
    assert [(e.start, e.end, e.pitch) for e in sorted(back)] == [
        (e.start, e.end, e.pitch) for e in sorted(events)
    ]
    assert len(read_midi(str(path)).notes) == len(events) > 20
    assert again.notes(read) == source.notes(on)


# --- mistakes ---------------------------------------------------------------------------------


def test_mistakes_are_told_where_they_are_written():
    on = context(("a", "1 bar", "C major"), ("b", "2 bars"), ("a", "1 bar", "C major"))
    source = play({"a": degrees("1 q"), "b": {"same": {"section": "a"}}})
    said = problems(source, on)
    assert said[0][0] == "parts.a.degrees" and said[0][1].startswith("bar 1 beat 1.5: must be a degree")
    assert said[1] == ("parts.a.degrees", "section b has no key, and neither has the song")
    chords = play({"*": {"chords": {}}})
    assert problems(chords, on)[0] == (
        "parts.*.chords",
        "section a has no chords: give it a chart (its key chords)",
    )


def test_same_may_not_go_round_in_a_circle_or_nowhere():
    on = context(("a", "1 bar"), ("b", "1 bar"))
    circle = play({"a": {"same": {"section": "b"}}, "b": {"same": {"section": "a"}}})
    assert problems(circle, on) == [
        ("parts.a.same.section", "is circular (a → b → a)"),
        ("parts.b.same.section", "is circular (b → a → b)"),
    ]
    nowhere = play({"a": {"same": {"section": "b"}}})
    assert problems(nowhere, on) == [
        ("parts.a.same.section", "plays nothing: there is no part for 'b' or '*'")
    ]


def test_notes_have_no_hidden_order():
    """Notes of one moment are sorted, so that rendering hangs on no order of writing."""
    on = context(("a", "1 bar", None, "| C |"))
    notes = play({"a": {"chords": {}}}).notes(on)
    assert notes == sorted(notes, key=lambda n: n.pitch) and len(notes) == 3
    assert isinstance(notes[0], Note) and notes[0].pitch < notes[1].pitch
    assert isinstance(next(play({"a": {"chords": {}}}).events(on))[1], Event)
