"""What a sound file's header declares, against what the file holds.

libsndfile opens a truncated WAV without a word and reads fewer frames. This walks the chunks
itself, reads no audio and imports nothing heavy, so that a plan can ask for a length too.
Sources: Microsoft/IBM RIFF (1991), EBU Tech 3306 (RF64), Apple AIFF-C (1991), RFC 9639 (FLAC),
RFC 3533 (Ogg), id3.org (ID3v2) and the Xing/Info frame of LAME's source (MP3).
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from stemwright.base.errors import AudioFileError

_MOST_CHUNKS = 10_000  # far more than any real file has; a hole full of zeros reads as millions of them
_FRAMED_WAV = (1, 3, 6, 7)  # format tags of PCM, float, A-law and μ-law: one frame is one block
_EXTENSIBLE = 0xFFFE
_FRAMED_AIFF = (b"NONE", b"sowt", b"fl32", b"fl64", b"FL32")
_OGG_PAGE = 27 + 255 + 255 * 255  # bytes of the largest page
_NO_LENGTH = "it declares no length, so a missing end would go unnoticed (once converted to FLAC, it does)"


class UnknownFormatError(AudioFileError):
    """A file that begins like none of those that are read here."""


@dataclass(frozen=True)
class Container:
    """A header's claims. `frames` is None where only decoding can tell (MP3, Ogg, compressed WAV and AIFF).

    `fault` says how the file falls short of what it declares; `trailing` counts bytes after its end.
    """

    format: str
    sample_rate: int | None = None
    channels: int | None = None
    frames: int | None = None
    fault: str | None = None
    trailing_bytes: int = 0


def inspect(path: str | os.PathLike) -> Container:
    """Read a file's claims. Raises AudioFileError if it is missing, not a regular file, empty or no audio.

    UnknownContainer, one of these, says that it may still be audio of another kind.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise AudioFileError(f"{path}: is {what}, expected an audio file")
    if not status.st_size:
        raise AudioFileError(f"{path}: is empty, expected an audio file")
    try:
        with open(path, "rb") as file:
            head = file.read(12)
            try:
                return _container(file, head, status.st_size, path)
            except struct.error:
                raise AudioFileError(
                    f"{path}: its header is cut off after {status.st_size:,} bytes"
                ) from None
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {error.strerror}") from None


def _container(file: BinaryIO, head: bytes, size: int, path) -> Container:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return _riff(file, head, size, path)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _aiff(file, head, size, path)
    if head[:4] == b"fLaC":
        return _flac(file)
    if head[:4] == b"OggS":
        return _ogg(file, size)
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return _mp3(file, head)
    raise UnknownFormatError(
        f"{path}: is not WAV, RF64, AIFF, FLAC, Ogg or MP3 (it begins with {head[:8]!r})"
    )


