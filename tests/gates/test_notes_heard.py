"""Heard notes: stems synthesised here by closed forms, with the notes that they play, and with others."""

import tracemalloc

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.measure.heard_notes import HeardNotes

RATE = 8_000
MELODY = [60, 64, 67, 72, 71, 67, 62, 65, 69, 60, 63, 58, 55, 60, 64, 70]
STEP_S, HELD_S = 0.3, 0.25


def notes(pitches=MELODY, chord=()):
    """(onset in s, length in s, pitch) of each."""
    return [
        (0.2 + STEP_S * index, HELD_S, pitch + above)
        for index, pitch in enumerate(pitches)
        for above in (0, *chord)
    ]


def sound(played, partials=(1, 2, 3, 4, 5, 6), later_s=0.0):
    """Each note as a sum of harmonics, the n-th of amplitude 1/n, with a short attack and decay."""
    total = np.zeros(round(RATE * (1 + STEP_S * len(MELODY))))
    for onset, held, pitch in played:
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        t = np.arange(round(held * RATE)) / RATE
        shape = np.minimum(1, t / 0.005) * np.minimum(1, (held - t) / 0.02) * np.exp(-3 * t)
        wave = sum(np.sin(2 * np.pi * n * hertz * t) / n for n in partials if n * hertz < 0.4 * RATE)
        at = round((onset + later_s) * RATE)
        total[at : at + len(t)] += 0.1 * shape * wave
    return total


def judged(tmp_path, samples, written, sounds_below=False, **options):
    """The status of each check, by its name."""
    sf.write(tmp_path / "a.wav", samples, RATE, "FLOAT")
    rows = "".join(
        f"{onset:.9f},{held:.9f},{pitch},100,,{''.join(piece)}\n" for onset, held, pitch, *piece in written
    )
    (tmp_path / "a.csv").write_text("# onset,duration,pitch,velocity,layer,piece\n" + rows)
    subject = Subject(
        str(tmp_path / "a.wav"),
        "stem",
        {"sample_rate": RATE},
        {"sounds_below": sounds_below},
        {"notes": [str(tmp_path / "a.csv")]},
    )
    checks = verify(subject, make({"notes_heard": options})).checks
    return {check.id: check.status for check in checks}, checks[0]


RIGHT = {
    "notes_heard": "pass",
    "notes_heard.silence": "pass",
    "notes_heard.late": "pass",
    "notes_heard.octave": "pass",
}


@pytest.mark.parametrize(
    ("partials", "chord"),
    [
        ((1,), ()),
        ((1,), (4, 7)),
        ((1, 2, 3, 4, 5, 6), ()),
        ((1, 2, 3, 4, 5, 6), (4, 7)),
        ((1, 3, 5, 7), ()),
        ((2, 3, 4, 5, 7), ()),
        ((0.5, 1, 2, 3, 4, 5), ()),
    ],
)
def test_the_notes_that_are_played_are_heard(tmp_path, partials, chord):
    written = notes(chord=chord)
    statuses, check = judged(tmp_path, sound(written, partials), written)
    assert statuses == RIGHT
    heard, _, of, _ = check.measured.split()
    assert int(heard) >= 0.95 * int(of) >= 7


def test_notes_are_heard_beside_a_louder_hum(tmp_path):
    """A sine without a window has side lobes of 1 / (pi n) n bins away (Harris 1978): these would cover the notes."""
    played = sound(notes(), (1,))
    hum = 10 ** (35 / 20) * 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(played)) / RATE)
    assert judged(tmp_path, played + hum, notes())[0]["notes_heard"] == "pass"


def test_the_kit_of_a_stack_is_not_judged(tmp_path):
    kit = [(onset + 0.1, 0.1, 38, "snare") for onset, _, _ in notes()]
    played = sound(notes())
    for onset, *_ in kit:
        at = round(onset * RATE)
        played[at : at + 40] += np.random.default_rng(at).normal(0, 0.02, 40)
    statuses, check = judged(tmp_path, played, sorted([*notes(), *kit]))
    assert statuses == RIGHT
    assert int(check.measured.split()[2]) <= len(notes())


