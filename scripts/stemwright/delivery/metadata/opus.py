"""Opus: Vorbis comments, and the cover among them."""

from __future__ import annotations

import os

from mutagen.oggopus import OggOpus

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata.ogg import held, read_comments, write_comments

__all__ = ["held", "read", "write"]


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    write_comments(OggOpus(path), metadata)


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    return read_comments(OggOpus(path))
