"""Checksums of audio formats, none of which is in Python's library."""

from __future__ import annotations

import zlib
from typing import BinaryIO

import numpy as np

_LANES = 1 << 12
_PIECE = 1 << 24


def _table(polynomial: int, bits: int) -> list[int]:
    """The remainders of all bytes, most significant bit first."""
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value >> bits - 1 else 0)) & (1 << bits) - 1
        table.append(value)
    return table


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_CRC_8 = _table(0x07, 8)


def ogg_crc(page: bytes) -> int:
    """The CRC-32 of an Ogg page whose checksum is set to 0 (polynomial 0x04C11DB7, initial value 0; RFC 3533).

    It is that of zlib with the bits of each byte, and of the result, in reverse.
    """
    found = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(found.to_bytes(4, "little").translate(_REVERSED), "big")


def flac_header_crc(header: bytes) -> int:
    """The CRC-8 of a FLAC frame's header (polynomial 0x07, initial value 0; RFC 9639)."""
    value = 0
    for byte in header:
        value = _CRC_8[value ^ byte]
    return value


def lame_music_crc(file: BinaryIO, start: int, end: int) -> int:
    """Compute the CRC-16 of an MP3's frames, as LAME declares it (polynomial 0x8005 reflected, initial value 0).

    Parameters
    ----------
    file : binary file
        The file.
    start, end : int
        The bytes to read.

    Returns
    -------
    int
        The CRC. A CRC is linear: each piece is divided into lanes, which are computed at the same time, and combined.
    """
    one_byte = _arc_table()
    value = 0
    file.seek(start)
    while start < end and (piece := file.read(min(_PIECE, end - start))):
        start += len(piece)
        length = -(-len(piece) // _LANES)
        # Zeros before a CRC whose initial value is 0 do not change it.
        lanes = np.frombuffer(piece.rjust(length * _LANES, b"\0"), np.uint8).reshape(_LANES, length)
        crcs = np.zeros(_LANES, np.uint16)
        for column in np.ascontiguousarray(lanes.T):
            crcs = one_byte[(crcs ^ column) & 0xFF] ^ (crcs >> 8)
        behind_lane = _zeros_after(length)
        joined = 0
        for crc in crcs.tolist():
            joined = _shift(joined, behind_lane) ^ crc
        value = _shift(value, _zeros_after(len(piece))) ^ joined
    return value


def _arc_table() -> np.ndarray:
    reverse = [int(f"{value:016b}"[::-1], 2) for value in _table(0x8005, 16)]
    return np.array([reverse[_REVERSED[byte]] for byte in range(256)], np.uint16)


def _zeros_after(count: int) -> list[int]:
    """What `count` bytes of zeros make of each bit of a reflected CRC-16, by repeated squaring."""
    table = _arc_table().tolist()
    power = [table[(1 << bit) & 0xFF] ^ (1 << bit) >> 8 for bit in range(16)]
    result = [1 << bit for bit in range(16)]
    while count:
        if count & 1:
            result = [_shift(value, power) for value in result]
        power = [_shift(value, power) for value in power]
        count >>= 1
    return result


def _shift(value: int, bits: list[int]) -> int:
    result = 0
    for bit in range(16):
        if value >> bit & 1:
            result ^= bits[bit]
    return result
