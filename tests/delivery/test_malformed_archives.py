"""Malformed archives: 35 kinds that are known from elsewhere, and 30 of our own. Each is refused for its own reason.

`test_zip_reader.py` has one case for each field of the format; here are whole attacks and damages.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest
from forged_zips import Entry, forge

from stemwright.delivery.zip_reader import read_zip

WIDE = 0xFFFFFFFF
A = Entry(b"a.wav", b"one and one and one and one")
B = Entry(b"b.wav", bytes(999) + b"two")
WHOLE = forge(A, B)
CUT = len(WHOLE) - 22 - 2 * (46 + 5)  # where the directory begins
CRC_SIZES = struct.pack("<III", zlib.crc32(B.data), len(B.content), len(B.data))


def both(**changes):
    """The archive with the same change in both headers of its second member."""
    return forge(A, replace(B, **changes))


def local(**changes):
    return forge(A, replace(B, local=changes))


def name(raw, flags=1 << 11):
    return both(name=raw, flags=flags)


def extra(kind, content):
    return both(extra=struct.pack("<HH", kind, len(content)) + content)


def described(after, **local):
    zeros = {"crc": 0, "size": 0, "compressed": 0}
    return forge(A, replace(B, flags=8, local={**zeros, **local}), after_data=after)


def with_end(**fields):
    index = {"disk": 0, "here": 2, "total": 3, "size": 4, "offset": 5}
    return forge(A, B, end={index[key]: value for key, value in fields.items()})


def quoted():
    """Fifield's better bomb: each member begins with a stored block that holds the local header of the next."""
    members = [Entry(b"2.wav", bytes(1_000))]
    for raw in (b"1.wav", b"0.wav"):
        after = members[0]
        header = b"PK\3\4" + after.header() + after.name
        stored = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header
        members.insert(0, Entry(raw, header + after.data, packed=stored + after.content))
    placed = [replace(member, offset=40 * number) for number, member in enumerate(members)]
    data = b"PK\3\4" + members[0].header() + members[0].name + members[0].content
    return data + forge(*placed, end={5: len(data)})[-22 - 3 * 51 :]


def zip64_directory(size, offset, count=2, *, disks=1):
    """Zip64 end records that say something else than what is there."""
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, offset)
    record += b"PK\6\7" + struct.pack("<IQI", 0, len(WHOLE) - 22, disks)
    return forge(A, B, end={2: 0xFFFF, 3: 0xFFFF, 4: WIDE, 5: WIDE}, after_directory=record)


PUBLIC = {
    "Go test-prefix: a program before": (forge(replace(A, before=b"#!/bin/sh\n"), B), "prefix 10 bytes"),
    "Go test-badbase: the directory is elsewhere": (with_end(offset=CUT + 1), "directory ends at byte"),
    "Go test-baddirsz: its size is too large": (with_end(size=1 << 20), "directory ends at byte"),
    "Go comment-truncated": (WHOLE[:-2] + b"\x09\0abc", "end truncated in its comment"),
    "Go dupdir: a folder twice": (forge(replace(A, name=b"d/"), replace(B, name=b"d/")), "name empty part"),
    "Go subdir: a folder as a member": (forge(A, replace(B, name=b"d/", data=b"")), "name empty part"),
    "Go no-datadesc-sig": (described(CRC_SIZES), "descriptor after its data"),
    "Go extra-timestamp": (extra(0x5455, b"\1time"), "extra 0x5455"),
    "Go time-winzip, libarchive ntfs_timestamp": (extra(0x000A, bytes(32)), "extra 0x000a"),
    "Go utf8-osx: UTF-8 and not flagged": (name("é.wav".encode(), 0), "name not ASCII"),
    "Go ps1-win10: backslashes": (name(b"d\\b.wav"), "name backslash"),
    "Go issue 10956: a count of 65,535 without Zip64": (with_end(here=65_535, total=65_535), "zip64 missing zip64"),
    "Go issue 10957: an entry cut in its header": (
        WHOLE[:-52] + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 2, 2, 72, CUT, 0),
        "directory are not entries",
    ),
    "Go issue 11146: the Zip64 record is out of the file": (
        WHOLE[:-22] + b"PK\6\7" + struct.pack("<IQI", 0, 1 << 62, 1) + b"PK\5\6" + b"\xff" * 16 + b"\0\0",
        "zip64 not where its locator says",
    ),
    "libarchive deflate64": (both(method=9), "method 9"),
    "libarchive lzma": (both(method=14), "method 14"),
    "libarchive implode": (both(method=6), "method 6"),
    "libarchive encryption_header": (both(flags=1 | 1 << 13), "encrypted is encrypted"),
    "libarchive symlink": (both(attributes=0o120777 << 16, data=b"/etc/passwd", method=0), "attributes link"),
    "libarchive 7075: another name in a Unicode path": (
        extra(0x7075, struct.pack("<BI", 1, zlib.crc32(B.name)) + b"../evil"),
        "extra 0x7075",
    ),
    "libarchive comment_stored: an end record in the comment": (
        forge(A, B, end={6: 22}, tail=b"PK\5\6" + bytes(18)),
        "directory",
    ),
    "CPython: truncated": (WHOLE[: CUT + 20], "end no end record"),
    "CPython: a name that ends at a zero byte": (name(b"a.exe\0.wav"), "name control character"),
    "CPython: an extract version from the future": (both(needed=250), "method version 250"),
    "CPython: a Zip64 field of two bytes": (both(size=WIDE, extra=b"\1\0\2\0ab", needed=45), "zip64 does not fit"),
    "CPython: a bad CRC": (both(crc=zlib.crc32(B.data) ^ 1), "crc damaged"),
    "CPython gh-109858, Info-ZIP CVE-2019-13232: all members at one place": (
        forge(A, replace(A, name=b"c.wav", offset=0)),
        "overlap share",
    ),
    "Fifield's better zip bomb: members that quote the next": (quoted(), "overlap share"),
    "42.zip: more than it says": (both(size=10), "size declares 10 bytes"),
    "snyk zip-slip": (name(b"../../tmp/evil.sh"), "name is . or .."),
    "snyk zip-slip-win": (name(b"..\\..\\Temp\\evil.txt"), "name backslash"),
    "Android 8219321 (master key): a name twice": (forge(A, replace(B, name=A.name)), "duplicate same name"),
    "Android Janus: a DEX file before": (b"dex\n035\0" + WHOLE, "directory ends at byte"),
    "APK signing block: bytes before the directory": (forge(A, B, after_data=b"APK Sig Block 42"), "gap 16 bytes"),
    "SOZip: a member that no directory has": (
        forge(A, replace(B, before=b"PK\3\4" + A.header() + b".idx!" + A.content)),
        "gap lie between",
    ),
}  # fmt: skip

