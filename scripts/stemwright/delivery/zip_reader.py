"""A zip archive read strictly: what is said of each member, what its bytes say, and all that is amiss.

Python's zipfile believes the central directory and overlooks most of what lies between the members.
Here every byte of the file is accounted for, and every claim that is made twice is compared. Beyond
what the format demands, the rules of the house are held: no comment, no extra field but zip64's, no
time, nothing but files, and names that unpack to what they say.
Sources: PKWARE APPNOTE 6.3.10 (its section numbers below), RFC 1951 (deflate).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from isal import isal_zlib

from stemwright.base.errors import StemwrightError
from stemwright.validation.names import fold

LOCAL = struct.Struct("<4s3H4L2H")  # 4.3.7, signature PK 3 4
CENTRAL = struct.Struct("<4s4H4L5H2L")  # 4.3.12, PK 1 2
END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14, PK 6 6
LOCATOR = struct.Struct("<4sLQL")  # 4.3.15, PK 6 7
END = struct.Struct("<4s4H2LH")  # 4.3.16, PK 5 6
WIDE16, WIDE32 = 0xFFFF, 0xFFFFFFFF  # "the value is in the zip64 record"
ZIP64 = 1  # the id of the zip64 extra field (4.5.3)
UTF8 = 1 << 11  # the flag "this name is UTF-8" (4.4.4)
STORE, DEFLATE = 0, 8
TIME = 0x0021_0000
"""1980-01-01 00:00:00, the first moment a zip can name."""

MANIFEST, README, SUMS = "manifest.json", "README.txt", "SHA256SUMS"
"""The members of a delivery that are no audio."""

_MAX_DIRECTORY = 1 << 20  # bytes; a delivery's is a few hundred
_MAX_TEXT = 1 << 24
_BLOCK = 1 << 14  # deflate makes at most 1032 bytes of one: 17 MB at a time
_LEVEL_FLAGS = 0b110  # how hard deflate tried


class Finding(NamedTuple):
    """Something amiss. `rule` names what was broken (crc, gap, name, …); `text` says it to a person."""

    rule: str
    text: str


class Header(NamedTuple):
    """What is said of a member twice, sizes in bytes. `stamp` is DOS date and time as one number."""

    name: str
    flags: int
    method: int
    stamp: int
    crc: int
    compressed: int
    size: int


@dataclass
class Member:
    """One member. `offset` is that of its local header, `data` that of its bytes.

    `local` is None where there is no local header; `sha256`, the content's, where that cannot be
    unpacked as declared.
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
        return self.central.name


@dataclass
class Archive:
    """Members in the directory's order, findings in the order of reading, and the texts asked for."""

    members: list[Member] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)


def read_zip(path: str | os.PathLike, texts: Collection[str] = ()) -> Archive:
    """Read an archive whole, in flat memory and in time proportional to its size.

    `texts` names members (of 16 MB at most) whose content is wanted. An archive may be as broken as it
    likes: that makes findings. Raises StemwrightError only where there is no file to read.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise StemwrightError(f"{path}: is not a regular file, expected a zip archive")
        with open(path, "rb") as file:
            return _Reader(file, status.st_size, texts).read()
    except OSError as error:
        raise StemwrightError(f"{path}: cannot be read: {error.strerror}") from None


def name_findings(names: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with the names of an archive's members.

    Rules: `name` (it does not unpack to that name, or not below where it should), `duplicate` (two are
    one file where case or Unicode composition do not count, or a file is a folder too).
    """
    seen: dict[str, str] = {}
    for name in names:
        if fault := _name_fault(name):
            yield Finding("name", f"{say(name)} {fault}")
            continue
        if (same := fold(name)) in seen:
            yield Finding("duplicate", f"{say(name)} and {say(seen[same])} are one name to many file systems")
        seen.setdefault(same, name)
    for same, name in seen.items():
        parts = same.split("/")
        if any("/".join(parts[:n]) in seen for n in range(1, len(parts))):
            yield Finding("duplicate", f"{say(name)} lies in a folder whose name another file has")


def say(name: str) -> str:
    """A name in quotes, safe to print and not too long."""
    return repr(name if len(name) <= 80 else name[:79] + "…")


