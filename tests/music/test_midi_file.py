"""MIDI files: read as the standard says, from bytes put together here; parts exported and read back are equal."""

from __future__ import annotations

import struct
import time
from fractions import Fraction

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import CONTROL, OFF, ON, midi, number, tempo_map, track
from tempo_maps import change

from stemwright.base.errors import StemwrightError
from stemwright.music.midi_file import TICKS, read_midi, write_midi
from stemwright.music.parts import Event, Span
from stemwright.music.parts.midi import Midi
from stemwright.music.timeline import TempoChange, TempoMap, TimeSignature, parse_duration


@pytest.fixture
def read(tmp_path):
    def of(data):
        path = tmp_path / "x.mid"
        path.write_bytes(data)
        return read_midi(str(path))

    return of


def told(file):
    """(start, end, pitch, velocity) in beats."""
    return [(float(n.start), float(n.end), n.pitch, n.velocity) for n in file.notes]


# --- reading ----------------------------------------------------------------------------------


def test_notes_of_format_0_with_running_status(read):
    """After one status byte only data; a note-on of velocity 0 is a note-off."""
    moments = [(0, (ON, 60, 100)), (96, (60, 0)), (0, (64, 80)), (48, (64, 0)), (48, (67, 1)), (24, (67, 0))]
    file = read(midi(track(*moments), kind=0))
    assert told(file) == [(0, 1, 60, 100), (1, 1.5, 64, 80), (2, 2.25, 67, 1)]
    assert {(n.track, n.channel) for n in file.notes} == {(1, 1)}


def test_other_messages_between_notes(read):
    sysex, text, bend = (0xF0, 3, 1, 2, 0xF7), (0xFF, 1, 2, 65, 66), (0xE3, 0, 64)
    moments = [
        (0, sysex),
        (10, text),
        (38, (ON | 3, 60, 90)),
        (48, bend),
        (0, (0xC3, 5)),
        (48, (OFF | 3, 60, 64)),
    ]
    file = read(midi(track(*moments)))
    assert told(file) == [(0.5, 1.5, 60, 90)] and file.notes[0].channel == 4


def test_notes_that_overlap_end_in_the_order_they_began(read):
    moments = [(0, (ON, 60, 100)), (48, (ON, 60, 50)), (48, (OFF, 60, 0)), (96, (OFF, 60, 0))]
    assert told(read(midi(track(*moments)))) == [(0, 1, 60, 100), (0.5, 2, 60, 50)]


def test_a_held_pedal_holds_notes_on(read):
    down, up = (CONTROL, 64, 127), (CONTROL, 64, 0)
    moments = [(0, down), (0, (ON, 60, 100)), (48, (OFF, 60, 0)), (0, (ON, 64, 90)), (48, (OFF, 64, 0))]
    moments += [(48, (ON, 60, 80)), (24, (OFF, 60, 0)), (24, up), (0, (ON, 67, 70)), (48, (OFF, 67, 0))]
    assert told(read(midi(track(*moments)))) == [
        (0, 1.5, 60, 100),  # struck again
        (0.5, 2, 64, 90),
        (1.5, 2, 60, 80),
        (2, 2.5, 67, 70),
    ]


def test_a_pedal_is_of_its_channel_in_whatever_track(read):
    pedal = track((0, (CONTROL | 1, 64, 64)), (192, (CONTROL | 1, 64, 63)))
    notes = track((0, (ON | 1, 60, 9)), (0, (ON | 2, 60, 9)), (96, (OFF | 1, 60, 0)), (0, (OFF | 2, 60, 0)))
    assert told(read(midi(pedal, notes))) == [(0, 1, 60, 9), (0, 2, 60, 9)]
    other = track((0, (CONTROL | 2, 64, 64)), (144, (CONTROL | 2, 64, 0)))
    assert told(read(midi(pedal, other, notes))) == [(0, 1.5, 60, 9), (0, 2, 60, 9)]


