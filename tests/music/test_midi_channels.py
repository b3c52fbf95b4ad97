"""What messages do to notes and controls: closed forms (instruments/test_controls.py has FluidSynth's answers)."""

from __future__ import annotations

import time

import pytest
from midi_bytes import CONTROL, OFF, ON, midi, track

from stemwright.music.midi_channels import ChannelReader
from stemwright.music.midi_messages import parse_messages


def follow(*moments, end=0):
    """The notes as (start, end, pitch) in ticks, and the controls of channel 1."""
    ((messages, ticks),) = parse_messages(midi(track(*moments, end=end))).tracks
    reader = ChannelReader({1: ticks})
    notes = [(start, stop, pitch) for start, stop, pitch, *_ in reader.notes((t, 1, m) for t, m in messages)]
    return sorted(notes), reader.controls.get(1)


def control(delta, number, value, channel=0):
    return delta, (CONTROL | channel, number, value)


def on(delta, pitch):
    return delta, (ON, pitch, 100)


def off(delta, pitch):
    return delta, (OFF, pitch, 0)


@pytest.mark.parametrize("number", [120, 123, 124, 125, 126, 127])
def test_messages_that_end_all_notes_of_their_channel(number):
    other = [(0, (ON | 1, 40, 100)), (50, (OFF | 1, 40, 0))]
    moments = [on(0, 60), on(10, 64), other[0], control(90, number, 0), on(10, 60), off(20, 60), other[1]]
    notes, _ = follow(*moments)
    assert notes == [(0, 100, 60), (10, 100, 64), (10, 180, 40), (110, 130, 60)]


def test_which_notes_the_sostenuto_pedal_holds():
    """Those whose keys are down when it goes down; a note struck later ends with its key."""
    moments = [on(0, 60), control(10, 66, 127), on(10, 64), off(10, 60), off(10, 64), control(60, 66, 0)]
    assert follow(*moments)[0] == [(0, 100, 60), (20, 40, 64)]
    both = [
        on(0, 60),
        control(10, 66, 127),
        control(0, 64, 127),
        off(10, 60),
        control(10, 66, 0),
        control(70, 64, 0),
    ]
    assert follow(*both)[0] == [(0, 100, 60)]
    again = [on(0, 60), control(10, 66, 127), off(10, 60), on(30, 60), control(50, 66, 0), off(50, 60)]
    assert follow(*again)[0] == [(0, 50, 60), (50, 150, 60)]


def test_resetting_controllers():
    """RP-015: pedals, bend and expression, not volume and the range of the bend."""
    moments = [
        control(0, 64, 127),
        control(0, 11, 40),
        control(0, 7, 50),
        control(0, 101, 0),
        control(0, 100, 0),
    ]
    moments += [
        control(0, 6, 12),
        (0, (0xE0, 0, 0)),
        on(0, 60),
        off(10, 60),
        control(90, 121, 0),
        (10, (0xE0, 0, 0)),
    ]
    notes, controls = follow(*moments)
    assert notes == [(0, 100, 60)]
    assert controls.bends == ((0, -12.0), (100, 0.0), (110, -12.0))
    assert controls.levels == ((0, 50, 40), (100, 50, 127))


def test_gm_on_resets_all():
    reset = (100, (0xF0, 5, 0x7E, 0x7F, 9, 1, 0xF7))
    moments = [control(0, 7, 50), control(0, 101, 0), control(0, 100, 2), control(0, 6, 65), on(0, 60), reset]
    notes, controls = follow(*moments)
    assert notes == [(0, 100, 60)]
    assert controls.bends == ((0, 1.0), (100, 0.0)) and controls.levels == ((0, 50, 127), (100, 100, 127))
    assert controls.silences == (100,)


@pytest.mark.parametrize(
    ("parameters", "value", "semitones"),
    [
        ([], 16_383, 2),
        ([], 0, -2),
        ([], 8_192, 0),
        ([], 12_288, 1.0001),
        ([(0, 6, 24)], 16_383, 24),
        ([(0, 6, 0), (0, 38, 50)], 0, -0.5),
        ([(0, 6, 12), (127, 6, 2)], 16_383, 12),
        ([(1, 6, 96)], 8_192, 0.5),
        ([(1, 6, 0), (1, 38, 0)], 8_192, -1),
        ([(2, 6, 67)], 8_192, 3),
        ([(0, 6, 12), (2, 6, 52)], 16_383, 0),
        ([("nrpn", 6, 12)], 16_383, 2),
    ],
)
def test_bends_and_tunings(parameters, value, semitones):
    """The range of the bend (RPN 0), fine and coarse tuning (RPN 1 and 2); 127, 127 selects none."""
    moments = [on(0, 60)]
    for number, entry, data in parameters:
        select = (
            [(99, 1), (98, 0)] if number == "nrpn" else [(101, 127 if number == 127 else 0), (100, number)]
        )
        moments += [control(0, *each) for each in (*select, (entry, data))]
    moments += [(0, (0xE0, value & 127, value >> 7)), off(96, 60)]
    _, controls = follow(*moments)
    assert (controls.bends[-1].semitones if controls else 0) == pytest.approx(semitones, abs=1e-3)


@pytest.mark.parametrize("crowd", ["same pitch", "under the pedal", "all notes off"])
def test_the_time_grows_with_the_notes_and_no_faster(crowd):
    def seconds(count):
        start = time.process_time()
        if crowd == "same pitch":
            follow(*[on(0, 60)] * count, *[off(1, 60)] * count)
        elif crowd == "under the pedal":
            follow(control(0, 64, 127), *[on(1, 60), off(0, 60)] * count, control(0, 64, 0))
        else:
            follow(*[on(1, n % 128) for n in range(count)], *[control(0, 123, 0)] * count)
        return time.process_time() - start

    few, many = (min(seconds(count) for _ in range(2)) for count in (1_000, 8_000))
    assert many < 3 * 8 * few
