"""A strict reader of zip archives, which lists all members and everything that is wrong.

Python's zipfile trusts the central directory and ignores most of what lies between the members. This reader accounts
for every byte of the file and compares everything that is stated twice. Beyond the format, it enforces the rules of a
delivery: no comments, no extra fields but zip64's, one fixed time, regular files only, and names that are safe to
unpack.

Sources: PKWARE APPNOTE 6.3.10 (section numbers below), RFC 1951 (deflate).
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from isal import isal_zlib

from stemwright.base.errors import StemwrightError
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
from stemwright.delivery.zip_names import Finding, name_findings, quote

_MAX_DIRECTORY = 1 << 20  # bytes; a delivery's is a few hundred
_MAX_TEXT = 1 << 24  # bytes
_BLOCK = 1 << 14  # bytes read at a time
_UNPACKED = 1 << 18  # bytes unpacked at a time: a byte of deflate can unpack to 1,032
_LEVEL_FLAGS = 0b110  # the compression level
_InflateError = cast("type[Exception]", isal_zlib.error)  # declared as an instance in isal's stub


class Header(NamedTuple):
    """The fields of a member that are in the central directory and in its local header.

    `compressed` and `size` are in bytes; `stamp` is the DOS date and time as one number.
    """

    name: str
    flags: int
    method: int
    stamp: int
    crc: int
    compressed: int
    size: int


@dataclass
class Member:
    """A member of an archive.

    `offset` is the offset of its local header, `data` that of its packed content. `local` is None if it has no local
    header. `sha256` is that of its content, None if that cannot be unpacked as declared.
    """

    central: Header
    extra: bytes
    attributes: int
    offset: int
    local: Header | None = None
    data: int = 0
    sha256: str | None = None

    @property
    def name(self) -> str:
        """Its name in the central directory."""
        return self.central.name


@dataclass
class Archive:
    """The members in the order of the directory, the findings in the order of reading, and the requested texts."""

    members: list[Member] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)


def read_zip(path: str | os.PathLike, texts: Collection[str] = (), threads: int = 1) -> Archive:
    """Read a whole archive, in constant memory and in time proportional to its size.

    Parameters
    ----------
    path : path-like
        The archive.
    texts : collection of str
        Names of members, of at most 16 MB each, whose content is returned.
    threads : int
        How many members are unpacked at a time. The result does not depend on it.

    Returns
    -------
    Archive
        Anything wrong with the archive is a finding.

    Raises
    ------
    StemwrightError
        If there is no file that can be read.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise StemwrightError(f"{path}: is not a regular file, expected a zip archive")
        with open(path, "rb") as file:
            return _Reader(file.fileno(), status.st_size, texts).read(threads)
    except OSError as error:
        raise StemwrightError(f"{path}: cannot be read: {error.strerror}") from None


