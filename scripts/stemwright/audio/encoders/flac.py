"""FLAC: lossless compression of integers."""

from __future__ import annotations

from stemwright.audio.encoders._samples import SampleEncoder


class Flac(SampleEncoder):
    """FLAC (RFC 9639), with the MD5 of its samples in its header."""

    ending = ".flac"
    kind = "FLAC"
    subtypes = ("PCM_16", "PCM_24")