def test_what_never_ends_ends_with_its_track_and_nothing_lasts_no_time(read):
    lost = track((0, (ON, 60, 100)), (0, (OFF, 72, 0)), end=192)
    drum = track((96, (ON | 9, 36, 100)), (0, (OFF | 9, 36, 0)))
    assert told(read(midi(lost, drum))) == [(0, 2, 60, 100), (1, 1 + 1 / 96, 36, 100)]


def test_the_same_key_on_two_tracks_are_two_notes(read):
    a = track((0, (ON, 60, 100)), (96, (OFF, 60, 0)))
    b = track((48, (ON, 60, 100)), (192, (OFF, 60, 0)))
    assert told(read(midi(a, b))) == [(0, 1, 60, 100), (0.5, 2.5, 60, 100)]


# --- which notes ------------------------------------------------------------------------------

BAND = midi(
    track((0, (0xFF, 0x51, 3, 7, 161, 32))),
    track((0, (ON, 40, 100)), (96, (OFF, 40, 0)), name="Bass"),
    track(
        (0, (ON | 1, 60, 100)),
        (0, (ON | 2, 64, 100)),
        (96, (OFF | 1, 60, 0)),
        (0, (OFF | 2, 64, 0)),
        name="Keys",
    ),
)


def test_a_track_by_number_or_name_and_a_channel(read):
    file = read(BAND)
    assert [n.pitch for n in file.select(2, None)] == [n.pitch for n in file.select("Bass", None)] == [40]
    assert [n.pitch for n in file.select("Keys", None)] == [60, 64]
    assert [n.pitch for n in file.select("Keys", 3)] == [n.pitch for n in file.select(None, 3)] == [64]
    assert len(read(midi(track((0, (ON, 40, 100)), (96, (OFF, 40, 0))))).select(None, None)) == 1


def test_two_tracks_of_one_name_are_told_apart_by_number(read):
    def part(pitch, *more):
        return track((0, (ON, pitch, 100)), (96, (OFF, pitch, 0)), *more, name="Keys")

    empty = track(name="Keys")
    file = read(midi(part(60), part(64), empty))
    with pytest.raises(
        StemwrightError, match="has 2 tracks named 'Keys', 1, 2: choose one by its number; it has "
    ):
        file.select("Keys", None)
    assert [n.pitch for n in file.select(2, None)] == [64]
    assert [n.pitch for n in read(midi(empty, part(60))).select("Keys", None)] == [60]


