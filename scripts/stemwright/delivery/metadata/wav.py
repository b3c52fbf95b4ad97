"""WAV and RF64: `bext` and `iXML` for broadcasters, `LIST INFO` and ID3 for tags, `cue` and `LIST adtl` for sections,
`smpl` for the loop. All stand before the audio.

`LIST INFO` has no ISRC (its field of that name is a source), tempo, key, code of the album or cover: the chunk `id3 `
has all. Its text is UTF-8, as ffmpeg reads it; where it is not ASCII, a chunk `CSET` says so, without which exiftool
takes it for Latin-1. A section that begins behind frame 4,294,967,295 has no cue point.

Sources: Microsoft/IBM RIFF (1991), Microsoft's New Multimedia Data Types (1994) for `smpl`; for ID3, what other
programs write and read.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from xml.etree import ElementTree

from stemwright.audio import AudioFile
from stemwright.delivery.metadata._base import Metadata, sections
from stemwright.delivery.metadata._bext import bext, held_bext, ixml, read_bext
from stemwright.delivery.metadata._id3 import held_tags, read_tag, tag_bytes
from stemwright.delivery.metadata._riff import chunk, found_chunks, insert

_INFO = {
    "INAM": "title",
    "IART": "artist",
    "IPRD": "album",
    "ITRK": "track",
    "ICOP": "copyright",
    "ICRD": "date",
    "IGNR": "genre",
    "ILNG": "language",
    "ICMT": "comment",
}
_UTF_8 = 65001
_MIDDLE_C = 60
_LARGEST = 0xFFFFFFFF


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    with AudioFile(path) as file:
        insert(path, b"".join(_chunks(path, file, metadata)))


def write_comment(path: str | os.PathLike, text: str) -> None:
    """Have a file say one thing about itself, in ASCII."""
    insert(path, chunk(b"LIST", b"INFO" + chunk(b"ICMT", _text(text))))


def _chunks(path: str | os.PathLike, file: AudioFile, metadata: Metadata) -> Iterator[bytes]:
    """All that is put into a file, in order."""
    if keys := metadata.bext:
        yield chunk(b"bext", bext(path, keys, metadata.frame_in(file.rate, keys["time_reference"])))
    if keys := metadata.ixml:
        yield chunk(b"iXML", ixml(file, keys, metadata.frame_in(file.rate, keys["time_reference"])))
    if tags := metadata.tags:
        info = [chunk(name.encode(), _text(tags[tag])) for name, tag in _INFO.items() if tag in tags]
        if not "".join(tags.values()).isascii():
            yield chunk(b"CSET", struct.pack("<4H", _UTF_8, 0, 0, 0))
        yield chunk(b"LIST", b"INFO" + b"".join(info))
    yield from _cues(file, metadata)
    if metadata.loop:
        start, end = (metadata.frame_in(file.rate, at) for at in metadata.loop)
        period = round(1e9 / file.rate)  # of a frame, in nanoseconds
        head = struct.pack("<9I", 0, 0, period, _MIDDLE_C, 0, 0, 0, 1, 0)
        yield chunk(b"smpl", head + struct.pack("<6I", 0, 0, start, end - 1, 0, 0))
    yield chunk(b"id3 ", tag_bytes(metadata))


def _cues(file: AudioFile, metadata: Metadata) -> Iterator[bytes]:
    """A cue point where each section begins, with its title, and its length as a region."""
    points, texts, regions = [], [], []
    for number, (start, end, title) in enumerate(_placed(file.rate, metadata), 1):
        points.append(struct.pack("<2I4s3I", number, start, b"data", 0, 0, start))
        texts.append(chunk(b"labl", struct.pack("<I", number) + _text(title)))
        length = min(end - start, _LARGEST)
        regions.append(chunk(b"ltxt", struct.pack("<2I4s4H", number, length, b"rgn ", 0, 0, 0, _UTF_8)))
    if points:
        yield chunk(b"cue ", struct.pack("<I", len(points)) + b"".join(points))
        yield chunk(b"LIST", b"adtl" + b"".join(texts + regions))


def held(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate says, as `read` reads it; not its loudness."""
    found = held_tags(metadata) | metadata.cover_said
    found |= {f"INFO {name}": metadata.tags[tag] for name, tag in _INFO.items() if tag in metadata.tags}
    found |= sections((start, f"{end - start:,} {title}") for start, end, title in _placed(rate, metadata))
    if metadata.loop:
        start, end = (metadata.frame_in(rate, at) for at in metadata.loop)
        found["loop"] = f"{start:,} {end - 1:,}"
    if keys := metadata.bext:
        found |= held_bext(keys, metadata.frame_in(rate, keys["time_reference"]))
    if keys := metadata.ixml:
        found["iXML project"] = keys["project"]
    return found


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    found: dict[str, str] = {}
    points: dict[int, int] = {}
    lengths: dict[int, int] = {}
    titles: dict[int, str] = {}
    behind = ""
    for name, data in found_chunks(path):
        if name == b"data":
            behind = ", behind the audio"
        elif name == b"bext":
            found |= read_bext(data, behind)
        elif name == b"iXML":
            found["iXML project"] = ElementTree.fromstring(data).findtext("PROJECT", "")
        elif name == b"id3 ":
            found |= read_tag(io.BytesIO(data))
        elif name == b"smpl":
            start, end = struct.unpack_from("<2I", data, 36 + 8)
            found["loop"] = f"{start:,} {end:,}"
        elif name == b"cue ":
            points |= {key: frame for key, frame in struct.iter_unpack("<I16xI", data[4:])}
        elif name == b"adtl.labl":
            titles[int.from_bytes(data[:4], "little")] = _read_text(data[4:])
        elif name == b"adtl.ltxt":
            key, length = struct.unpack_from("<2I", data)
            lengths[key] = length
        elif name.startswith(b"INFO.") and name[5:].decode("latin-1") in _INFO:
            found[f"INFO {name[5:].decode()}"] = _read_text(data)
    cues = sorted((frame, f"{lengths.get(key, 0):,} {titles.get(key, '')}") for key, frame in points.items())
    return found | sections(cues)


def _read_text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode(errors="replace")


def _placed(rate: int, metadata: Metadata) -> Iterator[tuple[int, int, str]]:
    """(first frame, frame after the last, title) of each section that a cue point can have."""
    for marker in metadata.markers:
        start, end = (metadata.frame_in(rate, at) for at in (marker.frame, marker.frame + marker.frames))
        if start <= _LARGEST:
            yield start, end, marker.title


def _text(text: str) -> bytes:
    """A text as RIFF has it, with a zero byte at its end."""
    return text.encode() + b"\0"
