"""FLAC: Vorbis comments, and the cover as a picture."""

from __future__ import annotations

import os
from typing import Any, cast

from mutagen.flac import FLAC

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata._vorbis import comments, held, picture, said

__all__ = ["held", "read", "write"]


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    file = FLAC(path)
    file.update(comments(metadata, file.info.sample_rate))
    if metadata.cover:
        file.add_picture(picture(metadata.cover))
    file.save(padding=lambda info: 0)


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    file = FLAC(path)
    return said(cast(Any, file.tags or ()), file.pictures)
