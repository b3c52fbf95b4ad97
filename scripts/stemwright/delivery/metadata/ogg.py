"""Ogg Vorbis: Vorbis comments, and the cover among them."""

from __future__ import annotations

import base64
import os
from typing import Any, cast

from mutagen.flac import Picture
from mutagen.ogg import OggFileType
from mutagen.oggvorbis import OggVorbis

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata._vorbis import comments, held, picture, said

__all__ = ["held", "read", "write"]

_PICTURE = "METADATA_BLOCK_PICTURE"


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    file = OggVorbis(path)
    write_comments(file, metadata, cast(Any, file.info).sample_rate)


def write_comments(file: OggFileType, metadata: Metadata, rate: int) -> None:
    """Write the comments of an open file; Opus has them too.

    Parameters
    ----------
    file : OggFileType
        The file.
    metadata : Metadata
        What it is to say.
    rate : int
        The rate in Hz that its frames are counted at.
    """
    file.update(comments(metadata, rate))
    if metadata.cover:
        file[_PICTURE] = base64.b64encode(picture(metadata.cover).write()).decode()
    file.save(padding=lambda info: 0)


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    return read_comments(OggVorbis(path))


def read_comments(file: OggFileType) -> dict[str, str]:
    """What an open file says."""
    pictures = [Picture(base64.b64decode(text)) for text in file.get(_PICTURE, [])]
    return said(list(file.tags or ()), pictures)
