"""A deterministic writer of zip archives: the same bytes for the same members, complete or not at all.

Members have the given order, one fixed time and mode, no extra fields but zip64's (from 4 GB on), and their sizes and
CRC in the local headers too. Texts, given as bytes, are stored without compression; so is a file of which deflate
leaves more than 99 %, such as FLAC or MP3: it is tried on the whole file, whatever its name says.

A file is cut into blocks that are deflated independently, several at a time, and joined by empty blocks that end on a
byte (Z_SYNC_FLUSH), as pigz does. So the bytes do not depend on the number of threads, and a block costs 5 bytes.

Compression level 1 of isal was chosen by measurement: 380 to 700 MB/s for 24-bit and float music, compared with 300 at
level 3 (same size) and 15 to 40 of zlib's level 6; level 0 makes audio larger. At level 1, the compressed bytes are the
same on every x86-64 with SSE4.2, and different ones on ARM; at level 3, AVX2 and AVX-512 each give their own. They
depend on how the data are split into blocks, so the block size is fixed.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from struct import pack
from typing import BinaryIO, NamedTuple

from isal import isal_zlib

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.files import atomic_write, know_digests
from stemwright.base.hashing import TrailingHash
from stemwright.delivery.zip_format import (
    CENTRAL,
    DEFLATE,
    END,
    END64,
    LOCAL,
    LOCATOR,
    STORE,
    TIME,
    UTF8,
    WIDE16,
    WIDE32,
    ZIP64,
)
from stemwright.delivery.zip_names import name_findings

ZIP64_FROM = WIDE32 - (1 << 24)
"""Sizes and offsets from here on are in zip64 records. Deflate may enlarge data, but by less than the 16 MB to 4 GB."""

_LEVEL = 1
_BLOCK = 1 << 20
_WORTH = 0.99  # the share of a file that deflate may leave; else it is stored
_VERSION, _VERSION_ZIP64 = 20, 45
_MADE_BY = 3 << 8 | _VERSION_ZIP64  # made on Unix: the attributes are a mode
_MODE = (stat.S_IFREG | 0o644) << 16


class Member(NamedTuple):
    """A member to write: its name in the archive, a path or its content, and the sha256 it must have (if given)."""

    name: str
    source: str | os.PathLike | bytes
    sha256: str | None = None


def write_zip(path: str | os.PathLike, members: Sequence[tuple], threads: int = 1) -> None:
    """Write an archive, in constant memory.

    Parameters
    ----------
    path : path-like
        The archive.
    members : sequence of tuple
        Each is a `Member`, or a tuple of its fields. They are written in this order.
    threads : int
        How many blocks are deflated at a time. The bytes do not depend on it.

    Raises
    ------
    StemwrightError
        If a name cannot be unpacked on every system, a file cannot be read, or its content does not have the expected
        sha256 (ChangedFileError). No file of that path is then written.
    """
    packed = [Member(*member) for member in members]
    if faults := [finding.text for finding in name_findings([member.name for member in packed])]:
        raise StemwrightError("\n".join(f"{path}: {fault}; rename it" for fault in faults))
    with atomic_write(path) as part, open(part, "wb") as file, TrailingHash(part) as digest:
        directory = b""
        for member in packed:
            directory += _pack(file, member, threads)
            digest.is_written_to(_written(file))
        _finish(file, directory, len(packed))
        digest.is_written_to(_written(file))
        know_digests(part, digest.result())


def _written(file: BinaryIO) -> int:
    """How long the file is, with all that was written to it in there."""
    file.flush()
    return file.tell()


def _pack(file: BinaryIO, member: Member, threads: int) -> bytes:
    """Write one member, header first. Returns its entry of the directory."""
    offset = file.tell()
    with _open(member) as source:
        size = source.seek(0, io.SEEK_END)
        name = member.name.encode()
        wide = size >= ZIP64_FROM
        # Sizes and CRC are known only at the end: the header is written as zeros first.
        header_size = LOCAL.size + len(name) + (20 if wide else 0)
        file.write(bytes(header_size))
        # Texts are small; stored, their bytes do not depend on the compressor.
        method = STORE if isinstance(member.source, bytes) else DEFLATE
        read, crc, digest = _copy(source, file, method, threads)
        if method == DEFLATE and file.tell() - offset - header_size > _WORTH * read:
            method = STORE
            file.seek(offset + header_size)
            file.truncate()
            read, crc, digest = _copy(source, file, method, threads)
    compressed = file.tell() - offset - header_size
    if read != size or member.sha256 not in (None, digest):
        raise ChangedFileError(
            _origin(member),
            f"{_origin(member)}: changed since it was verified: {read:,} bytes with sha256 {digest}, "
            f"expected {size:,} with {member.sha256 or 'any'}",
        )
    offset_is_wide = offset >= ZIP64_FROM
    common = (
        _VERSION_ZIP64 if wide or offset_is_wide else _VERSION,
        0 if member.name.isascii() else UTF8,
        method,
        TIME,
        crc,
        *((WIDE32, WIDE32) if wide else (compressed, size)),
        len(name),
    )
    wide_sizes = (size, compressed) if wide else ()
    extra = _zip64(*wide_sizes)
    file.seek(offset)
    file.write(LOCAL.pack(b"PK\3\4", *common, len(extra)) + name + extra)
    file.seek(0, io.SEEK_END)
    extra = _zip64(*wide_sizes, *((offset,) if offset_is_wide else ()))
    entry = CENTRAL.pack(
        b"PK\1\2", _MADE_BY, *common, len(extra), 0, 0, 0, _MODE, WIDE32 if offset_is_wide else offset
    )
    return entry + name + extra


def _copy(source: BinaryIO, file: BinaryIO, method: int, threads: int) -> tuple[int, int, str]:
    """Copy all of `source`, deflated or as it is. Returns (size, CRC-32, sha256) of the source."""
    digest, crc, size = hashlib.sha256(), 0, 0

    def read() -> Iterator[bytes]:
        nonlocal crc, size
        source.seek(0)
        while block := source.read(_BLOCK):
            digest.update(block)
            crc = isal_zlib.crc32(block, crc)
            size += len(block)
            yield block

    file.writelines(read() if method == STORE else _deflated(read(), threads))
    return size, crc, digest.hexdigest()


def _deflated(blocks: Iterable[bytes], threads: int) -> Iterator[bytes]:
    """Blocks as one deflate stream, in order, of which as many as there are threads are worked on."""
    if threads == 1:
        yield from map(_deflate, blocks)
    else:
        at_work: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for block in blocks:
                at_work.append(pool.submit(_deflate, block))
                if len(at_work) > threads:
                    yield at_work.popleft().result()
            while at_work:
                yield at_work.popleft().result()
    yield isal_zlib.compress(b"", _LEVEL, -15)  # the end of the stream


def _deflate(block: bytes) -> bytes:
    """A block as deflate blocks that end on a byte, without an end of the stream."""
    deflate = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -15)
    return deflate.compress(block) + deflate.flush(isal_zlib.Z_SYNC_FLUSH)


def _zip64(*values: int) -> bytes:
    """The zip64 extra field with these values (4.5.3); empty without values."""
    return pack(f"<2H{len(values)}Q", ZIP64, 8 * len(values), *values) if values else b""


def _finish(file: BinaryIO, directory: bytes, count: int) -> None:
    """Write the directory and the end records."""
    offset, size = file.tell(), len(directory)
    file.write(directory)
    if count >= WIDE16 or offset >= ZIP64_FROM:
        record = (END64.size - 12, _MADE_BY, _VERSION_ZIP64, 0, 0, count, count, size, offset)
        file.write(END64.pack(b"PK\6\6", *record) + LOCATOR.pack(b"PK\6\7", 0, offset + size, 1))
        count, offset = min(count, WIDE16), WIDE32
    file.write(END.pack(b"PK\5\6", 0, 0, count, count, size, offset, 0))


def _open(member: Member) -> BinaryIO:
    if isinstance(member.source, bytes):
        return io.BytesIO(member.source)
    try:
        return Path(member.source).open("rb")
    except OSError as error:
        raise StemwrightError(f"{member.source}: cannot be read: {error.strerror}") from None


def _origin(member: Member) -> str:
    """What an error calls a member: its path, or its name."""
    return member.name if isinstance(member.source, bytes) else os.fspath(member.source)