OWN = {
    "a name in overlong UTF-8": (name(b"\xc0\xae\xc0\xae/b.wav"), "name not UTF-8"),
    "a surrogate in UTF-8": (name(b"\xed\xa0\x80.wav"), "name not UTF-8"),
    "a name that is turned around": (name("\u202evaw.exe".encode()), "name control character"),
    "a line separator": (name("a\u2028b.wav".encode()), "name control character"),
    "a device of Windows": (name(b"NUL.wav"), "name no safe name"),
    "a stream of NTFS": (name(b"b.wav:hidden"), "name no safe name"),
    "a dot that Windows drops": (name(b"a.wav."), "name no safe name"),
    "a space that Windows drops": (name(b"a.wav "), "name no safe name"),
    "a wildcard": (name(b"*.wav"), "name no safe name"),
    "a device in a folder": (name(b"stems/aux.a.wav"), "name no safe name"),
    "a full-width slash": (name("..／b.wav".encode()), "name no safe name"),
    "ß and SS": (
        forge(*(replace(e, name=n.encode(), flags=1 << 11) for e, n in ((A, "ß.wav"), (B, "SS.wav")))),
        "duplicate same name",
    ),
    "a hidden file of Windows": (both(attributes=0x02), "attributes hidden"),
    "the rights of the owner": (both(attributes=0o104755 << 16), "attributes rights of its owner"),
    "a socket": (both(attributes=0o140755 << 16), "attributes device"),
    "a Zip64 field with a value too many": (
        both(size=WIDE, extra=struct.pack("<HHQQ", 1, 16, len(B.data), 0), needed=45),
        "zip64 does not fit",
    ),
    "two Zip64 fields": (
        both(size=WIDE, extra=2 * struct.pack("<HHQ", 1, 8, len(B.data)), needed=45),
        "zip64 does not fit",
    ),
    "a Zip64 size of 2^63": (
        both(size=WIDE, extra=struct.pack("<HHQ", 1, 8, 1 << 63), needed=45),
        "size declares 9,223,372,036,854,775,808",
    ),
    "Zip64 sizes that differ": (
        forge(
            A,
            replace(
                B,
                size=WIDE,
                needed=45,
                extra=struct.pack("<HHQ", 1, 8, len(B.data)),
                local={"extra": struct.pack("<HHQ", 1, 8, 5)},
            ),
        ),
        "local size is 5",
    ),
    "a Zip64 directory of 2^62 bytes": (zip64_directory(1 << 62, CUT), "directory ends at byte"),
    "a Zip64 directory beyond the file": (zip64_directory(102, 1 << 62), "directory ends at byte"),
    "2^40 members": (zip64_directory(102, CUT, 1 << 40), "directory 1099511627776"),
    "no disk at all": (zip64_directory(102, CUT, disks=0), "zip64 several disks"),
    "a descriptor, with the sizes in the header too": (
        described(b"", crc=zlib.crc32(B.data), size=len(B.data), compressed=len(B.content)),
        "descriptor after its data",
    ),
    "a mark of a split archive": (forge(replace(A, before=b"PK00"), B), "prefix 4 bytes"),
    "a digital signature after the directory": (
        forge(A, B, after_directory=b"PK\5\5\3\0sig", end={4: 102 + 9}),
        "directory 9 bytes of its directory are not entries",
    ),
    "a member in the directory": (both(offset=CUT), "local no local header"),
    "a stored block whose length is not confirmed": (
        both(packed=b"\1\3\0\0\0two"),
        "data cannot be unpacked",
    ),
    "a copy from before the beginning": (both(packed=bytes.fromhex("4b04920000")), "data cannot be unpacked"),
    "stored, and of two sizes": (both(method=0, packed=B.data, size=9), "size declares 9 bytes"),
}


def test_there_are_as_many_as_promised(tmp_path):
    assert (len(PUBLIC), len(OWN)) == (35, 30)
    assert len({data for data, _ in {**PUBLIC, **OWN}.values()}) == 65
    (tmp_path / "a.zip").write_bytes(WHOLE)
    assert not read_zip(tmp_path / "a.zip").findings


@pytest.mark.parametrize("case", [*PUBLIC, *OWN])
def test_a_malformed_archive_is_refused_for_its_own_reason(tmp_path, case):
    data, reason = {**PUBLIC, **OWN}[case]
    rule, _, words = reason.partition(" ")
    (tmp_path / "a.zip").write_bytes(data)
    found = read_zip(tmp_path / "a.zip").findings
    assert any(finding.rule == rule and words in finding.text for finding in found), found
