"""MPEG audio, layers I to III: frames, each with a header that says how long it is.

The first frame of most MP3 files is silent, and has their length, and, by LAME and ffmpeg, a checksum of all others.
Sources: ISO/IEC 11172-3 and 13818-3 (headers), the source of LAME (VbrTag.c: Xing, Info, LAME), Fraunhofer (VBRI).
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from stemwright.audio.containers._base import AGAIN, CONVERT, Container, Opened
from stemwright.audio.containers._tags import end_of_audio, start_of_audio
from stemwright.base.errors import AudioFileError

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KBITS = {  # by (whether MPEG-1, layer)
    (True, 1): range(0, 449, 32),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_LONGEST = 2_881  # bytes of the longest frame (layer II, 384 kbit/s at 32 kHz, and one byte of padding)
_JUNK = 1 << 16  # searched for the first frame
_MOST_BIT_RATE_RATIO = 56  # 448 to 8 kbit/s
_SYNC = re.compile(rb"\xff[\xe0-\xff]")


@dataclass(frozen=True)
class _Header:
    """A frame's header: its size in bytes, and the samples a channel it decodes to."""

    version: int
    layer: int
    rate: int
    channels: int
    size: int
    samples: int

    @property
    def stream(self) -> tuple[int, int, int]:
        """What is the same in all frames of a recording."""
        return self.version, self.layer, self.rate


@dataclass(frozen=True)
class _Tag:
    """What the silent first frame declares; None where it does not."""

    frames: int | None
    size: int | None = None
    trimmed: int | None = None
    checksum: int | None = None
    checked: int = 0


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes, behind an ID3v2 tag, may be one."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and bool(head[1] & 6)


def inspect(opened: Opened) -> Container:
    """Read the headers of all frames of a file, and compare them with what it declares.

    Raises AudioFileError if there are no two frames one after the other.
    """
    file, _, size, path = opened
    end, is_adjusted = end_of_audio(file, size)
    return inspect_frames(file, start_of_audio(file), end, path, is_adjusted)


def inspect_frames(
    file: BinaryIO, start: int, end: int, path: str | os.PathLike, is_adjusted: bool = False
) -> Container:
    """Read the headers of the frames in a part of a file.

    Parameters
    ----------
    file : binary file
        The file.
    start, end : int
        The offsets between which they are.
    path : path-like
        Its path, for errors.
    is_adjusted : bool
        Whether they were changed since they were written, so that a checksum no longer applies.

    Returns
    -------
    Container
        What they declare and hold.

    Raises
    ------
    AudioFileError
        If there are no two frames one after the other.
    """
    found = _find(file, start, end)
    if found is None:
        raise AudioFileError(f"{path}: is not an audio file: it has no frames of MPEG audio")
    start = found
    first = _header_at(file, start)
    assert first is not None
    tag = _read_tag(file, start, first)
    count, at, fault, remedy = _walk(file, start if tag is None else start + first.size, end, first)
    checks: tuple[str, ...] = ("where each frame begins",)
    trailing = 0
    if not fault and at < end:
        cut = _header_at(file, at)
        if cut is not None and cut.stream == first.stream:
            fault = f"truncated: its last frame has {cut.size:,} bytes, of which the file holds {end - at:,}"
        else:
            trailing = end - at
    if not fault and tag is not None and tag.frames is not None:
        fault = _compare(tag, count, at - start) or ""
        checks += ("the number of frames",)
        if not fault and tag.checksum is not None and not is_adjusted:
            from stemwright.audio.containers._crc import lame_music_crc

            checks += ("the checksum of all frames (LAME)",)
            found = lame_music_crc(file, start + first.size, start + tag.checked)
            if found != tag.checksum:
                fault = (
                    f"damaged: the checksum of its frames is {found:04x}, its header says {tag.checksum:04x}"
                )
        elif fault and count > tag.frames:
            remedy = CONVERT
    is_tagged = tag is not None and tag.frames is not None and tag.trimmed is not None
    frames = count * first.samples - (tag.trimmed or 0 if tag else 0)
    return Container(
        "MP3",
        first.rate,
        first.channels,
        max(0, frames),
        fault or None,
        trailing,
        "" if first.layer == 3 else f"layer {'I' * first.layer}",
        checks,
        surplus=f"{trailing:,} bytes after its end: they are no frames"
        if trailing and not _is_padding(file, at, end)
        else "",
        # Without a whole tag, decoders guess the length from the size and the first bit rate, often too short.
        skip=start if is_tagged or tag is None else start + first.size,
        pretended_size=0 if is_tagged else end * _MOST_BIT_RATE_RATIO,
        remedy=remedy or AGAIN,
    )


