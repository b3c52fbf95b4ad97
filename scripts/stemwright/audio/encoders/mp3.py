"""MP3, by LAME in libsndfile."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.audio.encoders._base import Encoder

_BITRATES = {
    32_000: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    16_000: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    8_000: (8, 16, 24, 32, 40, 48, 56, 64),
}
"""kbit/s of layer III, by the lowest sample rate for which they hold (ISO 11172-3, ISO 13818-3, and MPEG 2.5)."""


class Mp3(Encoder):
    """MPEG audio layer III. `bitrate_kbps` is constant (CBR); `quality` is variable (VBR), 10 being LAME's -V0."""

    ending = ".mp3"
    kind = "MP3"
    codec = "MPEG_LAYER_III"
    rates = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
    has_quality = True

    @classmethod
    def bitrates(cls, rate: int, channels: int) -> Sequence[int]:
        return next((rates for lowest, rates in _BITRATES.items() if rate >= lowest), ())
