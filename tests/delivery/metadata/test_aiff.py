"""The markers of AIFF, by the format's own definition."""

import struct

from said import tagged


def test_markers(tmp_path):
    data = tagged(tmp_path, "AIFF").read_bytes()
    assert struct.unpack_from(">I", data, 4)[0] == len(data) - 8
    at = data.index(b"MARK")
    size, count = struct.unpack_from(">IH", data, at + 4)
    marks, place = [], at + 10
    for _ in range(count):
        number, frame, length = struct.unpack_from(">HIB", data, place)
        marks.append((number, frame, data[place + 7 : place + 7 + length]))
        place += 6 + (length + 1 + 1) // 2 * 2
    assert place == at + 8 + size and data[place : place + 4] == b"ID3 "
    assert marks == [(1, 0, b"Intro"), (2, 1_000, b"Verse = [1]; #2 \\"), (3, 3_001, b"? ?")]
