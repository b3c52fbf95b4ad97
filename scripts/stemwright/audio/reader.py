"""A strict reader of audio files: either all frames that a file declares can be read, or it raises an error."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import soundfile as sf

from stemwright.audio.container import Container, UnknownFormatError, inspect
from stemwright.audio.stream import BLOCK, Stream
from stemwright.base.errors import AudioFileError

RATES = (4_000, 384_000)
"""The lowest and highest sample rate accepted, in Hz."""


T = TypeVar("T")


class AudioFile:
    """An open audio file of one or two channels, for use in a `with` statement.

    Attributes: `rate` in Hz, `channels`, `frames` (as declared; verified while reading), `format` and `subtype` as
    libsndfile names them, and `container`, what the header declares.

    Raises AudioFileError for a file that cannot be read completely: not audio, truncated, without frames, with a
    sample rate outside 4 to 384 kHz or more than two channels. With `lenient`, faults of the container are only
    recorded in `container.fault` (a gate reports them), and other formats that libsndfile reads are accepted, whose
    declared sizes are unknown.
    """

    def __init__(self, path: str | os.PathLike, lenient: bool = False):
        self.path = os.fspath(path)
        unknown = None
        try:
            self.container = inspect(path)
        except UnknownFormatError as error:
            if not lenient:
                raise
            self.container, unknown = Container("another format"), error
        if self.container.fault and not lenient:
            raise AudioFileError(f"{path}: {self.container.fault}. Get the file again; do not loop or pad it")
        try:
            # By file descriptor: from a name such as x.raw soundfile would conclude that there is no header.
            self._file = sf.SoundFile(os.open(self.path, os.O_RDONLY))
        except (sf.LibsndfileError, RuntimeError) as error:
            raise unknown or AudioFileError(
                f"{path}: cannot be opened as {self.container.format}: {_reason(error)}"
            ) from None
        self.rate, self.channels = self._file.samplerate, self._file.channels
        self.frames, self.subtype, self.format = self._file.frames, self._file.subtype, self._file.format
        problem = None
        if not RATES[0] <= self.rate <= RATES[1]:
            problem = f"a sample rate of {self.rate:,} Hz; expected {RATES[0]:,} to {RATES[1]:,}"
        elif self.channels > 2:
            problem = f"{self.channels} channels; expected 1 or 2. Mix it down first"
        elif self.frames < 1:
            problem = "no audio in it (0 frames)"
        elif not lenient and self.container.frames not in (None, self.frames):
            problem = f"a header that contradicts itself: {self.container.frames:,} or {self.frames:,} frames"
        if problem:
            self._file.close()
            raise AudioFileError(f"{path}: has {problem}")

    def __enter__(self) -> AudioFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def blocks(self, start: int = 0, frames: int | None = None) -> Stream:
        """Stream `frames` frames from `start`, by default all to the end.

        Raises AudioFileError if the file ends before its header says, or cannot be decoded.
        """
        end = self.frames if frames is None else start + frames
        # libsndfile 1.2 decodes the last packet of an Ogg file wrongly after a seek (Vorbis) or if a read begins
        # inside it (Opus). So these files are read from the start, and the last block may be twice as long.
        at = 0 if self.format == "OGG" else start
        self._decode(self._file.seek, at)
        while at < end:
            left = self.frames - at
            size = left if left < 2 * BLOCK else BLOCK
            block = self._decode(self._file.read, size, dtype="float64", always_2d=True)
            if not len(block):
                raise AudioFileError(
                    f"{self.path}: ends {left:,} frames before its header says. Get it again"
                )
            if at + len(block) > start:
                yield block[max(0, start - at) : end - at]
            at += len(block)

    def read(self) -> np.ndarray:
        """The whole file, shape (frames, channels). For short files only."""
        return np.concatenate(list(self.blocks()))

    def _decode(self, call: Callable[..., T], *arguments: object, **options: object) -> T:
        """Call libsndfile. Raises AudioFileError for its errors."""
        try:
            return call(*arguments, **options)
        except (sf.LibsndfileError, RuntimeError) as error:
            raise AudioFileError(
                f"{self.path}: cannot be decoded (perhaps it is cut off): {_reason(error)}"
            ) from None


def _reason(error: Exception) -> str:
    return getattr(error, "error_string", str(error)).strip().rstrip(".")
