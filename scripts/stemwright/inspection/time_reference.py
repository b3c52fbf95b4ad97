"""The time stamp of a Broadcast Wave file: where its first sample stood in the session (EBU Tech 3285, bext)."""

from __future__ import annotations

import struct

_BEFORE = 338  # bytes of Description, Originator, OriginatorReference, OriginationDate and OriginationTime
_MOST_CHUNKS = 1_000


def time_reference(path: str) -> int:
    """The frames since midnight in its `bext` chunk; 0 for a file that has none."""
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return 0
        for _ in range(_MOST_CHUNKS):
            header = file.read(8)
            if len(header) < 8:
                return 0
            size = int.from_bytes(header[4:], "little")
            if header[:4] == b"bext":
                stamp = file.read(_BEFORE + 8)[_BEFORE:]
                return struct.unpack("<Q", stamp)[0] if len(stamp) == 8 else 0
            file.seek(size + size % 2, 1)
    return 0
