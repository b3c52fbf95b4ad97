"""What the formats in Ogg have in common: libsndfile gives each file a serial number at random."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stemwright.audio.containers._crc import ogg_crc
from stemwright.audio.containers.ogg import read_page
from stemwright.audio.encoders._base import Form
from stemwright.audio.encoders._codec import CodecEncoder

_SERIAL = 1
_SERIAL_AT, _CHECKSUM_AT = 14, 22  # in a page (RFC 3533, section 6)


class OggEncoder(CodecEncoder):
    """Base of a codec in Ogg."""

    kind = "OGG"

    @classmethod
    def write(cls, path: str, part: Path, blocks: Iterable[np.ndarray], form: Form) -> None:
        super().write(path, part, blocks, form)
        set_serial(part)


def set_serial(path: Path) -> None:
    """Give every page of a file of one stream the same serial number in each file, and its checksum anew."""
    with open(path, "r+b") as file:
        set_serials(file)


def set_serials(file: BinaryIO) -> None:
    """The same, of an open file."""
    at = 0
    while page := bytearray(read_page(file, at)):
        struct.pack_into("<I", page, _SERIAL_AT, _SERIAL)
        struct.pack_into("<I", page, _CHECKSUM_AT, 0)
        struct.pack_into("<I", page, _CHECKSUM_AT, ogg_crc(bytes(page)))
        file.seek(at)
        file.write(page)
        at += len(page)
