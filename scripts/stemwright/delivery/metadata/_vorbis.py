"""Vorbis comments, for FLAC, Ogg Vorbis and Opus: any text in UTF-8, with the names that Picard and players use.

A loop is in frames, as SDL_mixer and RPG Maker read it.

Sources: xiph.org, Ogg Vorbis I, 5; the chapter extension (wiki.xiph.org/Chapter_Extension), which counts to 999.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mutagen.flac import Picture

from stemwright.delivery.metadata._base import TAGS, Metadata
from stemwright.delivery.metadata._cover import Cover, covers_said

_NAMES = {"track": "TRACKNUMBER", "upc": "BARCODE"}
_LOOP_START, _LOOP_LENGTH = "LOOPSTART", "LOOPLENGTH"
_READ = {*(_NAMES.get(name, name.upper()) for name in TAGS), "TRACKTOTAL", _LOOP_START, _LOOP_LENGTH}
_CHAPTER = re.compile(r"CHAPTER\d{3}(NAME)?")
_MOST_CHAPTERS = 999
_FRONT_COVER = 3


def comments(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate in Hz says, by the names of its comments."""
    found = {_NAMES.get(name, name.upper()): value for name, value in metadata.tags.items()}
    number, _, total = metadata.tags.get("track", "").partition("/")
    if total:
        found |= {"TRACKNUMBER": number, "TRACKTOTAL": total}
    if metadata.loop:
        start, end = (metadata.frame_in(rate, at) for at in metadata.loop)
        found |= {_LOOP_START: str(start), _LOOP_LENGTH: str(end - start)}
    for index, marker in enumerate(metadata.markers[:_MOST_CHAPTERS], 1):
        seconds, milliseconds = divmod(metadata.milliseconds(marker.frame), 1000)
        time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"
        found |= {f"CHAPTER{index:03}": time, f"CHAPTER{index:03}NAME": marker.title}
    return found


def held(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate says, as `said` reads it."""
    return comments(metadata, rate) | metadata.cover_said


def said(found: Iterable[tuple[str, str]], pictures: Iterable[Picture]) -> dict[str, str]:
    """What comments and pictures that were read say, as `held` has it; not what the encoder says of itself."""
    read = ((name.upper(), value) for name, value in found)
    ours = {name: value for name, value in read if name in _READ or _CHAPTER.fullmatch(name)}
    return ours | covers_said(each.data for each in pictures)


def picture(cover: Cover) -> Picture:
    """A cover as FLAC and Ogg have it."""
    found = Picture()
    found.type, found.mime, found.data = _FRONT_COVER, cover.mime, cover.data
    found.width, found.height, found.depth = cover.width, cover.height, cover.depth
    return found
