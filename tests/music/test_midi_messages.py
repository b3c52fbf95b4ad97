"""What other programs write into MIDI files, and players play: the notes are read; what is cut off is refused."""

from __future__ import annotations

import struct
import time

import pytest
from midi_bytes import CONTROL, OFF, ON, midi, number, track

from stemwright.music.midi_messages import parse_messages

A = [(0, (ON, 60, 100)), (96, (OFF, 60, 0))]
B = [(96, (ON, 72, 100)), (96, (OFF, 72, 0))]
FIRST, LAST = track(*A), track(*B)
JUNK = b"XFIH\0\0\0\4abcd"


def head(tracks, form=1, division=96, more=b""):
    return b"MThd" + struct.pack(">LHHh", 6 + len(more), form, tracks, division) + more


def resized(chunk, change):
    return chunk[:4] + struct.pack(">L", len(chunk) - 8 + change) + chunk[8:]


def sized(chunk, size):
    return chunk[:4] + struct.pack(">L", size) + chunk[8:]


def with_first(*moments):
    return midi(track(*moments, *A), LAST)


def meta(kind, *data):
    return with_first((0, bytes((0xFF, kind, len(data), *data))))


def rmid(data, *before):
    content = (
        b"RMID" + b"".join(before) + b"data" + struct.pack("<L", len(data)) + data + bytes(len(data) % 2)
    )
    return b"RIFF" + struct.pack("<L", len(content)) + content


WHOLE = head(2) + FIRST + LAST
END = len(b"\0\xff\x2f\0")

PLAYED = {
    "as it should be": WHOLE,
    "an unknown chunk between tracks": head(2) + FIRST + JUNK + LAST,
    "an unknown chunk that counts as a track": head(3) + FIRST + JUNK + LAST,
    "an unknown chunk first": head(2) + JUNK + FIRST + LAST,
    "an unknown chunk last": WHOLE + JUNK,
    "an unknown chunk with a wrong length": head(2) + FIRST + JUNK[:4] + b"\0\0\0\7" + JUNK[8:] + LAST,
    "bytes after the last track": WHOLE + bytes(100),
    "bytes between tracks": head(2) + FIRST + b"\0" + LAST,
    "a longer head": head(2, more=b"abc") + FIRST + LAST,
    "a track said to be longer": head(2) + resized(FIRST, 5) + LAST,
    "a track said to be far longer": head(2) + sized(FIRST, 0xFFFFFFFF) + LAST,
    "a track said to be shorter": head(2) + resized(FIRST, -5) + LAST,
    "a track said to end at a message": head(2) + resized(FIRST, -END) + LAST,
    "a track said to end after its first note-on": head(2) + sized(FIRST, 4) + LAST,
    "a track said to be empty": head(2) + sized(FIRST, 0) + LAST,
    "the last track said to be longer": head(2) + FIRST + resized(LAST, 1_000),
    "the last track said to be shorter": head(2) + FIRST + sized(LAST, 4),
    "bytes after the end of a track": head(2) + sized(FIRST + bytes(7), len(FIRST) - 1) + LAST,
    "no end of the first track": head(2) + resized(FIRST[:-END], -0) + LAST,
    "no end of the last track": head(2) + FIRST + resized(LAST[:-END], -0),
    "fewer tracks said than there are": head(1) + FIRST + LAST,
    "two tracks in format 0": head(2, 0) + FIRST + LAST,
    "in a RIFF file": rmid(WHOLE),
    "in a RIFF file, after another chunk": rmid(WHOLE, b"DISP\3\0\0\0abc\0"),
    "a key signature of eight flats": meta(0x59, 0xF8, 1),
    "a key signature that is none": meta(0x59, 99, 9),
    "a key signature of one byte": meta(0x59, 0),
    "an empty key signature": meta(0x59),
    "a time signature of one byte": meta(0x58, 4),
    "a time signature in 2^40": meta(0x58, 3, 40, 24, 8),
    "an SMPTE offset of one byte": meta(0x54, 1),
    "a sequence number of one byte": meta(0x00, 1),
    "an empty channel prefix": meta(0x20),
    "a port of two bytes": meta(0x21, 1, 2),
    "a meta message that does not exist": meta(0x60, 1, 2),
    "system-exclusive without an end": with_first((0, (0xF0, 3, 1, 2, 3))),
    "system-exclusive in two parts": with_first((0, (0xF0, 3, 1, 2, 3)), (0, (0xF7, 2, 4, 0xF7))),
    "an escape": with_first((0, (0xF7, 1, 0xF3))),
    "a clock": with_first((0, (0xF8,))),
    "a song position": with_first((0, (0xF2, 1, 2))),
    "running status over a meta message": midi(
        track((0, (ON, 60, 100)), (0, (0xFF, 1, 1, 65)), (96, (60, 0))), LAST
    ),
    "running status over system-exclusive": midi(
        track((0, (ON, 60, 100)), (0, (0xF0, 2, 1, 0xF7)), (96, (60, 0))), LAST
    ),
}


@pytest.mark.parametrize("name", PLAYED)
def test_the_notes_are_read(name):
    found = []
    for messages, _ in parse_messages(PLAYED[name]).tracks:
        found += [(tick, m.note) for tick, m in messages if m.type == "note_on" and m.velocity]
    assert found == [(0, 60), (96, 72)]
    ends = {end for _, end in parse_messages(PLAYED[name]).tracks}
    assert ends == {96, 192}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (WHOLE[:-2], "it ends too early"),
        (WHOLE[: -END - 1], "it ends too early"),
        (head(2) + FIRST + sized(LAST, 0xFFFF)[:-END], "it ends too early"),
        (head(3) + FIRST + LAST, "it ends too early: it has 2 of 3 tracks"),
        (head(0), "it has no tracks"),
        (head(1) + JUNK, "it has no tracks"),
        (head(2, 3) + FIRST + LAST, "it is of format 3, which does not exist"),
        (b"RIFF\4\0\0\0RMID", "without a data chunk"),
        (rmid(b"abc"), "it does not begin with MThd"),
        (with_first((0, (0xF4,))), "undefined status byte 0xf4"),
        (meta(0x51, 1, 2), "a tempo has 2 bytes, not 3"),
        (head(1) + b"MTrk\0\0\0\x0d" + b"\x80" * 12 + b"\0", "a number of more than eight bytes"),
    ],
)
def test_what_is_damaged_is_refused(data, said):
    with pytest.raises(ValueError, match=said):
        parse_messages(data)


@pytest.mark.parametrize("padded", [b"Bass\0", b"Bass ", b" Bass", b"Bass\0\0\0", b"Bass\r\n", b"Bass"])
def test_names_are_read_without_what_pads_them(padded):
    data = midi(track((0, b"\xff\x03" + number(len(padded)) + padded), *A))
    ((messages, _),) = parse_messages(data).tracks
    assert messages[0][1].name == "Bass"


@pytest.mark.parametrize(
    "moment", [(1, (CONTROL, 1, 64)), (1, (0xF0, 2, 1, 0xF7)), (1, b"\xff\x51\x03\7\xa1\x20")]
)
def test_the_time_grows_with_the_messages_and_no_faster(moment):
    def seconds(count):
        data = midi(track(*[moment] * count))
        start = time.process_time()
        parse_messages(data)
        return time.process_time() - start

    few, many = (min(seconds(count) for _ in range(3)) for count in (2_000, 16_000))
    assert many < 3 * 8 * few
