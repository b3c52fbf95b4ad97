"""Vorbis comments, for FLAC, Ogg Vorbis and Opus: any text in UTF-8, with the names that Picard and players use.

Sources: xiph.org, Ogg Vorbis I, 5; the chapter extension (wiki.xiph.org/Chapter_Extension), which counts to 999.
"""

from __future__ import annotations

from mutagen.flac import Picture

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata._cover import Cover

_NAMES = {"track": "TRACKNUMBER", "upc": "BARCODE"}
_MOST_CHAPTERS = 999
_FRONT_COVER = 3


def comments(metadata: Metadata) -> dict[str, str]:
    """What a file says, by the names of its comments."""
    found = {_NAMES.get(name, name.upper()): value for name, value in metadata.tags.items()}
    number, _, total = metadata.tags.get("track", "").partition("/")
    if total:
        found |= {"TRACKNUMBER": number, "TRACKTOTAL": total}
    for index, marker in enumerate(metadata.markers[:_MOST_CHAPTERS], 1):
        seconds, milliseconds = divmod(metadata.milliseconds(marker.frame), 1000)
        time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"
        found |= {f"CHAPTER{index:03}": time, f"CHAPTER{index:03}NAME": marker.title}
    return found


def picture(cover: Cover) -> Picture:
    """A cover as FLAC and Ogg have it."""
    found = Picture()
    found.type, found.mime, found.data = _FRONT_COVER, cover.mime, cover.data
    found.width, found.height, found.depth = cover.width, cover.height, cover.depth
    return found
