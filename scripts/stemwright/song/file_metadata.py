"""What one delivered file says about itself, from its song and its delivery, as its job and its gate get it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from stemwright.delivery.metadata._base import Marker, Metadata
from stemwright.music.timeline import parse_bpm
from stemwright.song.deliverables import Deliverable
from stemwright.song.delivery import Files
from stemwright.song.load_album import LoadedAlbum
from stemwright.song.loaded import LoadedSong
from stemwright.song.metadata import (
    format_clock,
    parse_clock,
    parse_date,
    parse_isrc,
    parse_language,
    parse_track,
)

_Read = Callable[[Any], str]

_OF_THE_MASTER: dict[str, _Read] = {"track": parse_track, "isrc": parse_isrc, "upc": str}
_OF_ALL: dict[str, _Read] = {
    **dict.fromkeys(("album", "albumartist", "composer", "copyright", "genre", "comment"), str),
    "date": parse_date,
    "language": parse_language,
}


def has_tags(song: LoadedSong, delivery: Files) -> bool:
    """Whether the files of a delivery have tags."""
    asked = delivery.metadata.tags
    return bool(song.document.metadata.model_fields_set) if asked is None else asked


def file_metadata(song: LoadedSong, found: Deliverable) -> dict[str, Any]:
    """What a delivered file says about itself: a `Metadata` as plain data; empty if it says nothing."""
    delivery, version = song.delivery(found.delivery), song.of(found.version)
    asked, written, timeline = delivery.metadata, song.document.metadata, version.timeline
    tags = _tags(song, found)
    said: dict[str, Any] = {"tags": tags} if has_tags(song, delivery) else {}
    if asked.markers and timeline.sections:
        placed = zip(timeline.sections, version.section_titles, strict=True)
        said["markers"] = [Marker(s.start_frame, s.end_frame - s.start_frame, title) for s, title in placed]
    if asked.loops and (loop := _loop(version)):
        said["loop"] = loop
    clock = {"time_reference": parse_clock(written.starts_at) * timeline.rate // 1_000_000}
    if asked.bext:
        said["bext"] = {
            "description": " - ".join(tags[name] for name in ("artist", "title") if name in tags),
            "originator": written.originator or tags.get("artist", ""),
            "date": tags.get("date", ""),
            "time": format_clock(written.starts_at),
            "dual_mono": song.document.master.dual_mono,
            **clock,
        }
    if asked.ixml:
        note = {"note": tags["comment"]} if "comment" in tags else {}
        said["ixml"] = {"project": tags.get("album", tags["title"]), **note, **clock}
    return Metadata(rate=timeline.rate, **said).to_dict() if said else {}


def album_track(album: LoadedAlbum, number: int) -> tuple[dict[str, Any], str]:
    """What a track of an album says about itself: its song's `metadata`, and what the album says of it.

    Parameters
    ----------
    album : LoadedAlbum
        The album.
    number : int
        The number of the track, from 1.

    Returns
    -------
    metadata : dict
        A `Metadata` as plain data.
    cover : str
        The path of its cover, that of the song; "" for none.
    """
    track, document = album.tracks[number - 1], album.document
    said = {
        "title": track.title,
        "artist": track.artist,
        "album": album.title,
        "albumartist": document.artist,
        "track": f"{number}/{len(album.tracks)}",
        "isrc": track.isrc,
        "upc": document.upc,
    }
    tags = _tags(track.song, Deliverable("master", "", track.file)) | {k: v for k, v in said.items() if v}
    cover = track.song.document.metadata.cover
    metadata = Metadata(tags, track.song.timeline.rate).to_dict()
    return metadata, os.path.expanduser(cover) if cover else ""


def file_cover(song: LoadedSong, found: Deliverable) -> str:
    """The path of the cover in a delivered file; "" for none."""
    cover = song.document.metadata.cover
    is_in = cover and not found.stem and has_tags(song, song.delivery(found.delivery))
    return os.path.expanduser(cover) if cover and is_in else ""


def _loop(song: LoadedSong) -> tuple[int, int] | None:
    """The first frame of the loop of a song or version, and the frame after its last; None without its section."""
    section, timeline = song.document.metadata.loop, song.timeline
    if section is None or (song.cut and song.cut.is_loop):
        return 0, timeline.end_frame
    if all(each.name != section for each in timeline.sections):
        return None
    return timeline.spans([section])[0]


def _tags(song: LoadedSong, found: Deliverable) -> dict[str, str]:
    """The tags of a file. What is no master of the song is no track of its album, and another recording."""
    version, is_master = song.of(found.version), found.role == "master" and not found.version
    document, other = version.document, found.stem or ("" if found.role == "master" else found.role)
    title = document.title or " ".join(filter(None, (song.short_name, found.version)))
    what = " ".join(filter(None, (other, found.side)))
    tags: dict[str, str | None] = {
        "title": f"{title} ({what})" if what else title,
        "artist": document.artist,
        "bpm": _tempo(version),
    }
    keys = {each.key for each in version.harmony}
    if len(keys) == 1:
        tags["key"] = keys.pop()
    for name, parse in {**_OF_ALL, **(_OF_THE_MASTER if is_master else {})}.items():
        value = getattr(document.metadata, name)
        tags[name] = None if value is None else parse(value)
    return {name: value for name, value in tags.items() if value}


def _tempo(song: LoadedSong) -> str:
    """Its tempo with at most three decimals; "" if it has none, or several."""
    document = song.document
    if document.bpm is None or any(each.bpm is not None or each.ramp for each in document.changes):
        return ""
    return f"{float(parse_bpm(document.bpm)):.3f}".rstrip("0").rstrip(".")
