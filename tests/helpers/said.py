"""What files are to say about themselves, and untagged files of every container."""

from __future__ import annotations

import struct
import subprocess
import zlib

import numpy as np
import soundfile as sf

from stemwright.delivery.metadata import write_metadata

RATE = 8_000
CONTAINERS = {
    "WAV": ("a.wav", "WAV", "PCM_24"),
    "AIFF": ("a.aiff", "AIFF", "PCM_16"),
    "FLAC": ("a.flac", "FLAC", "PCM_16"),
    "MP3": ("a.mp3", "MP3", "MPEG_LAYER_III"),
    "OGG": ("a.ogg", "OGG", "VORBIS"),
    "OPUS": ("a.opus", "OGG", "OPUS"),
    "AAC": ("aac.m4a", "", ""),
    "ALAC": ("alac.m4a", "", ""),
}
"""Of each container a file name, and what libsndfile calls it; "" for what ffmpeg writes."""

TAGS = {
    "title": "Night Bús ☃ 夜 🚌",
    "artist": 'Ana/Björk; "Q" = #1 \\',
    "album": "A & B <c>",
    "albumartist": "Various",
    "composer": "Zoë",
    "track": "3/10",
    "isrc": "GBABC2400017",
    "upc": "036000291452",
    "copyright": "2024 Harbour",
    "date": "2024-05-31",
    "genre": "Drum & Bass",
    "language": "eng",
    "bpm": "97.5",
    "key": "F# minor",
    "comment": "line 1\nline 2 é",
}
MARKERS = [[0, 1_000, "Intro"], [1_000, 2_001, "Vérse = [1]; #2 \\"], [3_001, 999, "夜 🚌"]]
SAID = {
    "tags": TAGS,
    "rate": RATE,
    "markers": MARKERS,
    "loop": [1_000, 3_001],
    "bext": {
        "description": "Ana - Night Bús 夜 " + "x" * 300,
        "originator": "Ána",
        "date": "2024-05-31",
        "time": "10:00:00",
        "time_reference": RATE * 36_000,
        "dual_mono": False,
    },
    "ixml": {"project": "A & B <c>", "note": "1 < 2", "time_reference": RATE * 36_000},
}


def png(width=3, height=2):
    """A whole PNG."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes([200, 30, 9]) * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def untagged(folder, container):
    """An untagged file of half a second."""
    name, form, subtype = CONTAINERS[container]
    rng = np.random.default_rng(1)
    sound = 0.1 * rng.standard_normal((4_000, 2)) * np.linspace(0.2, 1, 4_000)[:, None]
    sound[1_500:2_000] = 0
    path = folder / name
    if form:
        sf.write(path, sound, RATE, subtype, format=form)
        return path
    sf.write(folder / "given.wav", sound, RATE, "PCM_16")
    codec = ["-c:a", container.lower(), "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "ipod"]
    subprocess.run(["ffmpeg", "-y", "-v", "error", "-i", folder / "given.wav", *codec, path], check=True)
    return path


def tagged(folder, container, said=SAID, cover=True):
    """A file that says something, with a cover."""
    path = untagged(folder, container)
    (folder / "cover.png").write_bytes(png())
    write_metadata(path, container, said, str(folder / "cover.png") if cover else "")
    return path
