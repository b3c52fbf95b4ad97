"""M4A (AAC and ALAC): MP4's own atoms, and chapters.

Chapters are written by ffmpeg, which has written the file: as Nero's list (`chpl`), and as a track of text, which is
what Apple's players read. It copies the audio packet by packet. ISRC, key, language and the code of the album have no
atom: they are free-form ones, as Picard and other programs write them. Tempo is a whole number.
"""

from __future__ import annotations

import os
import subprocess
import tempfile

from mutagen.mp4 import MP4, MP4Cover

from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write
from stemwright.delivery.metadata._base import MOST_CHAPTERS, Metadata

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
_FREE_FORM = {"isrc": "ISRC", "upc": "BARCODE", "language": "LANGUAGE", "key": "initialkey"}
_FORMATS = {"image/jpeg": MP4Cover.FORMAT_JPEG, "image/png": MP4Cover.FORMAT_PNG}
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
    for name, free in _FREE_FORM.items():
        if name in tags:
            file[f"----:com.apple.iTunes:{free}"] = [tags[name].encode()]
    if "track" in tags:
        number, _, total = tags["track"].partition("/")
        file["trkn"] = [(int(number), int(total or 0))]
    if metadata.tempo:
        file["tmpo"] = [int(metadata.tempo)]
    if metadata.cover:
        file["covr"] = [MP4Cover(metadata.cover.data, _FORMATS[metadata.cover.mime])]
    file.save(padding=lambda info: 0)


def _write_chapters(path: str | os.PathLike, metadata: Metadata) -> None:
    lines = [";FFMETADATA1"]
    for marker in metadata.markers[:MOST_CHAPTERS]:
        lines += ["[CHAPTER]", f"TIMEBASE=1/{metadata.rate}", f"START={marker.frame}"]
        lines += [f"END={marker.frame + marker.frames}", f"title={_escaped(marker.title)}"]
    with (
        tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as chapters,
        atomic_write(path) as part,
    ):
        chapters.write("\n".join((*lines, "")))
        chapters.flush()
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "mp4", "-i", os.fspath(path)]
        command += [
            "-f",
            "ffmetadata",
            "-i",
            chapters.name,
            "-map",
            "0:a",
            "-map_chapters",
            "1",
            "-c",
            "copy",
        ]
        command += ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "ipod", os.fspath(part)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise StemwrightError(f"{path}: ffmpeg cannot write its chapters: {done.stderr.strip()[-300:]}")


def _escaped(title: str) -> str:
    """A title in ffmpeg's format, in which no backslash, escaped or not, may end a line: a space follows it."""
    return title.translate(_TO_ESCAPE) + (" " if title.endswith("\\") else "")
