"""Ogg: Vorbis, Opus, FLAC or Speex in pages, each with a number and a checksum. Source: RFC 3533, RFC 7845."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from stemwright.audio.containers._base import AGAIN, CONVERT, Container, Opened
from stemwright.audio.containers._crc import ogg_crc

_HEAD = 27
_CODECS = {b"\x01vorbis": "Vorbis", b"OpusHead": "Opus", b"\x7fFLAC": "FLAC", b"Speex   ": "Speex"}
_CONTINUED, _FIRST, _LAST = 1, 2, 4


@dataclass
class _Stream:
    """A logical stream: its codec (empty: not audio), the number of its next page, and whether it has ended."""

    codec: str
    next_page: int
    is_over: bool = False


def matches(head: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return head[:4] == b"OggS"


def inspect(opened: Opened) -> Container:
    """Read all pages of a file, and compare their checksums and numbers.

    Its decoder knows how many frames it decodes to.
    """
    file, _, size, _ = opened
    streams: dict[int, _Stream] = {}
    at, fault, remedy = 0, "", ""
    while not fault and at + _HEAD <= size:
        page = read_page(file, at)
        if page[:4] != b"OggS":
            if not all(stream.is_over for stream in streams.values()):
                fault = f"damaged: at byte {at:,} there should be a page"
            break
        if at + len(page) > size or len(page) < _HEAD + page[26]:
            break
        flags, serial, number, checksum = struct.unpack_from("<5xB8xIII", page)
        where = f"page {number:,} at byte {at:,}"
        stream = streams.get(serial)
        if ogg_crc(page[:22] + bytes(4) + page[26:]) != checksum:
            fault = f"damaged: the checksum of {where} is wrong"
        elif flags & _FIRST or stream is None:
            if stream is None and not flags & _FIRST:
                fault = f"damaged: {where} belongs to no stream"
            elif any(stream.is_over for stream in streams.values()):
                fault = f"it holds several recordings, one after another (chained); the second begins at byte {at:,}"
                remedy = CONVERT
            packet = page[_HEAD + page[26] :]
            codec = next((name for magic, name in _CODECS.items() if packet.startswith(magic)), "")
            streams[serial] = _Stream(codec, number + 1)
        elif number != stream.next_page:
            fault = f"damaged: of its pages, {stream.next_page:,} to {number - 1:,} are missing before byte {at:,}"
            if number < stream.next_page:
                fault = f"damaged: {where} follows page {stream.next_page - 1:,}"
        else:
            stream.next_page += 1
            stream.is_over = bool(flags & _LAST)
        at += len(page)
    codecs = [stream.codec for stream in streams.values() if stream.codec]
    if not fault and not (streams and all(stream.is_over for stream in streams.values())):
        fault = "truncated: the page that ends the stream is missing or cut off"
    elif not fault and len(codecs) > 1:
        fault, remedy = f"it holds {len(codecs)} recordings side by side ({', '.join(codecs)})", CONVERT
    return Container(
        "OGG",
        fault=fault or None,
        trailing_bytes=0 if fault else size - at,
        codec=codecs[0] if codecs else "",
        checks=("the number and the checksum of each page",),
        surplus="" if fault or at == size else f"{size - at:,} bytes after its end: they are no pages",
        remedy=remedy or AGAIN,
    )


def read_page(file: BinaryIO, at: int) -> bytes:
    """The page at an offset; shorter than it says at the end of the file."""
    file.seek(at)
    head = file.read(_HEAD)
    lacing = file.read(head[26]) if len(head) == _HEAD else b""
    return head + lacing + file.read(sum(lacing))
