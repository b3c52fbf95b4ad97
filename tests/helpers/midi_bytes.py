"""MIDI files, byte by byte."""

from __future__ import annotations

import struct

from stemwright.music.timeline import TempoChange, TempoMap, parse_bpm, parse_time_signature

ON, OFF, CONTROL = 0x90, 0x80, 0xB0
END = (0, b"\xff\x2f\x00")


def number(value):
    """A variable-length quantity."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, value & 0x7F | 0x80)
    return bytes(digits)


def track(*moments, end=0, name=None):
    """A track chunk of (delta in ticks, bytes of a message)."""
    named = [(0, b"\xff\x03" + number(len(name)) + name.encode())] if name else []
    body = b"".join(number(delta) + bytes(message) for delta, message in [*named, *moments, (end, END[1])])
    return b"MTrk" + struct.pack(">L", len(body)) + body


def midi(*tracks, kind=1, division=96):
    return b"MThd" + struct.pack(">LHHh", 6, kind, len(tracks), division) + b"".join(tracks)


def tempo_map(*changes):
    return TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )
