"""AIFF: an ID3v2.4 tag in the chunk `ID3 `, as every reader of today knows it, and markers where sections begin.

A marker's name is of ASCII, and has at most 255 letters. Source: Apple AIFF 1.3 (1989).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator

from stemwright.audio import AudioFile
from stemwright.delivery.metadata._base import Metadata, ascii_bytes, sections
from stemwright.delivery.metadata._id3 import held_tags, read_tag, tag_bytes
from stemwright.delivery.metadata._riff import append, chunk, found_chunks

_MOST = 0x7FFF  # ids are positive numbers of 16 bits


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    with AudioFile(path) as file:
        markers = [
            struct.pack(">HI", number, metadata.frame_in(file.rate, marker.frame)) + _name(marker.title)
            for number, marker in enumerate(metadata.markers[:_MOST], 1)
        ]
    data = struct.pack(">H", len(markers)) + b"".join(markers) if markers else b""
    append(path, chunk(b"MARK", data, ">") + chunk(b"ID3 ", tag_bytes(metadata), ">"))


def _name(text: str) -> bytes:
    """A Pascal string, padded to an even number of bytes."""
    name = ascii_bytes(text, 255)
    return bytes([len(name)]) + name + bytes(1 - len(name) % 2)


def held(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate says, as `read` reads it."""
    marks = (
        (metadata.frame_in(rate, m.frame), ascii_bytes(m.title, 255).decode())
        for m in metadata.markers[:_MOST]
    )
    return held_tags(metadata) | sections(marks) | metadata.cover_said


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    found: dict[str, str] = {}
    for name, data in found_chunks(path, ">"):
        if name == b"ID3 ":
            found |= read_tag(io.BytesIO(data))
        elif name == b"MARK":
            found |= sections(_marks(data))
    return found


def _marks(data: bytes) -> Iterator[tuple[int, str]]:
    """Each marker: its frame and its name."""
    at = 2
    while at < len(data):
        frame, length = struct.unpack_from(">xxIB", data, at)
        yield frame, data[at + 7 : at + 7 + length].decode("ascii")
        at += 8 + length - length % 2
