"""Good files of every kind, by hand and by soundfile, and what is said of those that are not."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import soundfile as sf

from stemwright.audio import AudioFile
from stemwright.base.errors import AudioFileError

FRAMES = 4_001
PCM = {
    # extension: format, subtype, bits of the grid its samples lie on
    "16.wav": ("WAV", "PCM_16", 16),
    "24.wav": ("WAV", "PCM_24", 24),
    "32.wav": ("WAV", "PCM_32", 32),
    "float.wav": ("WAV", "FLOAT", 24),
    "double.wav": ("WAV", "DOUBLE", 32),
    "extensible.wav": ("WAVEX", "PCM_24", 24),
    "rf64.wav": ("RF64", "PCM_24", 24),
    "16.aiff": ("AIFF", "PCM_16", 16),
    "24.aiff": ("AIFF", "PCM_24", 24),
    "float.aifc": ("AIFF", "FLOAT", 24),
    "16.flac": ("FLAC", "PCM_16", 16),
    "24.flac": ("FLAC", "PCM_24", 24),
}
LOSSY = {
    "vorbis.ogg": ("OGG", "VORBIS"),
    "opus.opus": ("OGG", "OPUS"),
    "layer3.mp3": ("MP3", "MPEG_LAYER_III"),
    "ima.wav": ("WAV", "IMA_ADPCM"),
    "ms.wav": ("WAV", "MS_ADPCM"),
}
EVERY_KIND = ["16.wav", "rf64.wav", "24.aiff", "float.aifc", "16.flac", *list(LOSSY)[:3]]


def samples(channels, bits, frames):
    """Noise on the grid of so many bits, both of its ends included."""
    steps = np.random.default_rng(channels).integers(-(1 << bits - 1), 1 << bits - 1, (frames, channels))
    steps[:2] = [[-(1 << bits - 1)], [(1 << bits - 1) - 1]]
    return steps / (1 << bits - 1)


def made(folder, name, channels=2, frames=FRAMES):
    """A good file of that name from `PCM` or `LOSSY`, made with soundfile; the path and the samples."""
    kind, subtype, bits = PCM[name] if name in PCM else (*LOSSY[name], 16)
    data = samples(channels, bits, frames) / (1 if name in PCM else 4)
    # libsndfile scales floats by 2^n - 1, integers not at all.
    written = (data * 2.0**31).astype(np.int32) if subtype.startswith("PCM") else data
    sf.write(folder / name, written, 48_000, format=kind, subtype=subtype)
    return folder / name, data


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def wav(
    data=bytes(4_000),
    *,
    tag=1,
    channels=2,
    rate=48_000,
    bits=16,
    align=4,
    before=b"",
    after=b"",
    size=None,
    riff=None,
):
    """A WAV as bytes, with whatever lies in its header; `size` and `riff` are the declared sizes."""
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align, bits)
    size = len(data) if size is None else size
    body = b"WAVE" + chunk(b"fmt ", form) + before + b"data" + struct.pack("<I", size) + data + after
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def refusal(path, content=None):
    """What is said of a file (of that content) when it is opened and read to its end."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioFileError) as caught, AudioFile(path) as file:
        file.read()
    name, _, text = str(caught.value).partition(": ")
    assert name == str(path)
    assert "\n" not in text
    return text
