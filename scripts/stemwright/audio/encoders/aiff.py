"""AIFF: big-endian, as Apple's programs prefer it."""

from __future__ import annotations

from stemwright.audio.encoders._samples import SampleEncoder


class Aiff(SampleEncoder):
    """AIFF 1.3; with floats AIFF-C. Its sizes have 32 bits, so it ends at 4 GB."""

    ending = ".aiff"
    kind = "AIFF"
    subtypes = ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "FLOAT_24")
