"""Many audio files read at once, however few the system lets be open (`ulimit -n`)."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from stemwright.audio.reader import AudioFile
from stemwright.audio.stream import BLOCK, Stream, reblock

_FOR_OTHERS = 32  # descriptors left for logs, outputs and libraries
_EACH = 2  # descriptors that an open file may take


class ReopenedFile:
    """An audio file that is open only while it is read: as `AudioFile`, with `path`, `frames` and `channels`."""

    def __init__(self, path: str, lenient: bool = False):
        with AudioFile(path, lenient) as file:
            self.path, self.frames, self.channels = path, file.frames, file.channels
        self._lenient = lenient

    def blocks(self, start: int = 0, frames: int | None = None) -> Stream:
        """As `AudioFile.blocks`. The file is closed whenever a block is handed over."""
        end = self.frames if frames is None else start + frames
        for at in range(start, end, BLOCK):
            with AudioFile(self.path, self._lenient) as file:
                blocks = list(file.blocks(at, min(BLOCK, end - at)))
            yield from blocks


@contextmanager
def open_many(paths: Iterable[str], lenient: bool = False) -> Iterator[list[AudioFile | ReopenedFile]]:
    """The audio files, in order: as many of them open as there is room for, the others reopened for each read.

    Parameters
    ----------
    paths : iterable of str
        The files.
    lenient : bool
        As of `AudioFile`.

    Yields
    ------
    list of AudioFile or ReopenedFile
        All of them.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = len(os.listdir("/dev/fd"))
    room = max(1, (limit - in_use - _FOR_OTHERS) // _EACH)
    with ExitStack() as stack:
        yield [
            stack.enter_context(AudioFile(path, lenient)) if index < room else ReopenedFile(path, lenient)
            for index, path in enumerate(paths)
        ]


def aligned_blocks(paths: Iterable[str], lenient: bool = False) -> Iterator[tuple[np.ndarray, ...]]:
    """Read several files in parallel, in blocks of equal length.

    Parameters
    ----------
    paths
        Audio files of the same length.
    lenient
        As of `AudioFile`.

    Yields
    ------
    tuple of numpy.ndarray
        One block per file, each of shape (frames, channels of the file).

    Raises
    ------
    ValueError
        If the files differ in length.
    """
    with open_many(paths, lenient) as files:
        for file in files:
            if file.frames != files[0].frames:
                raise ValueError(
                    f"{file.path} has {file.frames:,} frames, {files[0].path} {files[0].frames:,}"
                )
        held = [file for file in files if isinstance(file, AudioFile)]
        others = files[len(held) :]
        at = 0
        streams = (file.blocks() if file.is_seekable else reblock(file.blocks()) for file in held)
        for blocks in zip(*streams, strict=True):
            frames = len(blocks[0])
            yield (*blocks, *(np.concatenate(list(file.blocks(at, frames))) for file in others))
            at += frames