class _Reader:
    """Reads one archive: `file` is the descriptor of the file, `size` its size in bytes."""

    def __init__(self, file: int, size: int, texts: Collection[str]):
        self.file = file
        self.size = size
        self.texts = texts
        self.archive = Archive()

    def read(self, threads: int) -> Archive:
        members = self.archive.members
        if end := self._read_end():
            total, offset, size, stop = end
            if (directory := self._read_directory(offset, size, stop)) is not None:
                self._read_entries(directory, total)
                self.archive.findings += name_findings([member.name for member in members])
                for member in members:
                    self._read_local_header(member)
                apart = list(self._in_data_order(members, offset))
                with ThreadPoolExecutor(threads) as pool:
                    self.archive.findings += filter(None, pool.map(self._unpack, apart))
        return self.archive

    def _report(self, rule: str, text: str) -> None:
        self.archive.findings.append(Finding(rule, text))

    def _read_at(self, offset: int, length: int) -> bytes:
        """`length` bytes of the file from `offset` on, or fewer at its end."""
        return os.pread(self.file, length, offset) if offset < self.size else b""

    # The end records

    def _read_end(self) -> tuple[int, int, int, int] | None:
        """(number of members, offset and size of the directory, offset where it must end); None without end record."""
        at = self._locate_end()
        if at is None:
            self._report("end", "has no end record: it is truncated, or not a zip archive")
            return None
        _, disk, start_disk, here, total, size, offset, comment = END.unpack(self._read_at(at, END.size))
        beyond = self.size - at - END.size
        if comment:
            self._report("comment", f"has a comment of {comment} bytes")
        if beyond > comment:
            self._report("trailing", f"{beyond - comment:,} bytes follow its end record")
        elif beyond < comment:
            self._report("end", "is truncated in its comment")
        values: tuple[int, ...] = disk, start_disk, here, total, size, offset
        values, end = self._read_end64(at, values) or (values, at)
        disk, start_disk, here, total, size, offset = values
        if disk or start_disk or here != total:
            self._report("end", "is one part of a split archive")
        return total, offset, size, end

    def _locate_end(self) -> int | None:
        """The offset of the end record, None if there is none."""
        last = self._read_at(max(0, self.size - END.size), END.size)
        if len(last) == END.size and last[:4] == b"PK\5\6" and last[-2:] == b"\0\0":
            return self.size - END.size
        start = max(0, self.size - END.size - WIDE16)
        found = self._read_at(start, END.size + WIDE16).rfind(b"PK\5\6")
        return start + found if found >= 0 and start + found + END.size <= self.size else None

    def _read_end64(self, at: int, narrow: tuple[int, ...]) -> tuple[tuple[int, ...], int] | None:
        """The fields of the zip64 end record, and its offset; None without one.

        `at` is the offset of the end record, `narrow` its fields from the number of the disk on.
        """
        needed = WIDE16 in narrow[:4] or WIDE32 in narrow[4:]
        raw = self._read_at(at - LOCATOR.size, LOCATOR.size) if at >= LOCATOR.size else b""
        if raw[:4] != b"PK\6\7":
            if needed:
                self._report("zip64", "its end record refers to a missing zip64 end record")
            return None
        _, start_disk, offset, disks = LOCATOR.unpack(raw)
        record = self._read_at(offset, END64.size)
        if record[:4] != b"PK\6\6" or offset + END64.size != at - LOCATOR.size:
            self._report("zip64", "its zip64 end record is not where its locator says")
            return None
        _, length, _, _, *wide = END64.unpack(record)
        if length != END64.size - 12 or start_disk or disks != 1:
            self._report("zip64", "its zip64 end record has an unknown length or is one of several disks")
        limits = (WIDE16,) * 4 + (WIDE32,) * 2
        if any(n not in (w, limit) for n, w, limit in zip(narrow, wide, limits, strict=True)):
            self._report("zip64", "its two end records differ")
        return tuple(wide), offset

    # The central directory

    def _read_directory(self, offset: int, size: int, end: int) -> bytes | None:
        if offset + size != end:
            stated = offset + size
            self._report(
                "directory", f"its directory ends at byte {end:,}, according to its end record at {stated:,}"
            )
            return None
        if size > _MAX_DIRECTORY:
            self._report("directory", f"its directory has {size:,} bytes, more than any delivery's")
            return None
        return self._read_at(offset, size)

    def _read_entries(self, directory: bytes, total: int) -> None:
        """Read the entries of the central directory into members; `total` is their number by the end record."""
        at, members = 0, self.archive.members
        while directory[at : at + 4] == b"PK\1\2" and at + CENTRAL.size <= len(directory):
            _, _, needed, flags, method, stamp, crc, *rest = CENTRAL.unpack_from(directory, at)
            compressed, size, name_length, extra_length, comment_length, disk, _, attributes, offset = rest
            name_at = at + CENTRAL.size
            extra_at = name_at + name_length
            at = extra_at + extra_length + comment_length
            if at > len(directory):
                self._report("directory", "its last entry is truncated")
                break
            raw_name, extra = directory[name_at:extra_at], directory[extra_at : extra_at + extra_length]
            name = self._decode_name(raw_name, flags)
            what = f"{quote(name)} in the directory"
            compressed, size, offset = self._resolve_zip64(what, extra, needed, size, compressed, offset)
            header = Header(name, flags, method, stamp, crc, compressed, size)
            if disk:
                self._report("end", f"{what}: is on another disk")
            if comment_length:
                self._report("comment", f"{what}: has a comment")
            self._check_header(header, needed, attributes)
            if members and offset <= members[-1].offset:
                self._report("order", f"{what}: follows {quote(members[-1].name)}, but its data precede")
            members.append(Member(header, extra, attributes, offset))
        if at < len(directory):
            self._report("directory", f"{len(directory) - at:,} bytes of its directory are not entries")
        if len(members) != total:
            self._report("directory", f"has {len(members)} entries, {total} according to its end record")

    def _decode_name(self, raw: bytes, flags: int) -> str:
        """The name of a member, decoded as its flags say."""
        try:
            return raw.decode("utf-8" if flags & UTF8 else "ascii")
        except UnicodeDecodeError:
            name = raw.decode("utf-8", "backslashreplace")
            self._report("name", f"{quote(name)} is not {'UTF-8' if flags & UTF8 else 'ASCII'}, as flagged")
            return name

    def _resolve_zip64(
        self, what: str, extra: bytes, needed: int, size: int, compressed: int, offset: int = 0
    ) -> tuple[int, int, int]:
        """(compressed, size, offset), with those that are 0xFFFFFFFF taken from the zip64 field (4.5.3).

        Also checks that `extra` holds nothing else. `what` names the header in findings.
        """
        values = [size, compressed, offset]
        fields, at = [], 0
        while at + 4 <= len(extra):
            kind, length = struct.unpack_from("<HH", extra, at)
            fields.append((kind, extra[at + 4 : at + 4 + length]))
            at += 4 + length
        if at != len(extra):
            self._report("extra", f"{what}: its extra field is malformed")
        if foreign := [kind for kind, _ in fields if kind != ZIP64]:
            self._report("extra", f"{what}: has an extra field of kind 0x{foreign[0]:04x}")
        blocks = [block for kind, block in fields if kind == ZIP64]
        wide = [i for i, value in enumerate(values) if value == WIDE32]
        if not wide and not blocks:
            return compressed, size, offset
        if len(blocks) != 1 or len(blocks[0]) != 8 * len(wide) or needed < 45:
            self._report("zip64", f"{what}: its zip64 field does not fit its sizes, offset and version")
        else:
            for i, value in zip(wide, struct.unpack(f"<{len(wide)}Q", blocks[0]), strict=True):
                values[i] = value
        size, compressed, offset = values
        return compressed, size, offset

    def _check_header(self, header: Header, needed: int, attributes: int) -> None:
        """Check a member's flags, method, version needed to extract, time and attributes."""
        what = quote(header.name)
        known_flags = UTF8 | (_LEVEL_FLAGS if header.method == DEFLATE else 0)
        if header.flags & (1 | 1 << 6 | 1 << 13):
            self._report("encrypted", f"{what} is encrypted")
        elif header.flags & 1 << 3:
            self._report(
                "descriptor", f"{what} has its sizes after its data, which not every program supports"
            )
        elif header.flags & ~known_flags:
            self._report("flags", f"{what} has unknown flags (0x{header.flags:04x})")
        if header.method not in (STORE, DEFLATE) or needed & 0xFF > 45:
            found = f"method {header.method}, version {needed}"
            self._report("method", f"{what} is packed in a way that not every program supports ({found})")
        if header.stamp != TIME:
            self._report("timestamp", f"{what} has a time other than 1980-01-01 00:00")
        mode = attributes >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or attributes & 0x18:  # DOS: folder, volume
            self._report("attributes", f"{what} is a link, a folder or a device")
        elif mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX) or attributes & 0x06:  # DOS: hidden, system
            self._report("attributes", f"{what} is hidden, or has the rights of its owner")

    # Local headers and data

    def _read_local_header(self, member: Member) -> None:
        """Read the local header of a member and compare it with its directory entry."""
        raw = self._read_at(member.offset, LOCAL.size)
        if len(raw) < LOCAL.size or raw[:4] != b"PK\3\4":
            self._report("local", f"{quote(member.name)} has no local header at byte {member.offset:,}")
            return
        _, needed, flags, method, stamp, crc, compressed, size, name_length, extra_length = LOCAL.unpack(raw)
        member.data = member.offset + LOCAL.size + name_length + extra_length
        rest = self._read_at(member.offset + LOCAL.size, name_length + extra_length)
        what = f"{quote(member.name)} in its local header"
        compressed, size, _ = self._resolve_zip64(what, rest[name_length:], needed, size, compressed)
        name = self._decode_name(rest[:name_length], flags)
        member.local = Header(name, flags, method, stamp, crc, compressed, size)
        for key, here, there in zip(Header._fields, member.local, member.central, strict=True):
            if here != there:
                local, central = (quote(v) if isinstance(v, str) else f"{v:,}" for v in (here, there))
                self._report("local", f"{what}: {key} is {local}, in the directory {central}")

    def _in_data_order(self, members: list[Member], end: int) -> Iterator[Member]:
        """The members in the order of their data, without those that share bytes; `end` is the directory's offset."""
        expected, before = 0, "the beginning"
        for member in sorted(members, key=lambda m: m.offset):
            if member.local is None:
                continue
            self._check_gap(expected, member.offset, before, quote(member.name))
            after = member.data + member.central.compressed
            if member.offset >= expected and after <= end:
                yield member
            expected, before = max(expected, after), quote(member.name)
        self._check_gap(expected, end, before, "the directory")

    def _check_gap(self, expected: int, found: int, before: str, after: str) -> None:
        """Report bytes between two parts of the file, or that they overlap."""
        between = found - expected
        if between > 0:
            self._report(
                "gap" if expected else "prefix", f"{between:,} bytes lie between {before} and {after}"
            )
        elif between < 0:
            self._report("overlap", f"{before} and {after} share {-between:,} bytes")

    def _unpack(self, member: Member) -> Finding | None:
        """Unpack a member, check its size and CRC-32, and set its sha256. Returns what is wrong."""
        header, what = member.central, quote(member.name)
        if header.method not in (STORE, DEFLATE):
            return None
        digest, crc, size, text = hashlib.sha256(), 0, 0, bytearray()
        keep = member.name in self.texts and header.size <= _MAX_TEXT
        try:
            for block in self._content(member):
                digest.update(block)
                crc = isal_zlib.crc32(block, crc)
                size += len(block)
                if size > header.size:
                    break  # perhaps a zip bomb
                if keep:
                    text += block
        except (_InflateError, ValueError) as error:
            return Finding("data", f"{what} cannot be unpacked: {error}")
        if size != header.size:
            return Finding("size", f"{what} declares {header.size:,} bytes, {size:,} were unpacked")
        if crc != header.crc:
            return Finding("crc", f"{what} is damaged: its CRC-32 is {crc:08x}, not {header.crc:08x}")
        member.sha256 = digest.hexdigest()
        if keep:
            self.archive.texts[member.name] = bytes(text)
        return None

    def _content(self, member: Member) -> Iterator[bytes]:
        """The unpacked content of a member. Raises ValueError if its packed data are too short or too long."""
        inflate = isal_zlib.decompressobj(-15) if member.central.method == DEFLATE else None
        left, at = member.central.compressed, member.data
        while left:
            packed = self._read_at(at, min(_BLOCK, left))
            if not packed:
                raise ValueError("the file ends within it")
            left, at = left - len(packed), at + len(packed)
            yield from _inflated(inflate, packed) if inflate else [packed]
            if inflate and inflate.eof and (surplus := left + len(inflate.unused_data)):
                raise ValueError(f"its deflate stream ends {surplus:,} bytes early")
        if inflate and not inflate.eof:
            raise ValueError("its deflate stream does not end")


def _inflated(inflate: Any, packed: bytes) -> Iterator[bytes]:
    """What some bytes of a deflate stream unpack to, a piece at a time."""
    full = True
    while full:
        piece = inflate.decompress(packed, _UNPACKED)
        yield piece
        packed, full = inflate.unconsumed_tail, len(piece) == _UNPACKED
