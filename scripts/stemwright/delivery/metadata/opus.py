"""Opus: Vorbis comments, and the cover among them."""

from __future__ import annotations

import os

from mutagen.oggopus import OggOpus

from stemwright.delivery.metadata import ogg
from stemwright.delivery.metadata._base import Metadata

_RATE = 48_000  # at which Opus counts, whatever rate it was made from


def write(path: str | os.PathLike, metadata: Metadata) -> None:
    """Write metadata into a file, as its encoder has written it."""
    ogg.write_comments(OggOpus(path), metadata, _RATE)


def read(path: str | os.PathLike) -> dict[str, str]:
    """What a file says."""
    return ogg.read_comments(OggOpus(path))


def held(metadata: Metadata, rate: int) -> dict[str, str]:
    """What a file of a sample rate says, as `read` reads it."""
    return ogg.held(metadata, _RATE)