@pytest.mark.parametrize(
    ("track", "channel", "said"),
    [
        (
            None,
            None,
            "a track or channel must be chosen; it has track 2 'Bass' (channel 1); track 3 'Keys' (channel 2, 3)",
        ),
        (4, None, "has no track 4; it has track 2"),
        ("Lead", None, "has no track named 'Lead'; it has track 2"),
        (1, None, "has no notes there; it has track 2"),
        (2, 3, "has no notes on channel 3 there; it has track 2"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(read, track, channel, said):
    with pytest.raises(StemwrightError) as caught:
        read(BAND).select(track, channel)
    assert said in str(caught.value) and "x.mid: " in str(caught.value)


# --- what is not played -----------------------------------------------------------------------


def test_what_is_not_played_is_counted_by_channel(read):
    program, wheel, pan = (0xC1, 5), (CONTROL | 1, 1, 30), (CONTROL | 1, 10, 20)
    neutral = [(0, (CONTROL | 1, 10, 64)), (0, (CONTROL | 1, 1, 0)), (0, (CONTROL | 1, 0, 0)), (0, (0xD1, 0))]
    played = [
        (0, (CONTROL | 1, 7, 90)),
        (0, (CONTROL | 1, 11, 90)),
        (0, (0xE1, 0, 9)),
        (0, (CONTROL | 1, 64, 127)),
    ]
    other = [(0, (CONTROL | 1, 20, 1)), (0, (0xA1, 60, 5)), (0, (0xD1, 7)), (0, (CONTROL | 1, 126, 1))]
    unknown = [(0, (CONTROL | 1, 99, 1)), (0, (CONTROL | 1, 98, 8)), (0, (CONTROL | 1, 6, 12))]
    moments = [(0, program), (0, wheel), (0, wheel), (0, pan), *neutral, *played, *other, *unknown]
    moments += [(0, (0xF0, 4, 0x41, 1, 2, 0xF7)), (0, (0xF0, 5, 0x7E, 0x7F, 9, 1, 0xF7)), (0, (0xC2, 1))]
    file = read(
        midi(
            track(
                *moments,
                (0, (ON | 1, 60, 1)),
                (96, (OFF | 1, 60, 0)),
                (0, (ON | 2, 60, 1)),
                (9, (OFF | 2, 60, 0)),
            )
        )
    )
    assert file.describe_unplayed(file.select(None, 2)) == (
        "channel 2: not played: modulation (2), system-exclusive message (1), program change (1), pan (1), "
        "controller 20 (1), key pressure (1), channel pressure (1), mono mode (1), non-registered parameter (1)"
    )
    assert file.describe_unplayed(file.select(None, 3)).endswith(
        "system-exclusive message (1), program change (1)"
    )
    plain = read(midi(track(*played, (0, (ON | 1, 60, 1)), (96, (OFF | 1, 60, 0)))))
    assert plain.describe_unplayed(plain.notes) == ""


# --- tempo ------------------------------------------------------------------------------------


def set_tempo(microseconds):
    return b"\xff\x51\x03" + microseconds.to_bytes(3, "big")


def test_a_file_s_tempo_is_held_against_the_song_s(read):
    file = read(
        midi(track((0, set_tempo(500_000)), (768, set_tempo(612_245)), (0, (ON, 60, 1)), (96, (OFF, 60, 0))))
    )
    file.check_tempo(tempo_map((1, 120, "4/4"), (3, 98, "4/4")))
    with pytest.raises(StemwrightError, match="its tempo at bar 3 beat 1 is 98 BPM, the song's 120: "):
        file.check_tempo(tempo_map((1, 120, "4/4")))
    with pytest.raises(StemwrightError, match="its tempo at bar 2 beat 1 is 120 BPM, the song's 98: "):
        file.check_tempo(tempo_map((1, 120, "4/4"), (2, 98, "4/4")))
    with pytest.raises(StemwrightError, match="its tempo at bar 1 beat 1 is 120 BPM"):
        read(midi(track((0, (ON, 60, 1)), (96, (OFF, 60, 0))))).check_tempo(tempo_map((1, 121, "4/4")))


def test_many_tempi_are_checked_in_time_that_grows_with_them_and_no_faster(read):
    def seconds(count):
        tempi = [(1, set_tempo(500_000 + n % 2)) for n in range(count)]
        file = read(midi(track(*tempi, (0, (ON, 60, 1)), (96, (OFF, 60, 0)))))
        start = time.process_time()
        file.check_tempo(tempo_map((1, 120, "4/4")))
        return time.process_time() - start

    few, many = (min(seconds(count) for _ in range(2)) for count in (1_000, 8_000))
    assert many < 3 * 8 * few


def test_tempo_is_ignored_unless_it_is_to_be_checked(tmp_path):
    path = tmp_path / "x.mid"
    path.write_bytes(midi(track((0, set_tempo(400_000)), (96, (ON, 60, 127)), (96, (OFF, 60, 0)))))
    on = Span(
        Fraction(0), Fraction(4), tempo_map((1, 120, "4/4")), parse_duration("1/8"), files={"file": str(path)}
    )
    assert list(Midi("x.mid").events(on)) == [Event(Fraction(1), Fraction(2), 60, 1.0)]
    with pytest.raises(StemwrightError, match="150 BPM"):
        list(Midi("x.mid", tempo="check").events(on))


# --- broken files -----------------------------------------------------------------------------

GOOD = midi(track((0, (ON, 60, 100)), (96, (OFF, 60, 0))))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not a MIDI file that can be read, or is damaged"),
        (b"RIFF" + GOOD, "is not a MIDI file that can be read, or is damaged"),
        (GOOD[:-6], "is not a MIDI file that can be read, or is damaged (it ends too early)"),
        (GOOD[:18], "is not a MIDI file that can be read, or is damaged"),
        (GOOD.replace(b"MTrk", b"MTrx"), "is not a MIDI file that can be read, or is damaged"),
        (midi(track((0, (60, 100)))), "is not a MIDI file that can be read, or is damaged (running status"),
        (midi(track((0, (ON, 200, 100)))), "is not a MIDI file that can be read, or is damaged"),
        (midi(track(), kind=2), "is of format 2"),
        (midi(track(), division=-25 * 256 + 40), "does not count time in ticks per quarter note"),
        (midi(track(), division=0), "does not count time in ticks per quarter note"),
        (midi(track((0, (0xFF, 0x51, 3, 0, 0, 0)))), "has a tempo of 0 microseconds per quarter note"),
        (b"MThd" + bytes(2_000_000), "is 2,000,004 bytes long; a MIDI file may have at most 2,000,000"),
    ],
)
def test_broken_files_are_told_so(read, data, said):
    with pytest.raises(StemwrightError) as caught:
        read(data)
    assert said in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_of_tracks_in_either_encoding(read, encoding):
    name = "Gitarrä".encode(encoding)
    file = read(midi(track((0, (0xFF, 3, len(name), *name)), (0, (ON, 60, 100)), (96, (OFF, 60, 0)))))
    assert file.tracks == ("Gitarrä",) and len(file.select("Gitarrä", None)) == 1


@given(st.integers(0, len(BAND) - 1), st.integers(0, 255), st.booleans())
def test_any_damage_is_read_or_told(tmp_path_factory, at, byte, cut):
    path = tmp_path_factory.getbasetemp() / "damaged.mid"
    path.write_bytes(BAND[:at] if cut else BAND[:at] + bytes([byte]) + BAND[at + 1 :])
    try:
        file = read_midi(str(path))
    except StemwrightError:
        return
    assert all(note.start < note.end for note in file.notes)


# --- writing ----------------------------------------------------------------------------------


@st.composite
def lines(draw):
    """A part of notes that a file can hold: on its ticks, none of one pitch within another."""
    at, events = Fraction(0), []
    for _ in range(draw(st.integers(1, 10))):
        at += draw(
            st.sampled_from([Fraction(0), Fraction(1, 32), Fraction(1, 3), Fraction(1, 5), Fraction(2)])
        )
        length = draw(st.sampled_from([Fraction(1, 16), Fraction(2, 3), Fraction(1), Fraction(3, 7)]))
        for pitch in draw(st.sets(st.integers(0, 127), min_size=1, max_size=3)):
            events.append(Event(at, at + length, pitch, draw(st.integers(1, 127)) / 127))
        at += length
    return sorted(events)


TEMPO = tempo_map((1, "400/3", "7/8"), (3, 97, "3/4"))


@given(lines(), lines())
def test_parts_written_and_read_back_are_equal(tmp_path_factory, bass, keys):
    path = str(tmp_path_factory.getbasetemp() / "parts.mid")
    write_midi(path, {"bass": bass, "kéys": keys}, TEMPO)
    file = read_midi(path)
    for name, part in (("bass", bass), ("kéys", keys)):
        notes = [Event(n.start, n.end, n.pitch, n.velocity / 127) for n in file.select(name, None)]
        assert notes == part
    file.check_tempo(TEMPO)


def test_the_file_is_as_the_standard_has_it(tmp_path):
    """Read here byte by byte, not by the library that wrote it."""
    path = tmp_path / "x.mid"
    write_midi(path, {"a": [Event(Fraction(1), Fraction(2), 60, 0.5)]}, tempo_map((1, 120, "6/8")))
    data = path.read_bytes()
    assert data[:14] == b"MThd" + struct.pack(">LHHh", 6, 1, 2, TICKS)
    assert (
        b"\xff\x58\x04\x06\x03" in data and b"\xff\x51\x03\x07\xa1\x20" in data and b"\xff\x03\x01a" in data
    )
    one = number(TICKS)
    assert one + bytes((ON, 60, 64)) + one + bytes((OFF, 60, 64)) in data
    write_midi(
        tmp_path / "y.mid", {"a": [Event(Fraction(1), Fraction(2), 60, 0.5)]}, tempo_map((1, 120, "6/8"))
    )
    assert (tmp_path / "y.mid").read_bytes() == data
    again = [Event(Fraction(n), Fraction(n + 1), 60, 0.5) for n in range(2)]
    write_midi(path, {"a": again}, tempo_map((1, 120, "6/8")))
    assert bytes((OFF, 60, 64, 0, ON, 60, 64)) in path.read_bytes()  # ended before it is struck again


# --- tempo that moves -------------------------------------------------------------------------


MOVES = TempoMap(
    [
        change(1, "123.456", "6/8"),
        change(3, ramp=(50, "3 bars")),
        change((4, 3), hold="1 bar"),
        change(7, ramp=(200, "1 bar", "time")),
        change(9, meter="3+2+2/8", hold="2.5 s"),
    ],
    parse_duration("1 beat"),
)


def heard(path, quarters):
    """The seconds of positions in quarters, by the file's own tempi."""
    tick, second, tempo, steps = 0, 0.0, 500_000, []
    for message in mido.MidiFile(path).tracks[0]:
        second += message.time / TICKS * tempo / 1e6
        tick += message.time
        if message.type == "set_tempo":
            tempo = message.tempo
        steps.append((tick, second, tempo))
    found = []
    for quarter in quarters:
        at, second, tempo = [step for step in steps if step[0] <= quarter * TICKS][-1]
        found.append(second + float(quarter * TICKS - at) / TICKS * tempo / 1e6)
    return found


@pytest.mark.parametrize(
    "tempo, end",
    [(MOVES, 40), (tempo_map((1, "123.456", "4/4"), (1000, 97, "3/4")), 30_000)],
    ids=["moves", "long"],
)
def test_every_position_is_within_a_millisecond(tmp_path, tempo, end):
    path = str(tmp_path / "x.mid")
    write_midi(path, {"a": [Event(Fraction(0), Fraction(end), 60, 0.5)]}, tempo)
    quarters = [Fraction(end * n, 400) for n in range(401)]
    slow = [(at, at + held / 10 + Fraction(1, 1000)) for at, held in tempo.holds]
    quarters = [q for q in quarters if not any(a < q < b for a, b in slow)]
    for quarter, second in zip(quarters, heard(path, quarters), strict=True):
        assert abs(second - float(tempo.seconds(quarter))) < 0.001
    read_midi(path).check_tempo(tempo)


def test_a_file_without_the_ramp_is_told(tmp_path):
    path = str(tmp_path / "x.mid")
    flat = TempoMap([change(1, "123.456", "6/8"), change(9, meter="3+2+2/8")], parse_duration("1 beat"))
    write_midi(path, {"a": [Event(Fraction(0), Fraction(40), 60, 0.5)]}, flat)
    with pytest.raises(StemwrightError, match=r"its tempo at bar 3 beat 1 is 123\.456 BPM"):
        read_midi(path).check_tempo(MOVES)


def test_meters_of_a_file(tmp_path):
    """A pick-up is a short bar; 96 dotted quarters are 144 quarters, and a click is a dotted quarter: 36 clocks."""
    path = str(tmp_path / "x.mid")
    meter = TimeSignature(6, 8, unit=Fraction(3, 2))
    tempo = TempoMap([TempoChange(1, Fraction(144), meter), change(3, meter="3+2/8")], parse_duration("1/8"))
    write_midi(path, {"a": [Event(Fraction(0), Fraction(9), 60, 0.5)]}, tempo)
    track = mido.merge_tracks(mido.MidiFile(path).tracks[:1])
    found, tick = [], 0
    for message in track:
        tick += message.time
        if message.type == "time_signature":
            found.append(
                (Fraction(tick, TICKS), message.numerator, message.denominator, message.clocks_per_click)
            )
    assert found == [(0, 1, 8, 24), (Fraction(1, 2), 6, 8, 36), (Fraction(13, 2), 5, 8, 24)]
    assert {m.tempo for m in track if m.type == "set_tempo"} <= {416_666, 416_667}
