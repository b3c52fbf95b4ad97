"""Core Audio Format. Source: Apple, Core Audio Format Specification 1.0 (2011)."""

from __future__ import annotations

import struct

from stemwright.audio.containers._base import MAX_CHUNKS, Container, Layout, Opened

_CODECS = {b"alac": "ALAC", b"aac ": "AAC", b"ulaw": "μ-law", b"alaw": "A-law", b"ima4": "IMA ADPCM"}


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return head[:4] == b"caff"


def inspect(opened: Opened) -> Container:
    """Read the chunks of a file.

    Raises AudioFileError if it has no format chunk, struct.error if it ends within its header.
    """
    file, _, size, path = opened
    layout = Layout("CAF", None)
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 12 > size:
            break
        file.seek(at)
        name, length = struct.unpack(">4sq", file.read(12))
        if length < 0 and name != b"data":
            break
        if layout.data_chunks and at + 12 + length > size and name != b"data":
            break
        if name == b"desc":
            rate, kind, packet, layout.channels, layout.bits = struct.unpack(">d4s4xI4xII", file.read(32))
            layout.rate = round(rate) if 0 < rate < 1e9 else 0
            layout.codec = _CODECS.get(kind, "")
            layout.align = packet if kind == b"lpcm" else 0
            layout.expected_align = layout.channels * (layout.bits // 8) if kind == b"lpcm" else None
        elif name == b"data":
            layout.data_chunks += 1
            # The data begin with a count of edits, in 4 bytes. -1: to the end of the file.
            layout.data_start, layout.data_size = at + 16, (1 << 62 if length < 0 else length - 4)
            if length < 0:
                layout.end = size
                break
        layout.end = at + 12 + length
        at = layout.end
    layout.end = min(layout.end, size)
    return layout.container(file, path, size)
