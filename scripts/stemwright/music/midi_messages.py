"""The messages of a standard MIDI file (SMF 1.0, RP-001), read as leniently as players read them.

Programs write chunks of other kinds between tracks, wrong lengths of tracks, data after a track's end, and meta
messages that the standard does not have. None of these keeps a player from the notes. Therefore a track ends at its End
of Track rather than where its length says, meta messages that are not needed here are not decoded, and chunks of other
kinds are skipped. What is cut off or is no MIDI is refused.

mido decodes the messages of channels. Its own reader of files relies on the lengths, refuses unknown key signatures,
and reads byte by byte.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_END_OF_TRACK, _TRACK_NAME, _TEMPO = 0x2F, 0x03, 0x51
_SYSEX, _ESCAPE, _META = 0xF0, 0xF7, 0xFF
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0, **dict.fromkeys((0xF8, 0xFA, 0xFB, 0xFC, 0xFE), 0)}
"""Data bytes of the system messages that mean nothing in a file."""


@dataclass(frozen=True)
class Messages:
    """The messages of a file. `format` is 0, 1 or 2; `division` is in ticks per quarter note, unless negative (SMPTE).

    Each track is a list of (tick, mido message) in order of time, with the tick at which it ends.
    """

    format: int
    division: int
    tracks: list[tuple[list[tuple[int, Any]], int]]


def parse_messages(data: bytes) -> Messages:
    """Read the bytes of a file, or of one in a RIFF file (RMID). Raises ValueError, with what is wrong."""
    data = _unpack_rmid(data)
    if data[:4] != b"MThd" or len(data) < 14:
        raise ValueError("it does not begin with MThd")
    size, form, declared, division = struct.unpack(">LHHh", data[4:14])
    if form > 2:
        raise ValueError(f"it is of format {form}, which does not exist")
    tracks, chunks, at = [], 0, _next_chunk(data, 8 + size, 14)
    while at < len(data):
        kind, size = struct.unpack(">4sL", data[at : at + 8].ljust(8, b"\0"))
        start, end = at + 8, at + 8 + size
        if kind == b"MTrk":
            messages, ticks, stopped = _parse_track(data, start, end)
            tracks.append((messages, ticks))
            at = _next_chunk(data, stopped, end)
        else:
            at = _next_chunk(data, end, start)
        chunks += 1
    if not tracks:
        raise ValueError("it has no tracks")
    if chunks < declared:
        raise ValueError(f"it ends too early: it has {chunks} of {declared} tracks")
    return Messages(form, division, tracks)


def _unpack_rmid(data: bytes) -> bytes:
    """The MIDI file in a RIFF file of form RMID; other data as they are."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack("<4sL", data[at : at + 8])
        if kind == b"data":
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise ValueError("it is a RIFF file (RMID) without a data chunk")


def _next_chunk(data: bytes, *places: int) -> int:
    """The first of some places at which a chunk or the end of the data is; if at none, where the next track is."""
    for at in places:
        if at == len(data) or _is_chunk(data, at):
            return at
    found = data.find(b"MTrk", min(places))
    return found if found >= 0 else len(data)


def _is_chunk(data: bytes, at: int) -> bool:
    kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
    return kind == b"MTrk" or (
        len(kind) == 4 and all(32 <= byte < 127 for byte in kind) and at + 8 + size <= len(data)
    )


def _parse_track(data: bytes, at: int, end: int) -> tuple[list[tuple[int, Any]], int, int]:
    """Read the messages of a track.

    Parameters
    ----------
    data : bytes
        The file.
    at : int
        Where the track's first message is.
    end : int
        Where the track ends, by its length.

    Returns
    -------
    messages : list of (int, mido message)
        The messages that matter, with their ticks.
    ticks : int
        The tick at which the track ends.
    stopped : int
        Where its last message ends.
    """
    messages: list[tuple[int, Any]] = []
    tick = running = 0
    # A length that is too short may end at a message: then neither a chunk nor the end of the file is there.
    while at != end or not (at == len(data) or _is_chunk(data, at)):
        delta, at = _parse_number(data, at)
        tick += delta
        status, kind, message = _bytes(data, at, 1)[0], None, None
        if status >= 0x80:
            at += 1
        elif running:
            status = running
        else:
            raise ValueError("running status without a status before it")
        if status < _SYSEX:
            running, size = status, 1 if 0xC0 <= status < 0xE0 else 2
        elif status in (_SYSEX, _ESCAPE):
            size, at = _parse_number(data, at)
        elif status == _META:
            kind = _bytes(data, at, 1)[0]
            size, at = _parse_number(data, at + 1)
        elif status in _SYSTEM_BYTES:
            size = _SYSTEM_BYTES[status]
        else:
            raise ValueError(f"undefined status byte 0x{status:02x}")
        content = _bytes(data, at, size)
        at += size
        if status < _SYSEX:
            message = _decode(bytes((status, *content)))
        elif status == _SYSEX:
            message = _system_exclusive(content)
        elif kind == _END_OF_TRACK:
            break
        elif kind is not None:
            message = _meta(kind, content)
        if message is not None:
            messages.append((tick, message))
    return messages, tick, at


def _bytes(data: bytes, at: int, count: int) -> bytes:
    """Some of the bytes. Raises ValueError at the end of the data."""
    if at + count > len(data):
        raise ValueError("it ends too early")
    return data[at : at + count]


def _parse_number(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length quantity of up to eight bytes, and where it ends. Raises ValueError if it does not end."""
    value = 0
    for index, byte in enumerate(data[at : at + 8], at + 1):
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, index
    raise ValueError("it ends too early" if at + 8 > len(data) else "a number of more than eight bytes")


@lru_cache(maxsize=1 << 14)  # a file repeats most of its messages
def _decode(message: bytes) -> Any:
    import mido

    return mido.Message.from_bytes(message)


def _system_exclusive(data: bytes) -> Any:
    import mido

    return mido.Message("sysex", data=[byte for byte in data if byte < 0x80])


def _meta(kind: int, data: bytes) -> Any:
    """A meta message, if it matters: a tempo or the name of a track. Raises ValueError if it is damaged."""
    import mido

    if kind == _TRACK_NAME:
        return mido.MetaMessage("track_name", name=_text(data))
    if kind == _TEMPO:
        if len(data) != 3:
            raise ValueError(f"a tempo has {len(data)} bytes, not 3")
        return mido.MetaMessage("set_tempo", tempo=int.from_bytes(data, "big"))
    return None


def _text(data: bytes) -> str:
    """A name, without the blanks and NULs that programs pad it with: UTF-8, or else Latin-1."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.strip("\0 \t\r\n")
