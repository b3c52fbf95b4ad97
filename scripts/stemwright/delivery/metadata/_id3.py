"""ID3v2.4, for MP3, and as a chunk of WAV and AIFF.

Text is UTF-8: exiftool and MediaInfo lose emoji in the UTF-16 of version 2.3, and exiftool its dates. ID3v1, which cuts
texts at 30 Latin letters, is not written. Tempo is a whole number; a key has three letters at most, and no modes but
major and minor.

Sources: id3.org, ID3v2.4.0 (2000) and the chapter frame addendum (2005).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from mutagen import id3

from stemwright.delivery.metadata._base import MOST_CHAPTERS, Metadata, sections
from stemwright.delivery.metadata._cover import covers_said

_TEXTS = {
    "title": "TIT2",
    "artist": "TPE1",
    "album": "TALB",
    "albumartist": "TPE2",
    "composer": "TCOM",
    "copyright": "TCOP",
    "genre": "TCON",
}
_CODES = {"track": "TRCK", "isrc": "TSRC", "language": "TLAN", "bpm": "TBPM", "key": "TKEY", "date": "TDRC"}
_BARCODE = "BARCODE"
_READ = {**_TEXTS, **_CODES, "upc": f"TXXX:{_BARCODE}", "comment": "COMM::XXX"}
_HEADER = b"ID3\4\0\0"
_FRONT_COVER = 3
_NO_OFFSET = 0xFFFFFFFF
_TOP_LEVEL_AND_ORDERED = 3


def tag_bytes(metadata: Metadata, with_chapters: bool = False) -> bytes:
    """A whole tag, perhaps with the sections as chapters; nothing if there is nothing to say."""
    frames = [*_frames(metadata), *(_chapters(metadata) if with_chapters else ())]
    if cover := metadata.cover:
        frames.append(id3.APIC(id3.Encoding.LATIN1, cover.mime, _FRONT_COVER, "", cover.data))
    body = b"".join(map(_frame_bytes, frames))  # in this order: mutagen would sort chapters by their length
    # Padding: ExifTool takes a long last frame for broken unless 10 bytes follow it. For an even length see `_riff`.
    body += bytes(10 + (len(body) & 1)) if body else b""
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return _HEADER + size + body if body else b""


def _frame_bytes(frame: id3.Frame) -> bytes:
    tags, written = id3.ID3(), io.BytesIO()
    tags.add(frame)
    tags.save(written, v1=id3.ID3v1SaveOptions.REMOVE, v2_version=4, padding=lambda info: 0)
    return written.getvalue()[len(_HEADER) + 4 :]


def _frames(metadata: Metadata) -> Iterator[id3.Frame]:
    tags, utf8, latin1 = held_tags(metadata), id3.Encoding.UTF8, id3.Encoding.LATIN1
    for name, frame in _TEXTS.items():
        if name in tags:
            yield getattr(id3, frame)(utf8, [tags[name]])
    for name, frame in _CODES.items():
        if name in tags:
            yield getattr(id3, frame)(latin1, [tags[name]])
    if "upc" in tags:
        yield id3.TXXX(latin1, _BARCODE, [tags["upc"]])
    if "comment" in tags:
        yield id3.COMM(utf8, "XXX", "", [tags["comment"]])


def held_tags(metadata: Metadata) -> dict[str, str]:
    """The tags as ID3 can hold them."""
    held = {"bpm": metadata.tempo, "key": short_key(metadata.tags.get("key", ""))}
    return {name: value for name, value in {**metadata.tags, **held}.items() if value}


def held_chapters(metadata: Metadata) -> dict[str, str]:
    """The sections as ID3 can hold them, in milliseconds."""
    kept = metadata.markers[:MOST_CHAPTERS]
    return sections((metadata.milliseconds(marker.frame), marker.title) for marker in kept)


def read_tag(data: BinaryIO) -> dict[str, str]:
    """What a tag says, see `held`; nothing if there is none. Raises mutagen.MutagenError if it is damaged."""
    try:
        tags = id3.ID3(data)
    except id3.ID3NoHeaderError:
        return {}
    found = {name: str(tags[frame]) for name, frame in _READ.items() if frame in tags}
    chapters = sorted(tags.getall("CHAP"), key=lambda chapter: chapter.start_time)
    found |= sections((chapter.start_time, str(chapter.sub_frames["TIT2"])) for chapter in chapters)
    return found | covers_said(picture.data for picture in tags.getall("APIC"))


def short_key(key: str) -> str:
    """A key in three letters: `F# minor` as F#m; "" for other modes."""
    match = re.fullmatch(r"([A-G][#b]?) (major|minor)", key)
    return match[1] + ("m" if match[2] == "minor" else "") if match else ""


def _chapters(metadata: Metadata) -> Iterator[id3.Frame]:
    """A chapter for each section, and the table that lists them."""
    names = []
    for number, marker in enumerate(metadata.markers[:MOST_CHAPTERS], 1):
        names.append(f"ch{number}")
        start, end = (metadata.milliseconds(at) for at in (marker.frame, marker.frame + marker.frames))
        title = id3.TIT2(id3.Encoding.UTF8, [marker.title])
        yield id3.CHAP(names[-1], start, end, _NO_OFFSET, _NO_OFFSET, [title])
    if names:
        yield id3.CTOC("toc", _TOP_LEVEL_AND_ORDERED, names, [])
