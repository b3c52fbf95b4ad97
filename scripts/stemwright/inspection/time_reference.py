"""The time stamp of a Broadcast Wave file: where its first sample stood in the session (EBU Tech 3285, bext)."""

from __future__ import annotations

import os

from stemwright.audio.containers._base import chunks

_BEFORE = 338  # bytes of Description, Originator, OriginatorReference, OriginationDate and OriginationTime


def time_reference(path: str) -> int:
    """The frames since midnight in its `bext` chunk; 0 for a file that has none."""
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return 0
        for name, _, start in chunks(file, "<", os.path.getsize(path)):
            if name == b"bext":
                file.seek(start + _BEFORE)
                stamp = file.read(8)
                return int.from_bytes(stamp, "little") if len(stamp) == 8 else 0
    return 0
