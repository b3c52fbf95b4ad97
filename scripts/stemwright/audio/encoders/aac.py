"""AAC in M4A, by ffmpeg's own encoder."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.audio.encoders._base import Form
from stemwright.audio.encoders._ffmpeg import FfmpegEncoder


class Aac(FfmpegEncoder):
    """AAC-LC (ISO 14496-3) in MP4, written by ffmpeg's native encoder `aac`. Its bit rate is near `bitrate_kbps`."""

    codec = "AAC"
    rates = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000)

    @classmethod
    def bitrates(cls, rate: int, channels: int) -> Sequence[int]:
        # 6144 bits are the most that a frame of 1024 samples may have for a channel (ISO 14496-3, 4.5.3).
        return range(16 * channels, 6 * rate * channels // 1000 + 1)

    @classmethod
    def options(cls, form: Form) -> Sequence[str]:
        return ["-c:a", "aac", "-b:a", f"{form.bitrate_kbps}k"]
