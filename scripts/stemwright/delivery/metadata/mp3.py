"""MP3: an ID3v2.4 tag before the audio, with chapters."""

from __future__ import annotations

import os

from stemwright.base.files import atomic_write
from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata._id3 import held_chapters, held_tags, read_tag, tag_bytes


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    with open(path, "rb") as file, atomic_write(path) as part, open(part, "wb") as out:
        out.write(tag_bytes(metadata, with_chapters=True))
        while block := file.read(1 << 20):
            out.write(block)


def held(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate says, as `read` reads it."""
    return held_tags(metadata) | held_chapters(metadata) | metadata.cover_said


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    with open(path, "rb") as file:
        return read_tag(file)