@pytest.mark.parametrize("held_s", [2.0, 0.8], ids=["held", "let go 0.2 s before"])
def test_a_note_that_swells_hides_the_notes_at_its_partials(held_s):
    """The partials 2, 6 and 10 of one that began before, louder from 1 s on, are those of the note an octave above."""
    t = np.arange(3 * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * n * 220 * t) / n for n in range(1, 11))
    meter = HeardNotes(((0, round(held_s * RATE), 57.0), (RATE, RATE // 2, 69.0)))
    meter.start(RATE, 1)
    meter.feed((0.02 * np.where(t < 1, 1, 4) * wave)[:, None])
    assert [note.db is None for note in meter.heard] == [False, True]


def test_an_octave_too_high_is_refused(tmp_path):
    statuses, check = judged(tmp_path, sound(notes([pitch + 12 for pitch in MELODY])), notes())
    assert statuses["notes_heard"] == "fail"
    assert len(check.places) > 12


def test_an_octave_too_low_is_refused(tmp_path):
    lower = sound(notes([pitch - 12 for pitch in MELODY]))
    assert judged(tmp_path, lower, notes())[0] == RIGHT | {"notes_heard.octave": "fail"}
    assert judged(tmp_path, lower, notes(), sounds_below=True)[0]["notes_heard.octave"] == "skip"


@pytest.mark.parametrize("interval", [1, -1, 7, 5])
def test_other_notes_are_refused(tmp_path, interval):
    other = sound(notes([pitch + interval for pitch in MELODY]))
    assert judged(tmp_path, other, notes())[0]["notes_heard"] == "fail"


def test_noise_and_a_single_tone_are_refused(tmp_path):
    frames = len(sound(notes()))
    noise = 0.1 * np.random.default_rng(1).standard_normal(frames)
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(frames) / RATE)
    for samples in (noise, tone):
        assert judged(tmp_path, samples, notes())[0]["notes_heard"] == "fail"


def test_notes_that_are_not_there_are_told_with_their_places(tmp_path):
    missing = {3, 9}
    played = [note for index, note in enumerate(notes()) if index not in missing]
    statuses, check = judged(tmp_path, sound(played), notes())
    assert statuses["notes_heard.silence"] == "fail" and statuses["notes_heard"] == "warn"
    assert {frame for frame, _ in check.places} == {round(RATE * (0.2 + STEP_S * index)) for index in missing}


def test_a_note_of_each_chord_that_is_not_there(tmp_path):
    written = notes(chord=(4, 7))
    played = [note for index, note in enumerate(written) if index % 3 != 1]
    statuses, check = judged(tmp_path, sound(played), written)
    assert statuses["notes_heard"] == "warn"
    absent = {pitch for _, _, pitch in written[1::3]}
    assert len(check.places) >= 4 and len(absent) > 4


@pytest.mark.parametrize(("later_s", "status"), [(0.0, "pass"), (0.06, "pass"), (0.2, "fail")])
def test_how_late_they_rise(tmp_path, later_s, status):
    written = [(0.2 + 0.5 * index, 0.25, pitch) for index, pitch in enumerate(MELODY[:9])]
    assert judged(tmp_path, sound(written, later_s=later_s), written)[0]["notes_heard.late"] == status


def test_few_notes_are_not_judged(tmp_path):
    written = notes()[:5]
    assert judged(tmp_path, sound(written), written)[0] == {"notes_heard": "skip"}


def test_notes_of_which_few_can_be_judged_are_not_judged(tmp_path):
    short = [(5.3 + 0.005 * index, 0.02, 24) for index in range(3 * len(MELODY) + 1)]
    assert judged(tmp_path, sound(notes()), [*notes(), *short[:-2]])[0]["notes_heard"] == "pass"
    assert judged(tmp_path, sound(notes()), [*notes(), *short])[0] == {"notes_heard": "skip"}


def test_notes_of_less_than_four_periods_are_not_judged(tmp_path):
    written = [(0.2 + 0.5 * index, 0.1, 24 + index) for index in range(9)]  # up to 52 Hz
    assert judged(tmp_path, sound(written), written)[0] == {"notes_heard": "skip"}


def test_what_rings_on_from_the_note_before_is_not_judged(tmp_path):
    written = [(0.2 + 0.5 * index, 0.1, 60) for index in range(9)]
    ringing = np.sin(2 * np.pi * np.outer(np.arange(5 * RATE) / RATE, 261.63 * np.array([1, 3, 5])))
    assert judged(tmp_path, 0.1 * ringing.sum(axis=1), written)[0] == {"notes_heard": "skip"}


def test_memory_does_not_grow_with_the_length():
    meter = HeardNotes(((RATE, RATE, 60.0),))
    meter.start(RATE, 1)
    tracemalloc.start()
    for _ in range(100):
        meter.feed(np.zeros((RATE, 1)))  # 64 KB: 6.4 MB in all
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6


def test_a_sample_that_is_not_finite(tmp_path):
    samples = sound(notes())
    samples[100] = np.nan
    assert judged(tmp_path, samples, notes())[0] == {"notes_heard": "fail"}


def test_of_few_that_are_heard_nothing_more_is_said(tmp_path):
    """A fifth too high, the third partial of the octave below is heard: it does not sound an octave low for that."""
    said = judged(tmp_path, sound(notes([pitch + 7 for pitch in MELODY])), notes())[0]
    assert said == {"notes_heard": "fail", "notes_heard.silence": "pass"}
