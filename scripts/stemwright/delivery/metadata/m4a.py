"""M4A (AAC and ALAC): MP4's own atoms, and chapters.

Chapters are written by ffmpeg, which has written the file: as Nero's list (`chpl`), and as a track of text, which is
what Apple's players read. It copies the audio packet by packet. ISRC, key, language and the code of the album have no
atom: they are free-form ones, as Picard and other programs write them. Tempo is a whole number.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mutagen.mp4 import MP4, MP4Cover

from stemwright.audio.encoders._ffmpeg import write_mp4
from stemwright.audio.programs import Supervisor
from stemwright.base.files import atomic_write
from stemwright.delivery.metadata._base import MOST_CHAPTERS, Metadata, sections
from stemwright.delivery.metadata._cover import covers_said

_ATOMS = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "album": "\xa9alb",
    "albumartist": "aART",
    "composer": "\xa9wrt",
    "copyright": "cprt",
    "date": "\xa9day",
    "genre": "\xa9gen",
    "comment": "\xa9cmt",
}
_FREE_FORM = {
    name: f"----:com.apple.iTunes:{free}"
    for name, free in {"isrc": "ISRC", "upc": "BARCODE", "language": "LANGUAGE", "key": "initialkey"}.items()
}
_FORMATS = {"image/jpeg": MP4Cover.FORMAT_JPEG, "image/png": MP4Cover.FORMAT_PNG}
_MOST_BYTES = 255
_TO_ESCAPE = str.maketrans({sign: f"\\{sign}" for sign in "=;#\\\n"})


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    if metadata.markers:
        _write_chapters(path, metadata)
    file = MP4(path)
    if file.tags is None:
        file.add_tags()
    tags = metadata.tags
    file.update({atom: [tags[name]] for name, atom in _ATOMS.items() if name in tags})
    file.update({atom: [tags[name].encode()] for name, atom in _FREE_FORM.items() if name in tags})
    if "track" in tags:
        number, _, total = tags["track"].partition("/")
        file["trkn"] = [(int(number), int(total or 0))]
    if metadata.tempo:
        file["tmpo"] = [int(metadata.tempo)]
    if metadata.cover:
        file["covr"] = [MP4Cover(metadata.cover.data, _FORMATS[metadata.cover.mime])]
    file.save(padding=lambda info: 0)


def held(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate says, as `read` reads it."""
    kept = metadata.markers[:MOST_CHAPTERS]
    chapters = sections((metadata.milliseconds(marker.frame), _title(marker.title)) for marker in kept)
    tempo = {"bpm": metadata.tempo} if metadata.tempo else {}
    return dict(metadata.tags) | tempo | chapters | metadata.cover_said


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    file = MP4(path)
    tags: Mapping[str, list[Any]] = file.tags or {}
    found = {name: str(tags[atom][0]) for name, atom in _ATOMS.items() if atom in tags}
    found |= {name: bytes(tags[atom][0]).decode() for name, atom in _FREE_FORM.items() if atom in tags}
    if "trkn" in tags:
        found["track"] = "/".join(str(number) for number in tags["trkn"][0] if number)
    if "tmpo" in tags:
        found["bpm"] = str(tags["tmpo"][0])
    ticks = (
        (round(chapter.start * 10_000_000), chapter.title) for chapter in file.chapters or ()
    )  # of 100 ns
    found |= sections(((tick + 5_000) // 10_000, title) for tick, title in ticks)
    return found | covers_said(map(bytes, tags.get("covr", ())))


def _write_chapters(path: str | os.PathLike, metadata: Metadata) -> None:
    lines = [";FFMETADATA1"]
    for marker in metadata.markers[:MOST_CHAPTERS]:
        lines += ["[CHAPTER]", f"TIMEBASE=1/{metadata.rate}", f"START={marker.frame}"]
        lines += [f"END={marker.frame + marker.frames}"]
        lines += [f"title={_title(marker.title).translate(_TO_ESCAPE)}"]
    rate = cast(Any, MP4(path).info).sample_rate
    with Supervisor() as supervisor, atomic_write(path) as part:
        chapters = os.path.join(supervisor.folder, "chapters.txt")
        Path(chapters).write_text("\n".join((*lines, "")), encoding="utf-8")
        inputs = ["-f", "mp4", "-i", os.path.abspath(path), "-f", "ffmetadata", "-i", chapters]
        copied = [*inputs, "-map", "0:a", "-map_chapters", "1", "-c", "copy"]
        write_mp4(supervisor, copied, path, part, rate, f"{path}: chapters by ffmpeg")


def _title(title: str) -> str:
    """A title as it is held: 255 bytes at most, and no backslash at its end, which ffmpeg's format does not allow."""
    cut = title.encode()[: _MOST_BYTES - 1].decode(errors="ignore")
    return f"{cut} " if cut.endswith("\\") else cut
