"""Audio buffered on disk, so that a step that reads it twice or backwards uses constant memory.

Once it is whole, several threads may read it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable

import numpy as np

from stemwright.audio.stream import BLOCK, Stream
from stemwright.base.files import naming_errors


class Spool:
    """A buffer of frames in an anonymous temporary file, which is deleted with the object or the process.

    Frames are float64; with `single`, they are stored as 32-bit float, for samples that are rounded to it already.
    Raises OSError, naming the folder of temporary files, if the disk is full.
    """

    def __init__(self, channels: int, blocks: Iterable[np.ndarray] = (), single: bool = False):
        self.channels = channels
        self.frames = 0
        self._dtype = np.dtype(np.float32 if single else np.float64)
        self._file = tempfile.TemporaryFile(prefix="stemwright-")  # noqa: SIM115 (lives as long as the spool)
        for block in blocks:
            self.append(block)

    def append(self, block: np.ndarray) -> None:
        """Add a block of shape (frames, channels) at the end."""
        with naming_errors(tempfile.gettempdir()):
            self._file.seek(0, 2)
            self._file.write(np.ascontiguousarray(block, dtype=self._dtype).data)
            self._file.flush()
        self.frames += len(block)

    def read(self, start: int, frames: int) -> np.ndarray:
        """Frames `start` to `start + frames`, shape (frames, channels). They must lie within the spool."""
        size = self.channels * self._dtype.itemsize
        samples = np.frombuffer(_read_at(self._file.fileno(), start * size, frames * size), dtype=self._dtype)
        return samples.astype(np.float64, copy=False).reshape(-1, self.channels)

    def blocks(self, size: int = BLOCK) -> Stream:
        """The audio from its start, in blocks of `size` frames."""
        return self._blocks(0, size)

    def blocks_from(self, start: int) -> Stream:
        """The audio from a frame on."""
        return self._blocks(start, BLOCK)

    def _blocks(self, start: int, size: int) -> Stream:
        for at in range(start, self.frames, size):
            yield self.read(at, min(size, self.frames - at))

    def reversed_blocks(self, size: int = BLOCK) -> Stream:
        """The audio reversed in time, in blocks of `size` frames."""
        for end in range(self.frames, 0, -size):
            start = max(0, end - size)
            yield self.read(start, end - start)[::-1]


def _read_at(file: int, offset: int, size: int) -> bytes:
    """Bytes of a file, without moving in it. The system may give fewer than 2 GB at a time."""
    parts = [os.pread(file, size, offset)]
    while (have := sum(map(len, parts))) < size and parts[-1]:
        parts.append(os.pread(file, size - have, offset + have))
    return b"".join(parts)
