"""Reads the presets of a SoundFont file, by bank and number.

Source: SoundFont Technical Specification 2.04 (1998), sections 3 (RIFF) and 7.2 (the `phdr` sub-chunk).
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from stemwright.base.errors import StemwrightError
from stemwright.validation.problems import did_you_mean

_HEADER = struct.Struct("<20sHHHIII")  # name, preset, bank, and fields not used here
_MAX_BYTES = 65_536 * _HEADER.size
_MAX_CHUNKS = 1_000  # before `phdr`; a SoundFont has a dozen


def presets(path: str | os.PathLike) -> dict[tuple[int, int], str]:
    """The names of a SoundFont's presets by (bank, number), sorted.

    Raises StemwrightError if the file cannot be read, is not a SoundFont, is truncated, or has no presets.
    """
    try:
        with open(path, "rb") as file:
            kind, size, form = _read(file, "<4sI4s")
            if kind != b"RIFF" or form != b"sfbk":
                raise StemwrightError(f"{path}: is not a SoundFont (expected a RIFF file of form sfbk)")
            actual = os.fstat(file.fileno()).st_size
            if size + 8 > actual:
                raise StemwrightError(
                    f"{path}: is truncated: {actual:,} of {size + 8:,} bytes. Get the file again"
                )
            headers = _headers(file, size + 8)
    except struct.error:
        raise StemwrightError(
            f"{path}: is not a SoundFont: it is too short, or its chunks are inconsistent"
        ) from None
    except OSError as error:
        raise StemwrightError(f"{path}: cannot be read: {error.strerror}") from None
    found = {}
    for at in range(0, len(headers) - 2 * _HEADER.size + 1, _HEADER.size):  # the last record is a terminator
        name, number, bank, *_ = _HEADER.unpack_from(headers, at)
        found[bank, number] = name.split(b"\0")[0].decode("latin-1").strip()
    if not found:
        raise StemwrightError(f"{path}: has no presets")
    return dict(sorted(found.items()))


def find_preset(path: str | os.PathLike, preset: int | str, bank: int | None) -> tuple[int, int]:
    """Find a preset in a SoundFont.

    Parameters
    ----------
    path : str or os.PathLike
        The SoundFont file.
    preset : int or str
        The preset's number, or its name, in any case.
    bank : int or None
        The preset's bank. With None, bank 0 for a number, and any bank for a name.

    Returns
    -------
    bank, number : int
        Where the preset is.

    Raises
    ------
    ValueError
        If the SoundFont has no such preset.
    StemwrightError
        If the file is not a SoundFont that can be read.
    """
    known = presets(path)
    if isinstance(preset, int):
        bank = bank or 0
        if (bank, preset) not in known:
            have = sorted(number for b, number in known if b == bank)
            numbers = f"it has {', '.join(map(str, have[:16]))}{', …' * (len(have) > 16)}"
            raise ValueError(
                f"is not in bank {bank} of the SoundFont (is {preset}; {numbers if have else 'the bank is empty'})"
            )
        return bank, preset
    in_bank = {place: name for place, name in known.items() if bank in (None, place[0])}
    for place, name in in_bank.items():
        if name.casefold() == preset.strip().casefold():
            return place
    raise ValueError(
        f"is not in the SoundFont (is {preset!r}){did_you_mean(preset, list(in_bank.values())[:500])}"
    )


def _headers(file: BinaryIO, end: int) -> bytes:
    """The content of the `phdr` chunk. Raises struct.error if there is none among the first chunks."""
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            break
        file.seek(at)
        kind, size = _read(file, "<4sI")
        if kind == b"LIST" and _read(file, "<4s") == (b"pdta",):
            at, end = at + 12, at + 8 + size
        elif kind == b"phdr":
            if size > _MAX_BYTES or at + 8 + size > end:
                break
            return file.read(size)
        else:
            at += 8 + size + size % 2
    raise struct.error


def _read(file: BinaryIO, form: str) -> tuple:
    return struct.unpack(form, file.read(struct.calcsize(form)))
