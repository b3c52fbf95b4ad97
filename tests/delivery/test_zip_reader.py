"""Reading an archive strictly: no damage and no trick passes."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import zipfile
import zlib
from dataclasses import replace

import pytest
from deliveries import AUDIO, NOISE, digest
from forged_zips import Entry, forge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemwright.base.errors import StemwrightError
from stemwright.delivery import zip_reader
from stemwright.delivery.zip_reader import read_zip

WIDE = 0xFFFFFFFF


def rules(path):
    return {finding.rule for finding in read_zip(path).findings}


A = Entry(b"a.wav", NOISE + bytes(9_000))
B = Entry(b"b.wav", bytes(20_000) + NOISE[:999])
WHOLE = forge(A, B)
CUT = len(WHOLE) - 22 - 2 * 51  # where the directory begins
EXTRA = struct.pack("<HH4s", 0x5455, 4, b"time")
DESCRIBED = struct.pack("<4sIII", b"PK\7\x08", zlib.crc32(B.data), len(B.content), len(B.data))


def both(**changes):
    """The archive with the same change in both headers of its second member."""
    return forge(A, replace(B, **changes))


def local(**changes):
    return forge(A, replace(B, local=changes))


def named(name, flags=0):
    return forge(A, replace(B, name=name, flags=flags))


def wide(at, record=(44, 45, 45, 0, 0, 2, 2), disks=1, between=b"", end=()):
    """The archive with zip64 end records in front of an end record that refers to them."""
    start = len(WHOLE) - 22
    size, offset = struct.unpack("<II", WHOLE[start + 12 : start + 20])
    extra = b"PK\6\6" + struct.pack("<QHHIIQQQQ", *record, size, offset)
    extra += between + b"PK\6\7" + struct.pack("<IQI", 0, start + at, disks)
    return forge(A, B, end={2: 0xFFFF, 3: 0xFFFF, 4: WIDE, 5: WIDE, **dict(end)}, after_directory=extra)


MALFORMED = {
    "nothing": ({"end"}, b""),
    "no zip": ({"end"}, NOISE),
    "cut in its data": ({"end"}, WHOLE[:9_999]),
    "cut in its end record": ({"end"}, WHOLE[:-1]),
    "bytes after": ({"trailing"}, WHOLE + b"\n"),
    "another archive after": ({"directory"}, WHOLE + WHOLE),
    "bytes before": ({"directory"}, b"#!/bin/sh\n" + WHOLE),
    "bytes before, offsets adjusted": ({"prefix"}, forge(replace(A, before=b"#!/bin/sh\n"), B)),
    "bytes between members": ({"gap"}, forge(A, replace(B, before=b"hidden"))),
    "bytes before the directory": ({"gap"}, forge(A, B, after_data=b"hidden")),
    "bytes after the directory": ({"directory"}, forge(A, B, after_directory=b"hidden")),
    "member left out of the directory": (
        {"gap"},
        forge(A, replace(B, before=b"PK\3\4" + A.header() + A.name + A.content)),
    ),
    "archive comment": ({"comment"}, forge(A, B, end={6: 5}, tail=b"hello")),
    "cut in its comment": ({"comment", "end"}, forge(A, B, end={6: 6}, tail=b"hello")),
    "member comment": ({"comment"}, both(comment=b"hello")),
    "bytes in the directory": ({"directory"}, forge(A, B, after_directory=b"hidden", end={4: 108})),
    "huge directory": ({"directory"}, forge(*[replace(A, comment=bytes(65_535))] * 17)),
    "too few members": ({"directory"}, forge(A, B, end={2: 1, 3: 1})),
    "too many members": ({"directory"}, forge(A, B, end={2: 3, 3: 3})),
    "another disk": ({"end"}, forge(A, B, end={0: 1})),
    "counts differ": ({"end"}, forge(A, B, end={2: 1})),
    "member on another disk": ({"end"}, both(disk=1)),
    "bad directory entry": ({"directory", "gap"}, both(signature=b"PK\1\3")),
    "cut directory": ({"directory", "gap"}, WHOLE[:-23] + WHOLE[-22:-10] + struct.pack("<IIH", 101, CUT, 0)),
    "local signature": ({"local", "gap"}, local(signature=b"PK\3\5")),
    "local name": ({"local"}, local(name=b"c.wav")),
    "local method": ({"local"}, local(method=0)),
    "local crc": ({"local"}, local(crc=1)),
    "local size": ({"local"}, local(size=5)),
    "local packed size": ({"local"}, local(compressed=5)),
    "local time": ({"local"}, local(stamp=0x210001)),
    "local flags": ({"local"}, local(flags=2)),
    "local extra": ({"extra"}, local(extra=EXTRA)),
    "sizes after the data": (
        {"descriptor", "local", "gap"},
        forge(A, replace(B, flags=8, local={"crc": 0, "size": 0, "compressed": 0}), after_data=DESCRIBED),
    ),
    "encrypted": ({"encrypted"}, both(flags=1)),
    "strongly encrypted": ({"encrypted"}, both(flags=1 << 6)),
    "unknown flag": ({"flags"}, both(flags=1 << 5)),
    "unknown method": ({"method"}, both(method=12)),
    "unknown version": ({"method"}, both(needed=63)),
    "same name": ({"duplicate"}, named(b"a.wav")),
    "same name in other case": ({"duplicate"}, named(b"A.WAV")),
    "same name composed and not": (
        {"duplicate"},
        forge(replace(A, name=b"\xc3\xa9", flags=1 << 11), replace(B, name=b"e\xcc\x81", flags=1 << 11)),
    ),
    "file and folder": ({"duplicate"}, named(b"A.wav/b.wav")),
    "parent folder": ({"name"}, named(b"../b.wav")),
    "this folder": ({"name"}, named(b"./b.wav")),
    "absolute": ({"name"}, named(b"/b.wav")),
    "drive": ({"name"}, named(b"C:b.wav")),
    "backslash": ({"name"}, named(b"..\\b.wav")),
    "control character": ({"name"}, named(b"b\x1b[2J.wav")),
    "zero byte": ({"name"}, named(b"b.exe\0.wav")),
    "empty part": ({"name"}, named(b"b//c.wav")),
    "empty name": ({"name"}, named(b"")),
    "very long name": ({"name"}, named(b"b" * 256)),
    "folder": ({"name"}, named(b"b/")),
    "not flagged as UTF-8": ({"name"}, named("é".encode())),
    "not UTF-8": ({"name"}, named(b"\xe9", 1 << 11)),
    "link": ({"attributes"}, both(attributes=0o120777 << 16)),
    "folder by mode": ({"attributes"}, both(attributes=0o040755 << 16)),
    "folder by DOS attribute": ({"attributes"}, both(attributes=0x10)),
    "time": ({"timestamp"}, both(stamp=0x5D210000)),
    "order": ({"order"}, WHOLE[:CUT] + WHOLE[CUT + 51 : -22] + WHOLE[CUT : CUT + 51] + WHOLE[-22:]),
    "one member twice": ({"overlap", "order", "gap", "local"}, forge(A, replace(B, offset=0))),
    "data into the next": ({"overlap", "data"}, forge(replace(A, compressed=len(A.content) + 9), B)),
    "data into the directory": ({"overlap"}, both(compressed=len(B.content) + 1)),
    "offset nowhere": ({"local", "gap"}, both(offset=0x7FFFFFFF)),
    "extra field": ({"extra"}, both(extra=EXTRA)),
    "malformed extra field": ({"extra"}, both(extra=b"\1\0")),
    "zip64 field without need": ({"zip64"}, both(extra=struct.pack("<HHQ", 1, 8, 5), needed=45)),
    "no zip64 field": ({"zip64", "overlap"}, both(compressed=WIDE)),
    "zip64 field too short": ({"zip64", "size"}, both(size=WIDE, extra=b"\1\0\4\0size", needed=45)),
    "no zip64 record": ({"zip64", "directory"}, forge(A, B, end={5: WIDE})),
    "zip64 record elsewhere": ({"zip64", "directory"}, wide(1)),
    "zip64 record of other length": ({"zip64"}, wide(0, record=(45, 45, 45, 0, 0, 2, 2))),
    "zip64 disks": ({"zip64"}, wide(0, disks=2)),
    "bytes between zip64 records": ({"zip64", "directory"}, wide(0, between=b"hidden")),
    "end records differ": ({"zip64"}, wide(0, end={2: 3})),
    "zip64 in an old version": (
        {"zip64", "size"},
        both(size=WIDE, extra=struct.pack("<HHQ", 1, 8, len(B.data))),
    ),
    "zip64 count": ({"directory"}, wide(0, record=(44, 45, 45, 0, 0, 3, 3))),
    "crc": ({"crc"}, both(crc=1)),
    "damaged stored data": ({"crc"}, both(method=0, packed=bytes(20_000) + NOISE[1:1_000])),
    "stored size": ({"size"}, both(method=0, size=5)),
    "bomb": ({"size"}, both(size=10)),
    "size too large": ({"size"}, both(size=len(B.data) + 1)),
    "deflate stream too long": ({"data"}, both(packed=B.content + b"!")),
    "deflate stream too short": ({"data"}, both(packed=B.content[:-1])),
    "no deflate stream": ({"data"}, both(packed=b"\xff" * 100)),
    "empty deflate stream": ({"data"}, both(packed=b"")),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_refuses_a_malformed_archive_for_the_right_reason(tmp_path, case):
    expected, data = MALFORMED[case]
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert rules(path) == expected


SOUND = {
    "two members": WHOLE,
    "no member": forge(),
    "stored": both(method=0),
    "compressed at another level": both(flags=2),
    "not ASCII": named("ë.wav".encode(), 1 << 11),
    "in a folder": named(b"stems/b.wav"),
    "zip64 end record": wide(0),
    "zip64 sizes": both(
        size=WIDE,
        compressed=WIDE,
        needed=45,
        extra=struct.pack("<HHQQ", 1, 16, len(B.data), len(B.content)),
    ),
}


@pytest.mark.parametrize("case", SOUND)
def test_accepts_a_sound_archive_of_another_writer(tmp_path, case):
    path = tmp_path / "a.zip"
    path.write_bytes(SOUND[case])
    archive = read_zip(path)
    assert not archive.findings
    with zipfile.ZipFile(path) as reference:
        assert {m.name: m.sha256 for m in archive.members} == {
            name: digest(reference.read(name)) for name in reference.namelist()
        }


def test_accepts_what_zipfile_and_info_zip_write(tmp_path, needs):
    for name, data in AUDIO.items():
        (tmp_path / name).write_bytes(data)
        os.utime(tmp_path / name, (315_532_800, 315_532_800))  # 1980-01-01
    with zipfile.ZipFile(tmp_path / "python.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in AUDIO.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    for level in "0", "1", "6", "9":
        command = [needs("zip"), "-qX", f"-{level}", f"level{level}.zip", *AUDIO]
        subprocess.run(command, cwd=tmp_path, env={"TZ": "UTC"}, check=True)
    for path in tmp_path.glob("*.zip"):
        archive = read_zip(path)
        assert not archive.findings, path
        assert {m.name: m.sha256 for m in archive.members} == {n: digest(d) for n, d in AUDIO.items()}
    os.utime(tmp_path / "a_bass.wav")
    subprocess.run([needs("zip"), "-q", "dated.zip", "a_bass.wav"], cwd=tmp_path, check=True)
    assert rules(tmp_path / "dated.zip") == {"extra", "timestamp"}


def test_keeps_the_texts_asked_for(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(WHOLE)
    assert read_zip(path, texts=["b.wav", "c.wav"]).texts == {"b.wav": B.data}


@pytest.mark.parametrize("case", ["unknown method", "crc", "size too large", "deflate stream too short"])
def test_what_is_not_as_declared_has_no_digest(tmp_path, case):
    path = tmp_path / "a.zip"
    path.write_bytes(MALFORMED[case][1])
    archive = read_zip(path, texts=["b.wav"])
    assert [member.sha256 for member in archive.members] == [digest(A.data), None]
    assert not archive.texts


@pytest.mark.parametrize("case", ["whole", *MALFORMED])
def test_the_same_is_found_on_any_number_of_cores(tmp_path, case):
    path = tmp_path / "a.zip"
    path.write_bytes(WHOLE if case == "whole" else MALFORMED[case][1])
    assert read_zip(path, texts=["b.wav"], threads=3) == read_zip(path, texts=["b.wav"])


def test_what_is_wrong_is_told_in_the_order_of_members(tmp_path):
    damaged = [replace(A, name=b"%d.wav" % n, crc=1) for n in range(9)]
    path = tmp_path / "a.zip"
    path.write_bytes(forge(*damaged))
    texts = [finding.text for finding in read_zip(path, threads=4).findings]
    assert [text.split()[0].strip("'\"") for text in texts] == [f"{n}.wav" for n in range(9)]


@given(
    flips=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(1, 255)), min_size=1, max_size=4),
    cut=st.integers(0, 9),
    insert=st.tuples(st.integers(0, 1 << 16), st.binary(max_size=2)),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_is_accepted_with_other_content(tmp_path, flips, cut, insert):
    content = {"a": b"one and one and one", "b": bytes(300) + b"two"}
    data = bytearray(forge(*(Entry(name.encode(), text) for name, text in content.items())))
    for position, change in flips:
        data[position % len(data)] ^= change
    at = insert[0] % len(data)
    data = (data[:at] + insert[1] + data[at:])[cut and cut - 1 :]
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    archive = read_zip(path)
    if not archive.findings:
        assert {m.name: m.sha256 for m in archive.members} == {n: digest(d) for n, d in content.items()}


def test_a_bomb_is_not_unpacked(tmp_path):
    """Members that share the same data, members within another's data, and one that says it is small."""
    data = bytes(40_000_000)
    zeros = Entry(b"zeros", b"", crc=zlib.crc32(data), size=len(data))
    zeros.packed = replace(zeros, data=data, packed=None).content
    shared = {"packed": b"", "compressed": len(zeros.packed), "offset": 0}
    inner = [Entry(b"1", b"one"), Entry(b"2", b"two")]
    outer = Entry(b"outer", forge(*inner), method=0)
    inside = len(forge(zeros)) - 22 - 51 + 30 + 5
    within = [
        replace(entry, offset=inside + at, packed=b"", compressed=len(entry.content), signature=b"PK\1\2")
        for entry, at in zip(inner, (0, len(forge(inner[0])) - 22 - 47), strict=True)
    ]
    path = tmp_path / "a.zip"
    again = [replace(zeros, name=b"again", **shared)]
    path.write_bytes(forge(zeros, outer, *again, *within, replace(zeros, name=b"small", size=10)))
    archive = read_zip(path)
    assert [member.name for member in archive.members if member.sha256] == ["zeros", "outer"]
    (bomb,) = (finding.text for finding in archive.findings if finding.rule == "size")
    declared, unpacked = (int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", bomb))
    assert declared == 10 < unpacked < 20_000_000


def test_only_a_missing_file_is_an_error(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "no.zip", tmp_path, tmp_path / "pipe"):
        with pytest.raises(StemwrightError, match=str(path)):
            read_zip(path)


@pytest.mark.parametrize("piece", [1, 999, 1_000, 4_096, 1 << 20])
@pytest.mark.parametrize("size", [0, 1, 999, 1_000, 12_000, 2_000_000])
def test_a_member_is_unpacked_a_piece_at_a_time(tmp_path, monkeypatch, piece, size):
    """A little of deflate can be a lot of zeros: no more than a piece of it is held."""
    if size / piece > 20_000:
        piece = size // 20_000
    monkeypatch.setattr(zip_reader, "_UNPACKED", piece)
    taken = []
    inflated = zip_reader._inflated

    def noted(*arguments):
        for block in inflated(*arguments):
            taken.append(len(block))
            yield block

    monkeypatch.setattr(zip_reader, "_inflated", noted)
    content = bytes(size // 2) + (NOISE * (1 + size // len(NOISE)))[: size - size // 2]
    path = tmp_path / "a.zip"
    path.write_bytes(forge(Entry(b"a.wav", content)))
    archive = read_zip(path)
    assert archive.findings == [] and archive.members[0].sha256 == digest(content)
    assert sum(taken) == size and max(taken, default=0) <= piece
