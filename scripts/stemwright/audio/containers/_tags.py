"""Tags before and after audio, which belong to no audio format: ID3v1, ID3v2, APEv2, Lyrics3.

Sources: id3.org (ID3v2.3 and 2.4, ID3v1.1, Lyrics3 v2.00), wiki.hydrogenaud.io (APEv2).
"""

from __future__ import annotations

from typing import BinaryIO

_ID3V1 = 128


def start_of_audio(file: BinaryIO) -> int:
    """The offset behind the ID3v2 tags at the start of a file."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:]) > 127:
            return at
        at += 10 + _synchsafe(head[6:]) + (10 if head[5] & 0x10 else 0)


def end_of_audio(file: BinaryIO, size: int) -> tuple[int, bool]:
    """Find the tags at the end of a file.

    Parameters
    ----------
    file : binary file
        The file.
    size : int
        Its size in bytes.

    Returns
    -------
    end : int
        Where they begin.
    is_adjusted : bool
        Whether a tag says that mp3gain has changed the level, and with it the frames.
    """
    is_adjusted = False
    while True:
        file.seek(max(0, size - _ID3V1))
        tail = file.read(min(size, _ID3V1))
        if len(tail) == _ID3V1 and tail[:3] == b"TAG":
            size -= _ID3V1
        elif tail[-32:-24] == b"APETAGEX":
            length = int.from_bytes(tail[-20:-16], "little") + (32 if tail[-9] & 0x80 else 0)
            if not 32 <= length <= size:
                return size, is_adjusted
            size -= length
            file.seek(size)
            is_adjusted |= b"MP3GAIN" in file.read(length).upper()
        elif tail[-9:] == b"LYRICS200" and tail[-15:-9].isdigit():
            size -= int(tail[-15:-9]) + 15
        elif tail[-10:-7] == b"3DI" and max(tail[-4:]) <= 127:
            size -= _synchsafe(tail[-4:]) + 20
        else:
            return max(0, size), is_adjusted


def _synchsafe(digits: bytes) -> int:
    """A number of 7 bits a byte."""
    return sum(digit << 7 * place for place, digit in enumerate(reversed(digits)))
