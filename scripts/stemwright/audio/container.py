"""What the header of an audio file declares, compared with what the file contains.

libsndfile opens a truncated WAV without an error and reads fewer frames. This module parses the chunks itself. It
reads no samples and imports no heavy library, so that planning can use it to find the length of a file.
Sources: Microsoft/IBM RIFF (1991), EBU Tech 3306 (RF64), Apple AIFF-C (1991), RFC 9639 (FLAC), RFC 3533 (Ogg),
id3.org (ID3v2) and the Xing/Info frame of LAME's source (MP3).
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

_MAX_CHUNKS = 10_000  # far more than real files have; a run of zero bytes parses as millions of chunks
_FRAMED_WAV = (1, 3, 6, 7)  # format tags of PCM, float, A-law and μ-law, whose block is one frame
_EXTENSIBLE = 0xFFFE
_FRAMED_AIFF = (b"NONE", b"sowt", b"fl32", b"fl64", b"FL32")
_OGG_PAGE = 27 + 255 + 255 * 255  # bytes of the largest page
_NO_LENGTH = "it declares no length, so a missing end would go unnoticed (converted to FLAC, it declares one)"


class UnknownFormatError(AudioFileError):
    """A file whose first bytes are those of none of the formats read here."""


@dataclass(frozen=True)
class Container:
    """What a header declares: `format` (WAV, RF64, AIFF, FLAC, OGG or MP3), `sample_rate` in Hz, channels, frames.

    A value is None where only decoding can find it, such as the frames of MP3, Ogg, and compressed WAV and AIFF.
    `fault` describes what is missing of what is declared, if anything is; `trailing_bytes` follow the declared end.
    """

    format: str
    sample_rate: int | None = None
    channels: int | None = None
    frames: int | None = None
    fault: str | None = None
    trailing_bytes: int = 0


def inspect(path: str | os.PathLike) -> Container:
    """Read a file's header.

    Raises AudioFileError if the file is missing, not a regular file, empty or has no valid header; its subclass
    UnknownFormatError if it may still be audio of another format.
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


def _container(file: BinaryIO, head: bytes, size: int, path: str | os.PathLike) -> Container:
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
    """Yield (name, size, offset) of each chunk's data, with the file at that offset; `order` as in `struct`."""
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            return
        file.seek(at)
        name, length = struct.unpack(order + "4sI", file.read(8))
        yield name, length, at + 8
        at += 8 + length + (length & 1)


@dataclass
class _Layout:
    """What the chunks of a WAV or AIFF file declare; `declared` is the size of the whole file in bytes.

    `align` is the size of a frame in bytes, 0 where a compressed format has no such size.
    """

    format: str
    declared: int
    rate: int | None = None
    channels: int | None = None
    align: int | None = None
    data_start: int = 0
    data_size: int | None = None

    def container(self, path: str | os.PathLike, size: int) -> Container:
        """Compare what is declared with a file of `size` bytes. Raises AudioFileError without a format chunk."""
        rate, channels, align, data_size = self.rate, self.channels, self.align, self.data_size
        if rate is None or channels is None or align is None:
            raise AudioFileError(f"{path}: has no format chunk, so it is not a whole {self.format} file")
        if data_size is None:
            return Container(self.format, rate, channels, 0, fault="it has no audio data chunk")
        available = max(0, size - self.data_start)
        fault = None
        if not (rate and channels):
            fault = f"its header declares {channels} channels at {rate:,} Hz"
        elif data_size > available:
            fault = (
                f"truncated: its header declares {data_size:,} bytes of audio, the file holds {available:,}"
            )
            if align:
                seconds, declared_seconds = available // align / rate, data_size // align / rate
                fault += f" ({seconds:.2f} s of {declared_seconds:.2f} s)"
        elif self.declared > size:
            fault = f"truncated: its header declares {self.declared:,} bytes, the file has {size:,}"
        elif align and data_size % align:
            fault = f"its {data_size:,} bytes of audio are not a whole number of {align}-byte frames"
        end = max(self.declared + (self.declared & 1), self.data_start + data_size)
        frames = data_size // align if align else None
        return Container(self.format, rate, channels, frames, fault, trailing_bytes=max(0, size - end))


def _riff(file: BinaryIO, head: bytes, size: int, path: str | os.PathLike) -> Container:
    layout = _Layout("RF64" if head[:4] == b"RF64" else "WAV", 8 + struct.unpack("<I", head[4:8])[0])
    wide_data = None
    for name, length, start in _chunks(file, "<", size):
        if name == b"ds64":
            riff_size, wide_data = struct.unpack("<QQ", file.read(16))
            layout.declared = 8 + riff_size
        elif name == b"fmt ":
            tag, layout.channels, layout.rate, align = struct.unpack("<HHI4xH2x", file.read(16))
            if tag == _EXTENSIBLE:
                (tag,) = struct.unpack("<8xH", file.read(10))
            layout.align = align if tag in _FRAMED_WAV else 0
        elif name == b"data":
            layout.data_start, layout.data_size = start, length
            if length == 0xFFFFFFFF:
                if layout.format == "WAV":
                    return Container("WAV", layout.rate, layout.channels, fault=_NO_LENGTH)
                layout.data_size = length if wide_data is None else wide_data
            break
    return layout.container(path, size)


def _aiff(file: BinaryIO, head: bytes, size: int, path: str | os.PathLike) -> Container:
    layout = _Layout("AIFF", 8 + struct.unpack(">I", head[4:8])[0])
    count = 0
    for name, length, start in _chunks(file, ">", min(size, layout.declared)):
        if name == b"COMM":
            layout.channels, count, bits, exponent, mantissa = struct.unpack(">hIhHQ", file.read(18))
            layout.rate = (
                round(mantissa * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63)) if exponent < 16383 + 63 else 0
            )
            compression = file.read(4) if head[8:12] == b"AIFC" else b"NONE"
            layout.align = layout.channels * ((bits + 7) // 8) if compression in _FRAMED_AIFF else 0
        elif name == b"SSND":
            offset = struct.unpack(">I", file.read(4))[0]
            layout.data_start, layout.data_size = start + 8 + offset, length - 8 - offset
        if layout.rate is not None and layout.data_size is not None:
            break
    if layout.align and layout.data_size == count * layout.align + 1:
        layout.data_size -= 1  # some writers (libsndfile) count the pad byte
    return layout.container(path, size)


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
    # Without this frame count, decoders estimate the length from the first bit rate, often too short.
    count = re.search(rb"(?:Xing|Info)\0\0\0(.)", file.read(4096), re.DOTALL)
    return Container("MP3", fault=None if count and count[1][0] & 1 else _NO_LENGTH)