def _name_fault(name: str) -> str | None:
    parts = name.split("/")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name):
        return "has a control character"
    if "\\" in name:
        return "has a backslash"
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        return "is absolute"
    if ".." in parts or "." in parts:
        return "has a part that is . or .."
    if "" in parts:
        return "is empty" if not name else "has an empty part"
    if len(name.encode()) > 255:
        return "is longer than 255 bytes"
    return None


class _Reader:
    def __init__(self, file: BinaryIO, size: int, texts: Collection[str]):
        self.file = file
        self.size = size
        self.texts = texts
        self.archive = Archive()

    def read(self) -> Archive:
        members = self.archive.members
        if end := self._end():
            total, offset, size, stop = end
            if (directory := self._directory(offset, size, stop)) is not None:
                self._centrals(directory, total)
                self.archive.findings += name_findings([member.name for member in members])
                for member in members:
                    self._local(member)
                for member in self._laid_out(members, offset):
                    self._unpack(member)
        return self.archive

    def _find(self, rule: str, text: str) -> None:
        self.archive.findings.append(Finding(rule, text))

    def _at(self, offset: int, length: int) -> bytes:
        """Bytes of the file, fewer where it ends before."""
        if offset >= self.size:
            return b""
        self.file.seek(offset)
        return self.file.read(min(length, self.size - offset))

    # The end records

    def _end(self) -> tuple[int, int, int, int] | None:
        """Number of members, offset and size of the directory, and where it must end."""
        at = self._find_end()
        if at is None:
            self._find("end", "has no end record: it is cut off, or no zip archive")
            return None
        _, disk, start_disk, here, total, size, offset, comment = END.unpack(self._at(at, END.size))
        beyond = self.size - at - END.size
        if comment:
            self._find("comment", f"has a comment of {comment} bytes")
        if beyond > comment:
            self._find("trailing", f"{beyond - comment:,} bytes follow its end record")
        elif beyond < comment:
            self._find("end", "is cut off in its comment")
        values = disk, start_disk, here, total, size, offset
        values, end = self._end64(at, values) or (values, at)
        disk, start_disk, here, total, size, offset = values
        if disk or start_disk or here != total:
            self._find("end", "is one part of several")
        return total, offset, size, end

    def _find_end(self) -> int | None:
        last = self._at(max(0, self.size - END.size), END.size)
        if len(last) == END.size and last[:4] == b"PK\5\6" and last[-2:] == b"\0\0":
            return self.size - END.size
        start = max(0, self.size - END.size - WIDE16)
        found = self._at(start, END.size + WIDE16).rfind(b"PK\5\6")
        return start + found if found >= 0 and start + found + END.size <= self.size else None

    def _end64(self, at: int, narrow: tuple) -> tuple[tuple, int] | None:
        """What the zip64 end record says, and where it lies; None without one."""
        needed = WIDE16 in narrow[:4] or WIDE32 in narrow[4:]
        raw = self._at(at - LOCATOR.size, LOCATOR.size) if at >= LOCATOR.size else b""
        if raw[:4] != b"PK\6\7":
            if needed:
                self._find("zip64", "its end record refers to a zip64 record that is not there")
            return None
        _, start_disk, offset, disks = LOCATOR.unpack(raw)
        record = self._at(offset, END64.size)
        if record[:4] != b"PK\6\6" or offset + END64.size != at - LOCATOR.size:
            self._find("zip64", "its zip64 end record is not where its locator says")
            return None
        _, length, _, _, *wide = END64.unpack(record)
        if length != END64.size - 12 or start_disk or disks != 1:
            self._find("zip64", "its zip64 end record has an unknown length or is one of several disks")
        limits = (WIDE16,) * 4 + (WIDE32,) * 2
        if any(n not in (w, limit) for n, w, limit in zip(narrow, wide, limits, strict=True)):
            self._find("zip64", "its two end records differ")
        return tuple(wide), offset

    # The central directory

    def _directory(self, offset: int, size: int, end: int) -> bytes | None:
        if offset + size != end:
            said = offset + size
            self._find("directory", f"its directory ends at byte {end:,}, by its end record at {said:,}")
            return None
        if size > _MAX_DIRECTORY:
            self._find("directory", f"its directory has {size:,} bytes, more than any delivery's")
            return None
        return self._at(offset, size)

    def _centrals(self, directory: bytes, total: int) -> None:
        at, members = 0, self.archive.members
        while directory[at : at + 4] == b"PK\1\2" and at + CENTRAL.size <= len(directory):
            _, _, needed, flags, method, stamp, crc, *rest = CENTRAL.unpack_from(directory, at)
            compressed, size, name_length, extra_length, comment_length, disk, _, attributes, offset = rest
            name_at = at + CENTRAL.size
            extra_at = name_at + name_length
            at = extra_at + extra_length + comment_length
            if at > len(directory):
                self._find("directory", "its last entry is cut off")
                break
            raw_name, extra = directory[name_at:extra_at], directory[extra_at : extra_at + extra_length]
            name = self._name(raw_name, flags)
            what = f"{say(name)} in the directory"
            compressed, size, offset = self._widened(what, extra, needed, size, compressed, offset)
            header = Header(name, flags, method, stamp, crc, compressed, size)
            if disk:
                self._find("end", f"{what}: is on another disk")
            if comment_length:
                self._find("comment", f"{what}: has a comment")
            self._check_header(header, needed, attributes)
            if members and offset <= members[-1].offset:
                self._find("order", f"{what}: comes after {say(members[-1].name)}, its data come before")
            members.append(Member(header, extra, attributes, offset))
        if at < len(directory):
            self._find("directory", f"{len(directory) - at:,} bytes of its directory are no entries")
        if len(members) != total:
            self._find("directory", f"has {len(members)} entries, its end record says {total}")

    def _name(self, raw: bytes, flags: int) -> str:
        try:
            return raw.decode("utf-8" if flags & UTF8 else "ascii")
        except UnicodeDecodeError:
            name = raw.decode("utf-8", "backslashreplace")
            self._find("name", f"{say(name)} is not {'UTF-8' if flags & UTF8 else 'ASCII'}, as flagged")
            return name

    def _widened(self, what: str, extra: bytes, needed: int, size: int, compressed: int, offset: int = 0):
        """(compressed, size, offset), those of all ones from the zip64 field (4.5.3). Checks all extra."""
        values = [size, compressed, offset]
        fields, at = [], 0
        while at + 4 <= len(extra):
            kind, length = struct.unpack_from("<HH", extra, at)
            fields.append((kind, extra[at + 4 : at + 4 + length]))
            at += 4 + length
        if at != len(extra):
            self._find("extra", f"{what}: its extra field is malformed")
        if foreign := [kind for kind, _ in fields if kind != ZIP64]:
            self._find("extra", f"{what}: has an extra field of kind 0x{foreign[0]:04x}")
        blocks = [block for kind, block in fields if kind == ZIP64]
        wide = [i for i, value in enumerate(values) if value == WIDE32]
        if not wide and not blocks:
            return compressed, size, offset
        if len(blocks) != 1 or len(blocks[0]) != 8 * len(wide) or needed < 45:
            self._find("zip64", f"{what}: its zip64 field does not fit its sizes, offset and version")
        else:
            for i, value in zip(wide, struct.unpack(f"<{len(wide)}Q", blocks[0]), strict=True):
                values[i] = value
        size, compressed, offset = values
        return compressed, size, offset

    def _check_header(self, header: Header, needed: int, attributes: int) -> None:
        what = say(header.name)
        known_flags = UTF8 | (_LEVEL_FLAGS if header.method == DEFLATE else 0)
        if header.flags & (1 | 1 << 6 | 1 << 13):
            self._find("encrypted", f"{what} is encrypted")
        elif header.flags & 1 << 3:
            self._find("descriptor", f"{what} has its sizes after its data, where not every program looks")
        elif header.flags & ~known_flags:
            self._find("flags", f"{what} has unknown flags (0x{header.flags:04x})")
        if header.method not in (STORE, DEFLATE) or needed & 0xFF > 45:
            found = f"method {header.method}, version {needed}"
            self._find("method", f"{what} is packed in a way not every program knows ({found})")
        if header.stamp != TIME:
            self._find("timestamp", f"{what} has a time other than 1980-01-01 00:00")
        if stat.S_IFMT(attributes >> 16) not in (0, stat.S_IFREG) or attributes & 0x18:  # DOS: folder, volume
            self._find("attributes", f"{what} is a link, a folder or a device")

    # Local headers and data

    def _local(self, member: Member) -> None:
        raw = self._at(member.offset, LOCAL.size)
        if len(raw) < LOCAL.size or raw[:4] != b"PK\3\4":
            self._find("local", f"{say(member.name)} has no local header at byte {member.offset:,}")
            return
        _, needed, flags, method, stamp, crc, compressed, size, name_length, extra_length = LOCAL.unpack(raw)
        member.data = member.offset + LOCAL.size + name_length + extra_length
        rest = self._at(member.offset + LOCAL.size, name_length + extra_length)
        what = f"{say(member.name)} in its local header"
        compressed, size, _ = self._widened(what, rest[name_length:], needed, size, compressed)
        name = self._name(rest[:name_length], flags)
        member.local = Header(name, flags, method, stamp, crc, compressed, size)
        for key, here, there in zip(Header._fields, member.local, member.central, strict=True):
            if here != there:
                here, there = (say(v) if isinstance(v, str) else f"{v:,}" for v in (here, there))
                self._find("local", f"{what}: {key} is {here}, in the directory {there}")

    def _laid_out(self, members: list[Member], end: int) -> Iterator[Member]:
        """Members in the order of their data, but for those that share bytes with others."""
        expected, before = 0, "the beginning"
        for member in sorted(members, key=lambda m: m.offset):
            if member.local is None:
                continue
            self._find_gap(expected, member.offset, before, say(member.name))
            after = member.data + member.central.compressed
            if member.offset >= expected and after <= end:
                yield member
            expected, before = max(expected, after), say(member.name)
        self._find_gap(expected, end, before, "the directory")

    def _find_gap(self, expected: int, found: int, before: str, after: str) -> None:
        between = found - expected
        if between > 0:
            self._find("gap" if expected else "prefix", f"{between:,} bytes lie between {before} and {after}")
        elif between < 0:
            self._find("overlap", f"{before} and {after} share {-between:,} bytes")

    def _unpack(self, member: Member) -> None:
        header, what = member.central, say(member.name)
        if header.method not in (STORE, DEFLATE):
            return
        digest, crc, size, text = hashlib.sha256(), 0, 0, bytearray()
        keep = member.name in self.texts and header.size <= _MAX_TEXT
        try:
            for block in self._content(member):
                digest.update(block)
                crc = isal_zlib.crc32(block, crc)
                size += len(block)
                if size > header.size:
                    break  # a bomb, perhaps
                if keep:
                    text += block
        except (isal_zlib.error, ValueError) as error:
            return self._find("data", f"{what} cannot be unpacked: {error}")
        if size != header.size:
            return self._find("size", f"{what} declares {header.size:,} bytes, {size:,} were unpacked")
        if crc != header.crc:
            return self._find("crc", f"{what} is damaged: its CRC-32 is {crc:08x}, not {header.crc:08x}")
        member.sha256 = digest.hexdigest()
        if keep:
            self.archive.texts[member.name] = bytes(text)

    def _content(self, member: Member) -> Iterator[bytes]:
        """The member unpacked. Raises ValueError if its packed data are shorter or longer than declared."""
        inflate = isal_zlib.decompressobj(-15) if member.central.method == DEFLATE else None
        left, at = member.central.compressed, member.data
        while left:
            packed = self._at(at, min(_BLOCK, left))
            if not packed:
                raise ValueError("the file ends before it does")
            left, at = left - len(packed), at + len(packed)
            yield inflate.decompress(packed) if inflate else packed
            if inflate and inflate.eof and (surplus := left + len(inflate.unused_data)):
                raise ValueError(f"its deflate stream ends {surplus:,} bytes early")
        if inflate and not inflate.eof:
            raise ValueError("its deflate stream does not end")
