"""Writing the delivery zip: whole or not at all, and the same bytes for the same members.

Order as given; one fixed time and mode; no extra field but zip64's, and that only from 4 GB on; sizes
and CRC in the local headers too. Level 1 of isal was chosen by measuring: 380 to 700 MB/s on 24-bit and
float music against 300 at level 3 (same size) and 15 to 40 of zlib's level 6; level 0 makes audio larger.
At level 1 its bytes are the same on every x86-64 with SSE4.2, and others on ARM; at level 3 AVX2 and
AVX-512 each have their own. They depend on how the data are cut, so the block size is fixed. Texts, given
as bytes, are stored.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from struct import pack
from typing import BinaryIO, NamedTuple

from isal import isal_zlib

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.files import atomic_write
from stemwright.delivery.zip_reader import (
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
    name_findings,
)

ZIP64_FROM = WIDE32 - (1 << 24)
"""Sizes and offsets from here on go to zip64 records. Deflate may make data larger, but never by the rest."""

_LEVEL = 1
_BLOCK = 1 << 18
_VERSION, _VERSION_ZIP64 = 20, 45
_MADE_BY = 3 << 8 | _VERSION_ZIP64  # Unix: the mode counts
_MODE = (stat.S_IFREG | 0o644) << 16


class Member(NamedTuple):
    """A file of an archive: its name there, a path or its bytes, and the sha256 it must have (if given)."""

    name: str
    source: str | os.PathLike | bytes
    sha256: str | None = None


def write_zip(path: str | os.PathLike, members: Sequence[tuple]) -> None:
    """Pack members, each a `Member` or a tuple like it, in the order given and in flat memory.

    Raises StemwrightError if a name cannot be unpacked everywhere, a file cannot be read or its
    content has not the sha256 it must have: nothing bears the final name then.
    """
    members = [Member(*member) for member in members]
    if faults := [finding.text for finding in name_findings([member.name for member in members])]:
        raise StemwrightError("\n".join(f"{path}: {fault}; rename it" for fault in faults))
    with atomic_write(path) as part, open(part, "wb") as file:
        directory = b"".join([_pack(file, member) for member in members])
        _finish(file, directory, len(members))


def _pack(file: BinaryIO, member: Member) -> bytes:
    """Write one member, header first. The answer is its entry of the directory."""
    offset = file.tell()
    with _open(member) as source:
        size = source.seek(0, io.SEEK_END)
        source.seek(0)
        name = member.name.encode()
        wide = size >= ZIP64_FROM
        # Sizes and CRC are known at the end only; until then there is but room for them.
        room = LOCAL.size + len(name) + (20 if wide else 0)
        file.write(bytes(room))
        # Texts are stored: they are small, and so their bytes hang on no compressor.
        method = STORE if isinstance(member.source, bytes) else DEFLATE
        read, crc, digest = _copy(source, file, method)
    compressed = file.tell() - offset - room
    if read != size or member.sha256 not in (None, digest):
        raise ChangedFileError(
            _origin(member),
            f"{_origin(member)}: changed since it was verified: {read:,} bytes with sha256 {digest}, "
            f"expected {size:,} with {member.sha256 or 'any'}",
        )
    far = offset >= ZIP64_FROM
    common = (
        _VERSION_ZIP64 if wide or far else _VERSION,
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
    extra = _zip64(*wide_sizes, *((offset,) if far else ()))
    entry = CENTRAL.pack(b"PK\1\2", _MADE_BY, *common, len(extra), 0, 0, 0, _MODE, WIDE32 if far else offset)
    return entry + name + extra


def _copy(source: BinaryIO, file: BinaryIO, method: int) -> tuple[int, int, str]:
    """Copy all of `source`, deflated or as it is. The answer is its size, CRC-32 and sha256."""
    deflate = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -15)
    digest, crc, size = hashlib.sha256(), 0, 0
    while block := source.read(_BLOCK):
        digest.update(block)
        crc = isal_zlib.crc32(block, crc)
        size += len(block)
        file.write(block if method == STORE else deflate.compress(block))
    if method == DEFLATE:
        file.write(deflate.flush())
    return size, crc, digest.hexdigest()


def _zip64(*values: int) -> bytes:
    return pack(f"<2H{len(values)}Q", ZIP64, 8 * len(values), *values) if values else b""


def _finish(file: BinaryIO, directory: bytes, count: int) -> None:
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
    return member.name if isinstance(member.source, bytes) else os.fspath(member.source)