def _chunks(file: BinaryIO, order: str, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name, size and place of each chunk's data, the file standing there; `order` as in struct."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > end:
            return
        file.seek(at)
        name, length = struct.unpack(order + "4sI", file.read(8))
        yield name, length, at + 8
        at += 8 + length + (length & 1)


def _riff(file: BinaryIO, head: bytes, size: int, path) -> Container:
    kind = "RF64" if head[:4] == b"RF64" else "WAV"
    declared = 8 + struct.unpack("<I", head[4:8])[0]
    wide_data = None
    rate = channels = align = data_start = data_size = None
    for name, length, start in _chunks(file, "<", size):
        if name == b"ds64":
            riff_size, wide_data = struct.unpack("<QQ", file.read(16))
            declared = 8 + riff_size
        elif name == b"fmt ":
            tag, channels, rate, align = struct.unpack("<HHI4xH2x", file.read(16))
            if tag == _EXTENSIBLE:
                (tag,) = struct.unpack("<8xH", file.read(10))
            align = align if tag in _FRAMED_WAV else 0
        elif name == b"data":
            data_start, data_size = start, length
            if length == 0xFFFFFFFF:
                if kind == "WAV":
                    return Container(kind, rate, channels, fault=_NO_LENGTH)
                data_size = length if wide_data is None else wide_data
            break
    return _chunked(path, kind, rate, channels, align, data_start, data_size, declared, size)


def _aiff(file: BinaryIO, head: bytes, size: int, path) -> Container:
    declared = 8 + struct.unpack(">I", head[4:8])[0]
    rate = channels = align = data_start = data_size = None
    for name, length, start in _chunks(file, ">", min(size, declared)):
        if name == b"COMM":
            channels, count, bits, exponent, mantissa = struct.unpack(">hIhHQ", file.read(18))
            rate = round(mantissa * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63)) if exponent < 16383 + 63 else 0
            compression = file.read(4) if head[8:12] == b"AIFC" else b"NONE"
            align = channels * ((bits + 7) // 8) if compression in _FRAMED_AIFF else 0
        elif name == b"SSND":
            offset = struct.unpack(">I", file.read(4))[0]
            data_start, data_size = start + 8 + offset, length - 8 - offset
        if rate is not None and data_size is not None:
            break
    if align and data_size == count * align + 1:
        data_size -= 1  # some writers (libsndfile) count the pad byte
    return _chunked(path, "AIFF", rate, channels, align, data_start, data_size, declared, size)


def _chunked(path, kind, rate, channels, align, data_start, data_size, declared, size) -> Container:
    if rate is None or channels is None or align is None:
        raise AudioFileError(f"{path}: has no format chunk, so it is not a whole {kind} file")
    if data_size is None:
        return Container(kind, rate, channels, 0, fault="it has no audio data chunk")
    frames = data_size // align if align else None
    held = max(0, size - data_start)
    fault = None
    if not (rate and channels):
        fault = f"its header declares {channels} channels at {rate:,} Hz"
    elif data_size > held:
        fault = f"truncated: its header declares {data_size:,} bytes of audio, the file holds {held:,}"
        if align:
            fault += f" ({held // align / rate:.2f} s of {frames / rate:.2f} s)"
    elif declared > size:
        fault = f"truncated: its header declares {declared:,} bytes, the file has {size:,}"
    elif align and data_size % align:
        fault = f"its {data_size:,} bytes of audio are not a whole number of {align}-byte frames"
    end = max(declared + (declared & 1), data_start + data_size)
    return Container(kind, rate, channels, frames, fault, trailing_bytes=max(0, size - end))


def _flac(file: BinaryIO) -> Container:
    file.seek(8)
    packed = struct.unpack(">10xQ", file.read(18))[0]
    rate, channels, frames = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    return Container("FLAC", rate, channels, frames or None, fault=None if frames else _NO_LENGTH)


def _ogg(file: BinaryIO, size: int) -> Container:
    file.seek(max(0, size - _OGG_PAGE))
    tail = file.read(_OGG_PAGE)
    page = tail[tail.rfind(b"OggS") :]
    length = 27 + page[26] + sum(page[27 : 27 + page[26]]) if len(page) >= 27 else _OGG_PAGE
    is_last = len(page) >= length and page[5] & 4
    fault = None if is_last else "truncated: the page that ends the stream is missing or cut off"
    return Container("OGG", fault=fault, trailing_bytes=len(page) - length if is_last else 0)


def _mp3(file: BinaryIO, head: bytes) -> Container:
    at = 0
    if head[:3] == b"ID3" and len(head) >= 10:
        at = 10 + sum(digit << 7 * place for place, digit in enumerate(reversed(head[6:10])))
    file.seek(at)
    # Without this count of frames, decoders guess the length from the first bit rate, often short.
    count = re.search(rb"(?:Xing|Info)\0\0\0(.)", file.read(4096), re.DOTALL)
    return Container("MP3", fault=None if count and count[1][0] & 1 else _NO_LENGTH)
