"""What an audio file declares, compared with what it holds: one module for each format.

Decoders such as libsndfile open a truncated WAV without an error and read fewer frames, and play the first of several
recordings in one file. These modules parse the bytes themselves: the sizes of chunks, every frame or page with its
number and, where the format has one, its checksum. They decode no sound, so that planning can use them for lengths.
A new format is a module with `matches` and `inspect`, an entry in `_FORMATS`, and its test.
"""

from __future__ import annotations

import os
import stat
import struct

from stemwright.audio.containers import adts, aiff, caf, flac, mp4, mpeg, ogg, riff
from stemwright.audio.containers._base import AGAIN, Container, Opened
from stemwright.audio.containers._tags import start_of_audio
from stemwright.base.errors import AudioFileError

__all__ = ["AGAIN", "FORMATS", "Container", "inspect"]

_FORMATS = (riff, aiff, caf, flac, ogg, mp4, adts, mpeg)
_BEHIND_TAGS = (flac, adts, mpeg)
FORMATS = "WAV, RF64, BW64, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC or M4A"
"""The names of the formats that are read, for messages."""
_HEAD = 24
_BUFFER = 1 << 16


def inspect(path: str | os.PathLike) -> Container:
    """Read what a file declares, and compare it with what it holds.

    Raises AudioFileError if the file is missing, not a regular file, empty, of another format, or has no valid
    header.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise AudioFileError(f"{path}: is {what}, expected an audio file")
    if not status.st_size:
        raise AudioFileError(f"{path}: is empty, expected an audio file")
    try:
        with open(path, "rb", buffering=_BUFFER) as file:
            start = start_of_audio(file)
            file.seek(start)
            head = file.read(_HEAD)
            found = [module for module in (_BEHIND_TAGS if start else _FORMATS) if module.matches(head)]
            if start:
                found.append(mpeg)  # whose first frame may follow after more bytes
            for module in found:
                try:
                    return module.inspect(Opened(file, head, status.st_size, path))
                except (struct.error, IndexError):
                    raise AudioFileError(
                        f"{path}: its header is cut off after {status.st_size:,} bytes"
                    ) from None
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {error.strerror}") from None
    raise AudioFileError(f"{path}: is not {FORMATS} (it begins with {head[:8]!r})")
