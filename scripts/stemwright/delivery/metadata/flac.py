"""FLAC: Vorbis comments, and the cover as a picture."""

from __future__ import annotations

import os

from mutagen.flac import FLAC

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata._vorbis import comments, picture


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    file = FLAC(path)
    file.update(comments(metadata))
    if metadata.cover:
        file.add_picture(picture(metadata.cover))
    file.save(padding=lambda info: 0)
