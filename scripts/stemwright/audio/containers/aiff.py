"""AIFF and AIFF-C. Source: Apple, Audio Interchange File Format AIFF-C (1991)."""

from __future__ import annotations

import struct

from stemwright.audio.containers._base import Container, Layout, Opened, chunks, is_chunk_behind_audio

_WIDTHS = {b"in24": 3, b"42ni": 3, b"in32": 4, b"23ni": 4, b"fl32": 4, b"FL32": 4, b"fl64": 8, b"FL64": 8}
_INTEGERS = (b"NONE", b"sowt", b"twos")
_CODECS = {b"ulaw": "μ-law", b"ULAW": "μ-law", b"alaw": "A-law", b"ALAW": "A-law", b"ima4": "IMA ADPCM"}


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


def inspect(opened: Opened) -> Container:
    """Read the chunks of a file.

    Raises AudioFileError if it has no format chunk, struct.error if it ends within its header.
    """
    file, head, size, path = opened
    layout = Layout("AIFF", 8 + struct.unpack(">I", head[4:8])[0])
    count = 0
    for name, length, start in chunks(file, ">", size):
        if layout.data_chunks and not is_chunk_behind_audio(name, start + length, size):
            break
        layout.end = start + length
        if name == b"COMM":
            layout.channels, count, layout.bits, exponent, mantissa = struct.unpack(">hIhHQ", file.read(18))
            # An 80-bit float; a sample rate of 2^63 Hz is none.
            layout.rate = round(mantissa * 2.0 ** ((exponent & 0x7FFF) - 16446)) if exponent < 16446 else 0
            compression = file.read(4) if head[8:12] == b"AIFC" else b"NONE"
            width = (layout.bits + 7) // 8 if compression in _INTEGERS else _WIDTHS.get(compression, 0)
            layout.align, layout.codec = layout.channels * width, _CODECS.get(compression, "")
        elif name == b"SSND":
            layout.data_chunks += 1
            if layout.data_chunks == 1:
                offset = struct.unpack(">I", file.read(4))[0]
                layout.data_start, layout.data_size = start + 8 + offset, length - 8 - offset
    if layout.align and layout.data_size == count * layout.align + 1:
        layout.data_size -= 1  # some writers (libsndfile) count the pad byte
    container = layout.container(file, path, size)
    if container.fault or not layout.align or container.frames == count:
        return container
    held = f"its header declares {count:,} frames (COMM), its audio chunk (SSND) has {container.frames:,}"
    return Container("AIFF", layout.rate, layout.channels, container.frames, held, container.trailing_bytes)
