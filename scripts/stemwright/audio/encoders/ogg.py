"""Ogg Vorbis, by libvorbis in libsndfile."""

from __future__ import annotations

from stemwright.audio.encoders._base import Form
from stemwright.audio.encoders._ogg_pages import OggEncoder


class Ogg(OggEncoder):
    """Vorbis I in Ogg (RFC 5334). Its bit rate is always variable; `quality` is oggenc's -q."""

    ending = ".ogg"
    codec = "VORBIS"
    has_quality = True

    @classmethod
    def compression(cls, form: Form) -> float:
        assert form.quality is not None
        return 1 - form.quality / 10
