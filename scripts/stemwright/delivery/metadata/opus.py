"""Opus: Vorbis comments, and the cover among them."""

from __future__ import annotations

import os

from mutagen.oggopus import OggOpus

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata.ogg import write_comments


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    write_comments(OggOpus(path), metadata)
