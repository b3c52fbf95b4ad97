"""MPEG-4 files (.m4a, .mp4): AAC or ALAC. Source: ISO/IEC 14496-12."""

from __future__ import annotations

import re
import struct

from stemwright.audio.containers._base import Container, Opened

_CODECS = {b"mp4a": "AAC", b"alac": "ALAC", b"fLaC": "FLAC", b"Opus": "Opus", b".mp3": "MP3"}
_SOUND = re.compile(rb"stsd.{12}(....)", re.DOTALL)
_LARGEST_INDEX = 1 << 26
_EDITS = re.compile(rb"elst\x00{7}\x01(....)....\x00\x01\x00\x00", re.DOTALL)  # one edit, at normal speed
_FILM_SCALE, _TRACK_SCALE = (
    re.compile(name + rb"\x00{4}.{8}(....)", re.DOTALL) for name in (b"mvhd", b"mdhd")
)


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return head[4:8] == b"ftyp"


def inspect(opened: Opened) -> Container:
    """Read the sizes of the boxes of a file.

    Its length is that of its edit list, if that counts in samples. Otherwise its decoder knows how many frames it
    decodes to. Raises struct.error if it ends within the head of a box.
    """
    file, _, size, _ = opened
    at, names, codec, fault, frames = 0, set(), "", None, None
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
            index = file.read(min(length, _LARGEST_INDEX))
            kinds, frames = _SOUND.findall(index), _edited_frames(index)
            codec = next((_CODECS[kind] for kind in kinds if kind in _CODECS), "")
        names.add(name)
        at += length
    if at > size:
        fault = f"truncated: its boxes have {at:,} bytes, the file has {size:,}"
    elif not {b"moov", b"mdat"} <= names:
        fault = "truncated: it has no sound, or no index of it (moov, mdat)"
    trailing = max(0, size - at)
    return Container("MP4", frames=frames, fault=fault, trailing_bytes=trailing, codec=codec)


def _edited_frames(index: bytes) -> int | None:
    """The frames that the one edit of the one track of sound keeps; None if it is not that simple.

    An edit counts in units of the film, which are usually milliseconds: too coarse for a length in frames.
    """
    head, *tracks = index.split(b"trak")
    tracks = [track for track in tracks if b"smhd" in track]
    edits = [edit for track in tracks for edit in _EDITS.findall(track)]
    scales = _FILM_SCALE.findall(head) + [scale for track in tracks for scale in _TRACK_SCALE.findall(track)]
    if len(tracks) != 1 or len(edits) != 1 or len(scales) != 2 or scales[0] != scales[1]:
        return None
    return int.from_bytes(edits[0], "big")
