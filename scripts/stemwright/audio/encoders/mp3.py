"""MP3, by LAME in libsndfile."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stemwright.audio.encoders._base import Form
from stemwright.audio.encoders._codec import CodecEncoder

_BITRATES = {
    32_000: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    16_000: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    8_000: (8, 16, 24, 32, 40, 48, 56, 64),
}
"""kbit/s of layer III, by the lowest sample rate for which they hold (ISO 11172-3, ISO 13818-3, and MPEG 2.5)."""

_SCALES = {160: 0.95, 192: 0.97, 224: 0.98}
"""By up to which bit rate in kbit/s: the factor by which LAME 3.100 turns sound down at a constant one (presets.c)."""

_TAG = 156
"""Bytes of the tag with LAME's delay and padding (LAMEHEADERSIZE in LAME's VbrTag.c)."""

_LEAST = 0.999
"""libsndfile 1.2.2 refuses 1, the lowest quality and bit rate; LAME takes the nearest bit rate that there is."""


class Mp3(CodecEncoder):
    """MPEG audio layer III. `bitrate_kbps` is constant (CBR); `quality` is variable (VBR), 10 being LAME's -V0."""

    ending = ".mp3"
    kind = "MP3"
    codec = "MPEG_LAYER_III"
    rates = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
    is_constant = True
    has_quality = True

    @classmethod
    def bitrates(cls, rate: int, channels: int) -> Sequence[int]:
        """Those whose frames have room for LAME's tag, without which a decoder cannot tell the length."""
        is_mpeg_1 = rate >= 32_000
        side = (17, 32) if is_mpeg_1 else (9, 17)
        least = 4 + side[channels - 1] + _TAG
        return [each for each in _table(rate) if (144_000 if is_mpeg_1 else 72_000) * each // rate >= least]

    @classmethod
    def write(cls, path: str, part: Path, blocks: Iterable[np.ndarray], form: Form) -> None:
        scale = next(
            (scale for most, scale in _SCALES.items() if (form.bitrate_kbps or math.inf) <= most), 1.0
        )
        super().write(path, part, (block / scale for block in blocks), form)

    @classmethod
    def bitrate(cls, path: str) -> int:
        from mutagen.mp3 import MP3, BitrateMode

        info: Any = MP3(path).info
        return round(info.bitrate / 1000) if info.bitrate_mode == BitrateMode.CBR else 0

    @classmethod
    def mode(cls, form: Form) -> str:
        return "VARIABLE" if form.bitrate_kbps is None else "CONSTANT"

    @classmethod
    def compression(cls, form: Form) -> float:
        if form.bitrate_kbps is None:
            assert form.quality is not None
            return min(1 - form.quality / 10, _LEAST)
        lowest, *_, highest = _table(form.rate)
        return min((highest - form.bitrate_kbps) / (highest - lowest), _LEAST)


def _table(rate: int) -> tuple[int, ...]:
    return next(rates for lowest, rates in _BITRATES.items() if rate >= lowest)
