"""Opus in Ogg, by libopus in libsndfile."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.audio.encoders._base import Form
from stemwright.audio.encoders._ogg_pages import OggEncoder


class Opus(OggEncoder):
    """Opus (RFC 6716) in Ogg (RFC 7845). Its bit rate varies around `bitrate_kbps`."""

    ending = ".opus"
    codec = "OPUS"
    rates = (8_000, 12_000, 16_000, 24_000, 48_000)

    @classmethod
    def bitrates(cls, rate: int, channels: int) -> Sequence[int]:
        return range(6 * channels, 256 * channels + 1)  # what libsndfile lets one choose

    @classmethod
    def compression(cls, form: Form) -> float:
        assert form.bitrate_kbps is not None
        lowest, *_, highest = cls.bitrates(form.rate, form.channels)
        return (highest - form.bitrate_kbps) / (highest - lowest)
