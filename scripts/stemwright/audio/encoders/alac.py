"""Apple Lossless in M4A, by ffmpeg."""

from __future__ import annotations

from stemwright.audio.encoders._ffmpeg import FfmpegEncoder


class Alac(FfmpegEncoder):
    """Apple Lossless in MP4, written by ffmpeg."""

    codec = "ALAC"
    subtypes = ("PCM_16", "PCM_24")
