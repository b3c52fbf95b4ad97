"""MPEG-4 files (.m4a, .mp4): AAC or ALAC. Source: ISO/IEC 14496-12."""

from __future__ import annotations

import re
import struct

from stemwright.audio.containers._base import Container, Opened

_CODECS = {b"mp4a": "AAC", b"alac": "ALAC", b"fLaC": "FLAC", b"Opus": "Opus", b".mp3": "MP3"}
_SOUND = re.compile(rb"stsd.{12}(....)", re.DOTALL)
_LARGEST_INDEX = 1 << 26


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return head[4:8] == b"ftyp"


def inspect(opened: Opened) -> Container:
    """Read the sizes of the boxes of a file.

    Its decoder knows how many frames it decodes to. Raises struct.error if it ends within the head of a box.
    """
    file, _, size, _ = opened
    at, names, codec, fault = 0, set(), "", None
    while at + 8 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
        elif not length:  # to the end of the file
            length = size - at
        if length < 8:
            break
        if name == b"moov":
            kinds = _SOUND.findall(file.read(min(length, _LARGEST_INDEX)))
            codec = next((_CODECS[kind] for kind in kinds if kind in _CODECS), "")
        names.add(name)
        at += length
    if at > size:
        fault = f"truncated: its boxes have {at:,} bytes, the file has {size:,}"
    elif not {b"moov", b"mdat"} <= names:
        fault = "truncated: it has no sound, or no index of it (moov, mdat)"
    trailing = max(0, size - at)
    return Container("MP4", fault=fault, trailing_bytes=trailing, codec=codec)
