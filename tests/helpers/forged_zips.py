"""A second writer of zip archives, by the book and with every field open to forgery."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace


@dataclass
class Entry:
    """A member with fields as the directory has them; `local` overrides them in its local header."""

    name: bytes
    data: bytes
    method: int = 8
    flags: int = 0
    stamp: int = 0x210000
    needed: int = 20
    attributes: int = 0o100644 << 16
    extra: bytes = b""
    comment: bytes = b""
    disk: int = 0
    crc: int | None = None
    size: int | None = None
    packed: bytes | None = None
    compressed: int | None = None
    offset: int | None = None
    signature: bytes = b"PK\1\2"
    before: bytes = b""
    local: dict = field(default_factory=dict)

    @property
    def content(self):
        """As it stands in the archive."""
        if self.packed is not None:
            return self.packed
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        return deflate.compress(self.data) + deflate.flush() if self.method == 8 else self.data

    def header(self):
        found = zlib.crc32(self.data), len(self.content), len(self.data)
        said = (self.crc, self.compressed, self.size)
        sums = [f if s is None else s for f, s in zip(found, said, strict=True)]
        lengths = len(self.name), len(self.extra)
        return struct.pack("<HHHIIIIHH", self.needed, self.flags, self.method, self.stamp, *sums, *lengths)


def forge(*entries, end=(), after_data=b"", after_directory=b"", tail=b""):
    """An archive. `end` overrides fields of the end record, by their index."""
    out, directory = b"", b""
    for entry in entries:
        out += entry.before
        at = len(out) if entry.offset is None else entry.offset
        here = replace(entry, **{"signature": b"PK\3\4", "packed": entry.content, **entry.local})
        out += here.signature + here.header() + here.name + here.extra + entry.content
        rest = struct.pack("<HHHII", len(entry.comment), entry.disk, 0, entry.attributes, at)
        directory += entry.signature + b"\x1e\3" + entry.header() + rest
        directory += entry.name + entry.extra + entry.comment
    out += after_data
    record = [0, 0, len(entries), len(entries), len(directory), len(out), 0]
    for index, value in dict(end).items():
        record[index] = value
    return out + directory + after_directory + b"PK\5\6" + struct.pack("<HHHHIIH", *record) + tail
