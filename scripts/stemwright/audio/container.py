"""What a sound file's header declares, against what the file holds.

libsndfile opens a truncated WAV without a word and reads fewer frames. This walks the chunks
itself, reads no audio and imports nothing heavy, so that a plan can ask for a length too.
Sources: Microsoft/IBM RIFF (1991), EBU Tech 3306 (RF64), Apple AIFF-C (1991), RFC 9639 (FLAC).
"""

from __future__ import annotations

import os
import stat
import struct
from dataclasses import dataclass
from typing import BinaryIO

from stemwright.errors import AudioFileError


@dataclass(frozen=True)
class Container:
    """A header's claims. `frames` is None where only decoding can tell (MP3, Ogg, raw FLAC streams).

    `fault` says how the file falls short of what it declares; `trailing` counts bytes after its end.
    """

    kind: str
    sample_rate: int | None = None
    channels: int | None = None
    frames: int | None = None
    fault: str | None = None
    trailing: int = 0


def inspect(path: str | os.PathLike) -> Container:
    """Read a file's claims. Raises AudioFileError if it is missing, not a regular file, empty or no audio."""
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
                raise AudioFileError(f"{path}: its header is cut off after {status.st_size:,} bytes") from None
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {error.strerror}") from None


def _container(file: BinaryIO, head: bytes, size: int, path) -> Container:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return _riff(file, head, size, path)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _aiff(file, head, size, path)
    if head[:4] == b"fLaC":
        return _flac(file, path)
    if head[:4] == b"OggS":
        return Container("OGG")
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return Container("MP3")
    raise AudioFileError(f"{path}: is not WAV, RF64, AIFF, FLAC, Ogg or MP3 (it begins with {head[:8]!r})")


def _riff(file: BinaryIO, head: bytes, size: int, path) -> Container:
    kind = "RF64" if head[:4] == b"RF64" else "WAV"
    declared = 8 + struct.unpack("<I", head[4:8])[0]
    wide_data = None
    rate = channels = align = data_start = data_size = None
    at = 12
    while data_size is None and at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"ds64":
            riff_size, wide_data = struct.unpack("<QQ", file.read(16))
            declared = 8 + riff_size
        elif name == b"fmt ":
            channels, rate, _, align = struct.unpack("<HIIH", file.read(16)[2:14])
        elif name == b"data":
            data_start = at + 8
            data_size = wide_data if kind == "RF64" and length == 0xFFFFFFFF and wide_data is not None else length
        at += 8 + length + (length & 1)
    return _chunked(path, kind, "little", rate, channels, align, data_start, data_size, declared, size)


def _aiff(file: BinaryIO, head: bytes, size: int, path) -> Container:
    declared = 8 + struct.unpack(">I", head[4:8])[0]
    rate = channels = align = data_start = data_size = None
    at = 12
    while at + 8 <= min(size, declared) and (rate is None or data_size is None):
        file.seek(at)
        name, length = struct.unpack(">4sI", file.read(8))
        if name == b"COMM":
            channels, _, bits, exponent, mantissa = struct.unpack(">hIhHQ", file.read(18))
            rate = round(mantissa * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63)) if exponent < 16383 + 63 else 0
            compression = file.read(4) if head[8:12] == b"AIFC" else b"NONE"
            align = channels * ((bits + 7) // 8) if compression in (b"NONE", b"sowt", b"fl32", b"fl64", b"FL32") else 0
        elif name == b"SSND":
            offset = struct.unpack(">I", file.read(4))[0]
            data_start, data_size = at + 16 + offset, length - 8 - offset
        at += 8 + length + (length & 1)
    return _chunked(path, "AIFF", "big", rate, channels, align, data_start, data_size, declared, size)


def _chunked(path, kind, order, rate, channels, align, data_start, data_size, declared, size) -> Container:
    if rate is None or channels is None or align is None:
        raise AudioFileError(f"{path}: has no format chunk, so it is not a whole {kind} file")
    if data_size is None:
        return Container(kind, rate, channels, 0, fault="it has no audio data chunk")
    frames = data_size // align if align else None
    fault = None
    if data_start + data_size > size:
        fault = (
            f"truncated: its header declares {data_size:,} bytes of audio, the file holds {size - data_start:,}"
            + (f" ({(size - data_start) // align / rate:.2f} s of {frames / rate:.2f} s)" if align and rate else "")
        )
    elif declared > size + (declared & 1):
        fault = f"truncated: its header declares {declared:,} bytes, the file has {size:,}"
    elif align and data_size % align:
        fault = f"its {data_size:,} bytes of audio are not a whole number of {align}-byte frames"
    end = max(declared + (declared & 1), data_start + data_size)
    return Container(kind, rate, channels, frames, fault, trailing=max(0, size - end))


def _flac(file: BinaryIO, path) -> Container:
    file.seek(8)
    packed = struct.unpack(">10xQ", file.read(18))[0]
    rate, channels, frames = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    return Container("FLAC", rate, channels, frames or None)
