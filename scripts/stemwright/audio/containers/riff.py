"""WAV, and its forms for more than 4 GB: RF64, BW64 and Sony Wave64.

Sources: Microsoft/IBM RIFF (1991), Microsoft mmreg.h, EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64), Sony Wave64 (2001).
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import BinaryIO

from stemwright.audio.containers import mpeg
from stemwright.audio.containers._base import Container, Layout, Opened, chunks, is_chunk_behind_audio

_PCM, _MS_ADPCM, _FLOAT, _A_LAW, _MU_LAW, _IMA_ADPCM, _GSM, _MP3 = 1, 2, 3, 6, 7, 0x11, 0x31, 0x55
_EXTENSIBLE = 0xFFFE
_CODECS = {_MS_ADPCM: "MS ADPCM", _A_LAW: "A-law", _MU_LAW: "μ-law", _IMA_ADPCM: "IMA ADPCM"}
_CODECS |= {_GSM: "GSM 6.10", _MP3: "MP3"}
_W64 = b"riff.\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0"
_W64_CHUNK = (
    b"\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a"  # follows the four letters of all its other names
)


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return (head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE") or head[:16] == _W64


def inspect(opened: Opened) -> Container:
    """Read the chunks of a file.

    Raises AudioFileError if it has no format chunk, struct.error if it ends within its header.
    """
    file, head, size, path = opened
    if head[:16] == _W64:
        return _wave64(opened)
    kind = {b"RIFF": "WAV", b"RF64": "RF64", b"BW64": "BW64"}[head[:4]]
    layout = Layout(kind, 8 + struct.unpack("<I", head[4:8])[0])
    wide_data, fact = None, None
    for name, length, start in chunks(file, "<", size):
        if layout.data_chunks and not is_chunk_behind_audio(name, start + length, size):
            break
        layout.end = start + length
        if name == b"ds64":
            riff_size, wide_data = struct.unpack("<QQ", file.read(16))
            layout.declared = 8 + riff_size
        elif name == b"fmt ":
            _read_format(layout, file)
        elif name == b"fact" and length >= 4:
            (fact,) = struct.unpack("<I", file.read(4))
        elif name == b"data":
            layout.data_chunks += 1
            if layout.data_chunks > 1:
                continue
            layout.data_start, layout.data_size = start, length
            if length == 0xFFFFFFFF and wide_data is not None:
                layout.data_size = wide_data
                layout.end = start + wide_data
                if layout.end > size:
                    break
    _count_compressed(layout, fact)
    container = layout.container(file, path, size)
    if kind == "BW64":  # a form of RF64, which libsndfile knows
        return replace(container, head=b"RF64", skip=4)
    if container.codec != "MP3" or container.fault or not layout.data_size:
        return container
    frames = mpeg.inspect_frames(file, layout.data_start, layout.data_start + layout.data_size, path)
    return replace(frames, format=layout.format, codec="MP3")


def _wave64(opened: Opened) -> Container:
    """Wave64: names are GUIDs; sizes have 64 bits and count the chunk's own 24 bytes, which begin at multiples of 8."""
    file, head, size, path = opened
    layout = Layout("W64", struct.unpack("<Q", head[16:24])[0])
    at, fact = 40, None
    while at + 24 <= size:
        file.seek(at)
        name, length = struct.unpack("<16sQ", file.read(24))
        if name[4:] != _W64_CHUNK:
            break
        layout.end = at + length
        if name[:4] == b"fmt ":
            _read_format(layout, file)
        elif name[:4] == b"fact":
            (fact,) = struct.unpack("<Q", file.read(8))
        elif name[:4] == b"data":
            layout.data_chunks += 1
            layout.data_start, layout.data_size = at + 24, length - 24
        if length < 24:
            break
        at += (length + 7) // 8 * 8
    layout.end = max(layout.end, min(size, (layout.end + 7) // 8 * 8))
    _count_compressed(layout, fact)
    return layout.container(file, path, size)


def _read_format(layout: Layout, file: BinaryIO) -> None:
    """Read the format chunk, at which the file is."""
    data = file.read(40)
    tag, layout.channels, layout.rate, align, layout.bits = struct.unpack_from("<HHI4xHH", data)
    if tag == _EXTENSIBLE:
        (tag,) = struct.unpack_from("<H", data, 24)
    layout.codec = _CODECS.get(tag, "")
    layout.align, channels = 0, layout.channels
    if tag in (_PCM, _FLOAT, _A_LAW, _MU_LAW):
        layout.align = align
        width = 1 if tag in (_A_LAW, _MU_LAW) else (layout.bits + 7) // 8
        layout.expected_align = channels * width
    elif tag in (_MS_ADPCM, _IMA_ADPCM, _GSM) and len(data) >= 20 and align:
        layout.block = align, struct.unpack_from("<H", data, 18)[0]


def _count_compressed(layout: Layout, fact: int | None) -> None:
    """The frames of a compressed format: those of its blocks, or fewer in the last if the chunk `fact` says so."""
    size, frames = layout.block
    if size and layout.data_size is not None:
        held = layout.data_size // size * frames
        layout.frames = fact if fact is not None and held - frames < fact <= held else held
