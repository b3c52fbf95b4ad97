"""What one delivered file says about itself, from its song and its delivery, as its job and its gate get it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stemwright.delivery.metadata._base import Marker, Metadata
from stemwright.music.timeline import parse_bpm
from stemwright.song.delivery import Delivery
from stemwright.song.loaded import Deliverable, LoadedSong
from stemwright.song.metadata import parse_clock, parse_date, parse_isrc, parse_language, parse_track

_Read = Callable[[Any], str]

_OF_THE_MASTER: dict[str, _Read] = {"track": parse_track, "isrc": parse_isrc, "upc": str}
_OF_ALL: dict[str, _Read] = {
    **dict.fromkeys(("album", "albumartist", "composer", "copyright", "genre", "comment"), str),
    "date": parse_date,
    "language": parse_language,
}


def has_tags(song: LoadedSong, delivery: Delivery) -> bool:
    """Whether the files of a delivery have tags."""
    asked = delivery.metadata.tags
    return bool(song.document.metadata.model_fields_set) if asked is None else asked


def file_metadata(song: LoadedSong, delivery: Delivery, deliverable: Deliverable) -> dict[str, Any]:
    """What a delivered file says about itself.

    Parameters
    ----------
    song : LoadedSong
        The song.
    delivery : Delivery
        The delivery that the file is of.
    deliverable : Deliverable
        The file.

    Returns
    -------
    dict
        A `Metadata` as plain data; empty if the file says nothing.
    """
    asked, written, timeline = delivery.metadata, song.document.metadata, song.timeline
    tags = _tags(song, deliverable)
    found: dict[str, Any] = {"tags": tags} if has_tags(song, delivery) else {}
    if asked.markers and timeline.sections:
        placed = zip(timeline.sections, song.section_titles, strict=True)
        found["markers"] = [Marker(s.start_frame, s.end_frame - s.start_frame, title) for s, title in placed]
    if asked.loops:
        found["loop"] = timeline.spans([written.loop])[0] if written.loop else (0, timeline.end_frame)
    clock = {"time_reference": parse_clock(written.starts_at) * timeline.rate // 1_000_000}
    if asked.bext:
        found["bext"] = {
            "description": " - ".join(tags[name] for name in ("artist", "title") if name in tags),
            "originator": written.originator or tags.get("artist", ""),
            "date": tags.get("date", ""),
            "dual_mono": song.document.master.dual_mono,
            **clock,
        }
    if asked.ixml:
        note = {"note": tags["comment"]} if "comment" in tags else {}
        found["ixml"] = {"project": tags.get("album", tags["title"]), **note, **clock}
    return Metadata(rate=timeline.rate, **found).to_dict() if found else {}


def _tags(song: LoadedSong, deliverable: Deliverable) -> dict[str, str]:
    """The tags of a file: a stem is no track, and a recording of its own."""
    document, stem = song.document, deliverable.stem
    title = document.title or song.name
    found: dict[str, str | None] = {
        "title": f"{title} ({stem})" if stem else title,
        "artist": document.artist,
        "bpm": _tempo(song),
    }
    keys = {each.key for each in song.harmony}
    if len(keys) == 1:
        found["key"] = keys.pop()
    for name, parse in {**_OF_ALL, **({} if stem else _OF_THE_MASTER)}.items():
        value = getattr(document.metadata, name)
        found[name] = None if value is None else parse(value)
    return {name: value for name, value in found.items() if value}


def _tempo(song: LoadedSong) -> str:
    """Its tempo with at most three decimals; "" if it has none, or several."""
    document = song.document
    if document.bpm is None or any(each.bpm is not None or each.ramp for each in document.changes):
        return ""
    return f"{float(parse_bpm(document.bpm)):.3f}".rstrip("0").rstrip(".")
