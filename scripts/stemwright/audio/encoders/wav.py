"""WAV; RF64 above 4 GB."""

from __future__ import annotations

from stemwright.audio.encoders._samples import SampleEncoder


class Wav(SampleEncoder):
    """RIFF WAVE. A file of more than 4 GB is RF64 (EBU Tech 3306), which readers of BW64 read too."""

    ending = ".wav"
    kind = "WAV"
    subtypes = ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "FLOAT_24")
