"""A cover: a JPEG or PNG, known by its bytes and whole, whatever its name is.

Sources: ITU-T T.81 (JPEG), annex B; W3C PNG, third edition, 5 and 11.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from stemwright.base.errors import StemwrightError

MOST_BYTES, MOST_PIXELS = 10_000_000, 10_000
"""FLAC holds 16 MiB; shops take no more than 10 MB (Apple, Spotify), and not 10,000 pixels on a side."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_STARTS_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STAND_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))


@dataclass(frozen=True)
class Cover:
    """An image: its bytes, its MIME type, its width and height in pixels, and the bits of a pixel."""

    data: bytes
    mime: str
    width: int
    height: int
    depth: int


def covers_said(pictures: Iterable[bytes]) -> dict[str, str]:
    """What a file with these pictures says of its cover: half a SHA-256 in hexadecimal digits; nothing without one."""
    digests = [hashlib.sha256(data).hexdigest()[:32] for data in pictures]
    return {"cover": " ".join(digests)} if digests else {}


def read_cover(path: str | os.PathLike) -> Cover:
    """Read a cover. Raises StemwrightError, which says what is wrong with it and the remedy."""
    size = os.path.getsize(path)
    if size > MOST_BYTES:
        raise StemwrightError(
            f"{path}: has {size:,} bytes, a cover at most {MOST_BYTES:,}: export it smaller"
        )
    with open(path, "rb") as file:
        data = file.read()
    reader = _png if data.startswith(_PNG) else _jpeg if data.startswith(_JPEG) else None
    if reader is None:
        what = f"begins with {data[:8]!r}" if data else "is empty"
        raise StemwrightError(f"{path}: is no JPEG or PNG ({what}): export the cover as one of these")
    try:
        cover = reader(data)
    except (IndexError, struct.error):
        raise StemwrightError(f"{path}: is truncated: get the whole image again") from None
    except ValueError as error:
        raise StemwrightError(f"{path}: {error}: export the cover again") from None
    if not (0 < cover.width <= MOST_PIXELS and 0 < cover.height <= MOST_PIXELS):
        found = f"has {cover.width:,} x {cover.height:,} pixels"
        raise StemwrightError(
            f"{path}: {found}, a cover 1 to {MOST_PIXELS:,} on a side: export it in that size"
        )
    return cover


def _png(data: bytes) -> Cover:
    """A PNG: its chunks are whole, and the last is IEND."""
    at, found = len(_PNG), None
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        (wanted,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(data[at + 4 : at + 8 + length]) != wanted:
            raise ValueError(f"is damaged in its chunk {name!r}")
        if name == b"IHDR":
            width, height, bits, colour = struct.unpack_from(">IIBB", data, at + 8)
            found = Cover(data, "image/png", width, height, bits * _PNG_CHANNELS.get(colour, 1))
        elif name == b"IEND":
            if found is None:
                raise ValueError("has no header")
            return found
        at += 12 + length


def _jpeg(data: bytes) -> Cover:
    """A JPEG: its segments are whole, and its end is there."""
    at, found, scanned = 2, None, False
    while True:
        if data[at] != 0xFF:
            raise ValueError(f"is damaged at byte {at:,}")
        while data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker == 0xD9:
            if found is None or not scanned:
                raise ValueError("has no picture before its end")
            return found
        if marker in _STAND_ALONE:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        if marker in _STARTS_OF_FRAME:
            bits, height, width, parts = struct.unpack_from(">BHHB", data, at + 2)
            found = Cover(data, "image/jpeg", width, height, bits * parts)
        at += length
        if marker == 0xDA:  # what it codes goes on until the next marker that is none of a restart
            scanned = True
            while (at := _find(data, at)) and (data[at + 1] == 0 or data[at + 1] in _STAND_ALONE):
                at += 2


def _find(data: bytes, start: int) -> int:
    """The next 0xFF. Raises IndexError if there is none."""
    if (at := data.find(b"\xff", start)) < 0:
        raise IndexError
    return at
