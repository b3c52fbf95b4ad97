"""The chunks of broadcasters: `bext`, and iXML.

Sources: EBU Tech 3285 v2 (2011), with supplement EBU R 98 for the coding history; the iXML specification 2.0 (2010).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from stemwright.audio import AudioFile
from stemwright.delivery.metadata._base import ascii_bytes
from stemwright.measure import measure
from stemwright.measure.loudness import Loudness
from stemwright.measure.true_peak import TruePeak

LEVELS = "bext levels"
"""What `read_bext` calls the levels: hundredths, in the order of `levels`."""

_FIXED = struct.Struct("<256s32s32s10s8sQH64s5h180x")
"""Description, originator, its reference, date, time, time reference, version, UMID, five loudness values."""

_VERSION = 2
_NO_DAY = "0000-00-00"
_DESCRIPTION, _ORIGINATOR = 256, 32  # bytes
_UNUSED = 0x7FFF
_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32}
_MODES = {1: "mono", 2: "stereo"}
_TRACKS = {1: ["Mono"], 2: ["Left", "Right"]}


def bext(path: str | os.PathLike, keys: Mapping[str, Any], time_reference: int) -> bytes:
    """The data of the chunk `bext` of a file, whose loudness is measured.

    Parameters
    ----------
    path : path-like
        The file.
    keys : mapping
        `Metadata.bext`. What is longer than its field is cut, what has no letter in ASCII becomes a question mark. A
        date that is no day is written as zeros.
    time_reference : int
        Frames from midnight to the first of the file.

    Returns
    -------
    bytes
    """
    loudness, peak = meters(keys)
    file = measure(os.fspath(path), [loudness, peak])
    fixed = _FIXED.pack(
        ascii_bytes(keys["description"], _DESCRIPTION),
        ascii_bytes(keys["originator"], _ORIGINATOR),
        b"",
        _day(keys).encode(),
        keys["time"].encode(),
        time_reference,
        _VERSION,
        b"",
        *levels(loudness, peak),
    )
    form = f"F={file.rate},W={_BITS[file.subtype]},M={_MODES[file.channels]}"
    history = f"A=PCM,{form},T=Stemwright\r\n".encode()
    return fixed + history + bytes(len(history) & 1)


def meters(keys: Mapping[str, Any]) -> tuple[Loudness, TruePeak]:
    """Make the meters of what the chunk says of the sound.

    Parameters
    ----------
    keys : mapping
        `Metadata.bext`.

    Returns
    -------
    loudness : Loudness
        The meter of loudness.
    peak : TruePeak
        The meter of true peak.
    """
    return Loudness(keys["dual_mono"]), TruePeak()


def levels(loudness: Loudness, peak: TruePeak) -> list[int]:
    """Integrated loudness, range, true peak, highest momentary and short-term loudness, as the chunk has them."""
    found = (
        loudness.integrated,
        loudness.range,
        peak.true_peak,
        loudness.max_momentary,
        loudness.max_short_term,
    )
    return [_hundredths(value) for value in found]


def held_bext(keys: Mapping[str, Any], time_reference: int) -> dict[str, str]:
    """What the chunk says, as `read_bext` reads it, but for the levels."""
    return {
        "bext": f"version {_VERSION}",
        "bext description": ascii_bytes(keys["description"], _DESCRIPTION).decode(),
        "bext originator": ascii_bytes(keys["originator"], _ORIGINATOR).decode(),
        "bext date": _day(keys),
        "bext time": keys["time"],
        "bext time reference": f"{time_reference:,}",
    }


def read_bext(data: bytes, place: str) -> dict[str, str]:
    """What a chunk says; `place` is added to its version."""
    description, originator, _, day, time, reference, version, _, *found = _FIXED.unpack_from(data)
    texts = {"description": description, "originator": originator, "date": day, "time": time}
    return {
        "bext": f"version {version}{place}",
        **{f"bext {name}": text.rstrip(b"\0").decode("latin-1") for name, text in texts.items()},
        "bext time reference": f"{reference:,}",
        LEVELS: " ".join(map(str, found)),
    }


def _day(keys: Mapping[str, Any]) -> str:
    """The date of the chunk; zeros if what is given is no day, for some readers take nothing for damage."""
    return str(keys["date"]) if len(keys["date"]) == len(_NO_DAY) else _NO_DAY


def _hundredths(value: float | None) -> int:
    """A level as the chunk holds it; what cannot be measured, or not held, is marked as unused."""
    found = _UNUSED if value is None else round(100 * value)
    return found if -_UNUSED <= found <= _UNUSED else _UNUSED


def ixml(file: AudioFile, keys: Mapping[str, Any], time_reference: int) -> bytes:
    """The data of the chunk `iXML`.

    Parameters
    ----------
    file : AudioFile
        The file that it is for.
    keys : mapping
        `Metadata.ixml`.
    time_reference : int
        Frames from midnight to the first of the file.

    Returns
    -------
    bytes
    """
    note = f"\n  <NOTE>{escape(keys['note'])}</NOTE>" if "note" in keys else ""
    tracks = "".join(
        f"""
    <TRACK>
      <CHANNEL_INDEX>{number}</CHANNEL_INDEX>
      <INTERLEAVE_INDEX>{number}</INTERLEAVE_INDEX>
      <NAME>{name}</NAME>
    </TRACK>"""
        for number, name in enumerate(_TRACKS[file.channels], 1)
    )
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<BWFXML>
  <IXML_VERSION>2.0</IXML_VERSION>
  <PROJECT>{escape(keys["project"])}</PROJECT>{note}
  <SPEED>
    <FILE_SAMPLE_RATE>{file.rate}</FILE_SAMPLE_RATE>
    <AUDIO_BIT_DEPTH>{_BITS[file.subtype]}</AUDIO_BIT_DEPTH>
    <DIGITIZER_SAMPLE_RATE>{file.rate}</DIGITIZER_SAMPLE_RATE>
    <TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{time_reference >> 32}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>
    <TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{time_reference & 0xFFFFFFFF}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>
    <TIMESTAMP_SAMPLE_RATE>{file.rate}</TIMESTAMP_SAMPLE_RATE>
  </SPEED>
  <TRACK_LIST>
    <TRACK_COUNT>{file.channels}</TRACK_COUNT>{tracks}
  </TRACK_LIST>
</BWFXML>
""".encode()
    return text + b"\n" * (len(text) & 1)
