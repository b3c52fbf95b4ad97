"""What the formats that ffmpeg writes have in common."""

from __future__ import annotations

from stemwright.audio.decoders import INSTALL_FFMPEG, NOT_INSTALLED, ffmpeg_version
from stemwright.audio.encoders._base import Encoder


class FfmpegEncoder(Encoder):
    """Base of a codec in MP4 that ffmpeg writes."""

    ending = ".m4a"
    kind = "MP4"

    @classmethod
    def lacks(cls) -> str:
        if ffmpeg_version() == NOT_INSTALLED:
            return f"{cls.codec} needs ffmpeg, which is not installed here: {INSTALL_FFMPEG}"
        return ""

    @classmethod
    def libraries(cls) -> dict[str, str]:
        return {"ffmpeg": ffmpeg_version()}
