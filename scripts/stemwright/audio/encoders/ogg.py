"""Ogg Vorbis, by libvorbis in libsndfile."""

from __future__ import annotations

from stemwright.audio.encoders._base import Encoder


class Ogg(Encoder):
    """Vorbis I in Ogg (RFC 5334). Its bit rate is always variable; `quality` is oggenc's -q."""

    ending = ".ogg"
    kind = "OGG"
    codec = "VORBIS"
    has_quality = True
