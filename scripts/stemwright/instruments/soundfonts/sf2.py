"""What a SoundFont file declares: its presets by bank and number.

Source: SoundFont Technical Specification 2.04 (1998), sections 3 (RIFF) and 7.2 (the `phdr` sub-chunk).
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from stemwright.base.errors import StemwrightError
from stemwright.validation.problems import did_you_mean

_HEADER = struct.Struct("<20sHHHIII")  # name, preset, bank, and what is of no use here
_MOST_BYTES = 65_536 * _HEADER.size


def presets(path: str | os.PathLike) -> dict[tuple[int, int], str]:
    """Names by (bank, number), in order. Raises StemwrightError for what is no SoundFont, or not whole."""
    try:
        with open(path, "rb") as file:
            kind, size, form = _read(file, "<4sI4s")
            if kind != b"RIFF" or form != b"sfbk":
                raise StemwrightError(f"{path}: is no SoundFont (a RIFF file of the form sfbk)")
            held = os.fstat(file.fileno()).st_size
            if size + 8 > held:
                raise StemwrightError(f"{path}: is cut off: {held:,} of {size + 8:,} bytes. Get it again")
            headers = _headers(file, size + 8)
    except struct.error:
        raise StemwrightError(f"{path}: is no SoundFont: it is too short, or its chunks contradict") from None
    except OSError as error:
        raise StemwrightError(f"{path}: cannot be read: {error.strerror}") from None
    found = {}
    for at in range(0, len(headers) - 2 * _HEADER.size + 1, _HEADER.size):  # the last one only says the end
        name, number, bank, *_ = _HEADER.unpack_from(headers, at)
        found[bank, number] = name.split(b"\0")[0].decode("latin-1").strip()
    if not found:
        raise StemwrightError(f"{path}: has no presets")
    return dict(sorted(found.items()))


def chosen(path: str | os.PathLike, preset: int | str, bank: int | None) -> tuple[int, int]:
    """(bank, number) of a preset by its number (in bank 0 unless said) or name. Raises ValueError if there is none."""
    known = presets(path)
    if isinstance(preset, int):
        bank = bank or 0
        if (bank, preset) not in known:
            have = sorted(number for b, number in known if b == bank)
            told = (
                f"it has {', '.join(map(str, have[:16]))}{', …' * (len(have) > 16)}"
                if have
                else "the bank is empty"
            )
            raise ValueError(f"is not in bank {bank} of the SoundFont (is {preset}; {told})")
        return bank, preset
    in_bank = {place: name for place, name in known.items() if bank in (None, place[0])}
    for place, name in in_bank.items():
        if name.casefold() == preset.strip().casefold():
            return place
    raise ValueError(
        f"is not in the SoundFont (is {preset!r}){did_you_mean(preset, list(in_bank.values())[:500])}"
    )


def _headers(file: BinaryIO, end: int) -> bytes:
    """The bytes of `phdr`. Raises struct.error if there is none."""
    at = 12
    while at + 8 <= end:
        file.seek(at)
        kind, size = _read(file, "<4sI")
        if kind == b"LIST" and _read(file, "<4s") == (b"pdta",):
            at, end = at + 12, at + 8 + size
        elif kind == b"phdr":
            if size > _MOST_BYTES or at + 8 + size > end:
                break
            return file.read(size)
        else:
            at += 8 + size + size % 2
    raise struct.error


def _read(file: BinaryIO, form: str) -> tuple:
    return struct.unpack(form, file.read(struct.calcsize(form)))
