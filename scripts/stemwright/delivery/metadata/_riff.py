"""Chunks of RIFF (WAV, RF64) and IFF (AIFF): made, and put into a file that is written again without them.

Sources: Microsoft/IBM RIFF (1991), EBU Tech 3306 (RF64), Apple AIFF 1.3.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from stemwright.audio.containers._base import chunks
from stemwright.base.files import atomic_write

_BLOCK = 1 << 20
_SILENCE = bytes(_BLOCK)


def chunk(name: bytes, data: bytes, order: str = "<") -> bytes:
    """Make a chunk, with its pad byte.

    Parameters
    ----------
    name : bytes
        Its four letters.
    data : bytes
        What is in it.
    order : str
        The byte order of its size, as in `struct`.

    Returns
    -------
    bytes
        Nothing if there are no data.
    """
    if not data:
        return b""
    return name + struct.pack(f"{order}I", len(data)) + data + bytes(len(data) & 1)


def insert(path: str | os.PathLike, more: bytes) -> None:
    """Put whole chunks into a WAV or RF64 file, before its audio: what is there stays, byte for byte.

    Their data must have an even number of bytes: in RF64, libsndfile does not know of pad bytes. Chunks behind the
    audio are not found by every reader, least of all there. Blocks of silence take no room on disk, where the file
    system can have holes.
    """
    size = os.path.getsize(path)
    with open(path, "rb") as file, atomic_write(path) as part, open(part, "wb") as out:
        starts = {name: start for name, _, start in chunks(file, "<", size)}
        file.seek(0)
        head = bytearray(file.read(starts[b"data"] - 8))
        if head[:4] == b"RIFF":
            struct.pack_into("<I", head, 4, size + len(more) - 8)
        else:
            struct.pack_into("<Q", head, starts[b"ds64"], size + len(more) - 8)
        out.write(head + more)
        _copy(file, out)
        out.truncate(size + len(more))


def append(path: str | os.PathLike, more: bytes) -> None:
    """Append whole chunks to an AIFF file."""
    with open(path, "r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(bytes(file.tell() & 1) + more)
        total = file.tell()
        file.seek(4)
        file.write(struct.pack(">I", total - 8))


def found_chunks(path: str | os.PathLike, order: str = "<") -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a file, in order, as name and data; of its audio, no data; of a RIFF list, its chunks too.

    Parameters
    ----------
    path : path-like
        The file.
    order : str
        The byte order of its sizes, as in `struct`.

    Yields
    ------
    tuple of (bytes, bytes)
        A name, of what is in a list as `INFO.INAM`, and its data.
    """
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        for name, length, start in chunks(file, order, size):
            if name in (b"data", b"SSND"):
                yield name, b""
                continue
            file.seek(start)
            data = file.read(length)
            if name != b"LIST":
                yield name, data
                continue
            at = 4
            while at + 8 <= len(data):
                (inner,) = struct.unpack_from("<I", data, at + 4)
                yield data[:4] + b"." + data[at : at + 4], data[at + 8 : at + 8 + inner]
                at += 8 + inner + (inner & 1)


def _copy(file: BinaryIO, out: BinaryIO) -> None:
    """Copy the rest of a file; blocks of zeros are left out, and read as zeros."""
    while block := file.read(_BLOCK):
        if block == _SILENCE[: len(block)]:
            out.seek(len(block), os.SEEK_CUR)
        else:
            out.write(block)
