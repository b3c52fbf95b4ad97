"""FLAC. Each frame has a number, a checksum of its header, and one of all of it, which the decoder compares.

Source: RFC 9639.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from stemwright.audio.containers._base import AGAIN, CONVERT, NO_LENGTH, Container, Opened
from stemwright.audio.containers._crc import flac_header_crc
from stemwright.audio.containers._tags import end_of_audio, start_of_audio
from stemwright.base.errors import AudioFileError

_WINDOW = 1 << 20
_LONGEST_HEADER = 16
_MAGIC = b"fLaC\0\0\0\x22"  # of a whole stream, with the head of its STREAMINFO
_SYNC = re.compile(rb"\xff[\xf8\xf9]|" + _MAGIC)
_BLOCK_SIZES = [0, 192, *(576 << n for n in range(4)), 0, 0, *(256 << n for n in range(8))]
_RATES = [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000]
_BITS = [0, 8, 12, 0, 16, 20, 24, 32]


@dataclass(frozen=True)
class _Info:
    """What STREAMINFO declares."""

    block: int
    rate: int
    channels: int
    bits: int
    frames: int
    md5: bytes


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return head[:4] == b"fLaC"


def inspect(opened: Opened) -> Container:
    """Find the headers of all frames of a file, and compare their numbers with the declared length.

    Raises AudioFileError if STREAMINFO is not its first block of metadata, struct.error if it ends within its header.
    """
    file, _, size, path = opened
    start = start_of_audio(file)
    file.seek(start + 4)
    kind, *_ = struct.unpack(">B3s", file.read(4))
    if kind & 0x7F:
        raise AudioFileError(f"{path}: does not begin with STREAMINFO, so it is not a whole FLAC file")
    block, packed, md5 = struct.unpack(">2xH6xQ16s", file.read(34))
    info = _Info(
        block, packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (1 << 36) - 1, md5
    )
    at = start + 4
    while True:  # blocks of metadata
        file.seek(at)
        flags, length = struct.unpack(">B3s", file.read(4))
        at += 4 + int.from_bytes(length, "big")
        if flags & 0x80 or at >= size:
            break
    end, _ = end_of_audio(file, size)
    fault, remedy = _compare(_frames(file, at, end, info), info)
    has_md5 = any(md5)
    return Container(
        "FLAC",
        info.rate,
        info.channels,
        info.frames or None,
        fault or None,
        checks=("the number of each frame and the checksum of its header",),
        checks_of_decoder=("the checksum of each frame", *(("the MD5 of all samples",) if has_md5 else ())),
        skip=start,
        md5=md5 if has_md5 else b"",
        bits=info.bits,
        remedy=remedy or AGAIN,
    )


def _compare(frames: Iterator[tuple[int, int, int]], info: _Info) -> tuple[str, str]:
    """(what is wrong, or nothing; the remedy) of frames as (offset, first sample, samples)."""
    found = 0
    stray: tuple[int, int, int] | None = None  # a header by chance, unless another follows from it
    for at, first, count in frames:
        if first < 0:
            return (
                f"it holds several recordings, one after another; the second begins at byte {at:,}",
                CONVERT,
            )
        if first == found:
            found, stray = found + count, None
        elif stray is not None and stray[1] + stray[2] == first:
            break
        else:
            stray = at, first, count
    if stray is not None and stray[1] > found < info.frames:
        text = f"damaged: samples {found:,} to {stray[1] - 1:,} are missing, or cannot be read"
        return f"{text}, before byte {stray[0]:,}", ""
    if not info.frames:
        return NO_LENGTH, CONVERT
    if found < info.frames:
        return f"truncated: its header declares {info.frames:,} frames, the file holds {found:,}", ""
    if found > info.frames:
        return f"its header declares {info.frames:,} frames, but the file holds {found:,}", CONVERT
    return "", ""


def _frames(file: BinaryIO, start: int, end: int, info: _Info) -> Iterator[tuple[int, int, int]]:
    """Find the headers of frames: yields (offset, first sample, samples); sample -1 is the start of another stream."""
    at, kept = start, b""
    file.seek(start)
    while at < end:
        window = kept + file.read(min(_WINDOW, end - at))
        base = at - len(kept)
        if len(window) == len(kept):
            return
        at = base + len(window)
        # A header that begins in the last bytes may be cut off there: it is read with the next window.
        limit = len(window) if at >= end else len(window) - _LONGEST_HEADER
        for match in _SYNC.finditer(window):
            if match.start() >= limit:
                break
            if match[0] == _MAGIC:
                yield base + match.start(), -1, 0
            header = _header(window[match.start() : match.start() + _LONGEST_HEADER], info)
            if header is not None:
                yield base + match.start(), *header
        kept = window[limit:]


def _header(data: bytes, info: _Info) -> tuple[int, int] | None:
    """(first sample, samples) of a frame whose header this is; None if it is none of this stream."""
    if len(data) < 6:
        return None
    size_code, rate_code, layout, bits_code = data[2] >> 4, data[2] & 15, data[3] >> 4, data[3] >> 1 & 7
    if not size_code or rate_code == 15 or layout > 10 or data[3] & 1:
        return None
    if (layout + 1 if layout < 8 else 2) != info.channels or _BITS[bits_code] not in (0, info.bits):
        return None
    if rate_code < 12 and _RATES[rate_code] not in (0, info.rate):
        return None
    length = 1 if data[4] < 0x80 else 8 - (data[4] ^ 0xFF).bit_length() if data[4] >= 0xC0 else 0
    if not length or length > 7:
        return None
    number = data[4] & (0x7F if length == 1 else 0x7F >> length)
    for byte in data[5 : 4 + length]:
        number = number << 6 | byte & 0x3F
    at = 4 + length
    extra = {6: 1, 7: 2}.get(size_code, 0)
    count = int.from_bytes(data[at : at + extra], "big") + 1 if extra else _BLOCK_SIZES[size_code]
    at += extra + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if len(data) <= at or flac_header_crc(data[:at]) != data[at]:
        return None
    return (number if data[1] & 1 else number * info.block), count
