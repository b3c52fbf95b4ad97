"""Apple Lossless in M4A, by ffmpeg."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.audio.encoders._base import Form
from stemwright.audio.encoders._ffmpeg import FfmpegEncoder


class Alac(FfmpegEncoder):
    """Apple Lossless in MP4, written by ffmpeg."""

    codec = "ALAC"
    subtypes = ("PCM_16", "PCM_24")

    @classmethod
    def options(cls, form: Form) -> Sequence[str]:
        samples = {"PCM_16": ["-sample_fmt", "s16p"], "PCM_24": ["-sample_fmt", "s32p"]}
        return ["-c:a", "alac", *samples[form.subtype]]