def _walk(file: BinaryIO, at: int, end: int, first: _Header) -> tuple[int, int, str, str]:
    """(number of frames, offset behind the last, what is wrong, the remedy)."""
    count = 0
    several = "it holds several recordings, one after another; the second begins at byte"
    while True:
        header = _header_at(file, at)
        if header is None or header.stream != first.stream:
            again = _find(file, at, end)
            file.seek(at)
            if again is None:
                return count, at, "", ""
            if again == at or file.read(3) in (b"ID3", b"TAG", b"APE"):
                return count, at, f"{several} {again:,}", CONVERT
            return count, at, f"damaged: the {again - at:,} bytes from byte {at:,} are no frames", ""
        if at + header.size > end:
            return count, at, "", ""
        if _read_tag(file, at, header) is not None:
            return count, at, f"{several} {at:,}", CONVERT
        count, at = count + 1, at + header.size


def _compare(tag: _Tag, count: int, size: int) -> str | None:
    """What is wrong with the declared number of frames, if anything is."""
    assert tag.frames is not None
    # Some encoders count the silent frame too. Then the size in bytes tells.
    if tag.frames == count or (tag.frames == count + 1 and tag.size == size):
        return None
    if tag.frames > count:
        return f"truncated: its header declares {tag.frames:,} frames of MPEG audio, the file holds {count:,}"
    return f"its header declares {tag.frames:,} frames of MPEG audio, but the file holds {count:,}"


def _find(file: BinaryIO, at: int, end: int) -> int | None:
    """The offset of the first frame that another of the same stream, or the end, follows."""
    file.seek(at)
    window = file.read(min(_JUNK, max(0, end - at)))
    for match in _SYNC.finditer(window):
        header = _parse(window[match.start() : match.start() + 4])
        if header is None:
            continue
        behind = at + match.start() + header.size
        following = _header_at(file, behind)
        if behind == end or (following is not None and following.stream == header.stream):
            return at + match.start()
    return None


def _header_at(file: BinaryIO, at: int) -> _Header | None:
    file.seek(at)
    return _parse(file.read(4))


def _parse(data: bytes) -> _Header | None:
    """The header in four bytes; None if they are none, or of free format."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    version, layer = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3)
    bit_rate, rate_code, padding = data[2] >> 4, data[2] >> 2 & 3, data[2] >> 1 & 1
    if version == 1 or layer == 4 or bit_rate in (0, 15) or rate_code == 3:
        return None
    rate, bits = _RATES[version][rate_code], 1000 * _KBITS[version == 3, layer][bit_rate]
    samples = {1: 384, 2: 1152}.get(layer, 1152 if version == 3 else 576)
    slot = 4 if layer == 1 else 1
    size = (samples // 8 * bits // (rate * slot) + padding) * slot
    return _Header(version, layer, rate, 1 if data[3] >> 6 == 3 else 2, size, samples)


def _side_info(header: _Header) -> int:
    """The size of a layer III frame's header and side information."""
    return 4 + ((17 if header.channels == 1 else 32) if header.version == 3 else (9, 17)[header.channels - 1])


def _read_tag(file: BinaryIO, at: int, header: _Header) -> _Tag | None:
    """What a frame declares, if it is a silent one that does."""
    if header.layer != 3:
        return None
    file.seek(at)
    data = file.read(min(header.size, 192 + 40))
    if data[36:40] == b"VBRI":
        size, frames = struct.unpack_from(">II", data, 46) if len(data) >= 54 else (None, None)
        return _Tag(frames, size)
    side = _side_info(header)
    for place in (side, side + 2):  # behind a CRC
        if data[place : place + 4] in (b"Xing", b"Info"):
            return _read_xing(data, place)
    return None


def _read_xing(data: bytes, at: int) -> _Tag:
    flags = data[at + 7] if len(data) > at + 7 else 0
    at += 8
    frames = size = None
    if flags & 1:
        frames, at = int.from_bytes(data[at : at + 4], "big"), at + 4
    if flags & 2:
        size, at = int.from_bytes(data[at : at + 4], "big"), at + 4
    at += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    lame = data[at : at + 36]
    if len(lame) < 36 or not lame[:4].isalnum():
        return _Tag(frames, size)
    delays = int.from_bytes(lame[21:24], "big")
    checked, checksum = int.from_bytes(lame[28:32], "big"), int.from_bytes(lame[32:34], "big")
    has_checksum = bool(checksum) and checked == size
    return _Tag(frames, size, (delays >> 12) + (delays & 0xFFF), checksum if has_checksum else None, checked)


def _is_padding(file: BinaryIO, at: int, end: int) -> bool:
    file.seek(at)
    return not file.read(end - at).strip(b"\0")
