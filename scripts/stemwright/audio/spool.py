"""Audio put aside on disk, so that a step that must see it twice or backwards stays flat in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

import numpy as np

from stemwright.audio.stream import BLOCK, Stream
from stemwright.base.files import naming_errors


class Spool:
    """Float64 frames in an unnamed temporary file, gone with the object or the process.

    Raises OSError, naming the folder for temporary files, if that is full.
    """

    def __init__(self, channels: int, blocks: Iterable[np.ndarray] = ()):
        self.channels = channels
        self.frames = 0
        self._file = tempfile.TemporaryFile(prefix="stemwright-")  # noqa: SIM115 (lives as long as the spool)
        for block in blocks:
            self.append(block)

    def append(self, block: np.ndarray) -> None:
        with naming_errors(tempfile.gettempdir()):
            self._file.seek(0, 2)
            self._file.write(np.ascontiguousarray(block, dtype=np.float64))
            self._file.flush()
        self.frames += len(block)

    def read(self, start: int, frames: int) -> np.ndarray:
        """`frames` from `start` on, shape (frames, channels). Both must lie within the spool."""
        self._file.seek(start * self.channels * 8)
        data = self._file.read(frames * self.channels * 8)
        return np.frombuffer(data, dtype=np.float64).reshape(-1, self.channels)

    def blocks(self, size: int = BLOCK) -> Stream:
        for start in range(0, self.frames, size):
            yield self.read(start, min(size, self.frames - start))

    def reversed_blocks(self, size: int = BLOCK) -> Stream:
        """The same audio backwards in time."""
        for end in range(self.frames, 0, -size):
            start = max(0, end - size)
            yield self.read(start, end - start)[::-1]
