"""Sums of signals, each through its faders, in float64: buses and the mix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from stemwright.audio import Stream, aligned_blocks, at_gains, open_many, reblock
from stemwright.base.errors import StemwrightError
from stemwright.mixing.faders import Faders


def mix(paths: Sequence[str], faders: Sequence[Faders]) -> Stream:
    """The sum of audio files of equal length, each through its faders, added in their order.

    Raises StemwrightError if the files differ in length.
    """
    try:
        yield from summed(aligned_blocks(paths), faders)
    except ValueError as error:
        raise StemwrightError(f"{error}: delete the one that is not as long as the song") from None


def mix_stretch(
    paths: Sequence[str], begins: Sequence[int], faders: Sequence[Faders], span: tuple[int, int]
) -> Stream:
    """The same of a stretch of the song.

    Parameters
    ----------
    paths : sequence of str
        The files, each of which has all of the stretch.
    begins : sequence of int
        The frame of the song with which each begins.
    faders : sequence of Faders
        One path for each.
    span : (int, int)
        The first frame of the stretch, and that after its last.

    Yields
    ------
    numpy.ndarray
        Blocks of shape (frames, channels).
    """
    start, end = span
    with open_many(paths) as files:
        streams = [
            reblock(file.blocks(start - begin, end - start))
            for file, begin in zip(files, begins, strict=True)
        ]
        yield from summed(zip(*streams, strict=True), faders, start)


def summed(aligned: Iterable[Sequence[np.ndarray]], faders: Sequence[Faders], start: int = 0) -> Stream:
    """The sum of signals, each through its faders, added in their order.

    Parameters
    ----------
    aligned : iterable of sequence of numpy.ndarray
        One block of each signal, of equal shapes (frames, channels).
    faders : sequence of Faders
        One path for each signal.
    start : int
        The frame of the song with which they begin.

    Yields
    ------
    numpy.ndarray
        Blocks of the same shapes.
    """
    at = start
    for blocks in aligned:
        count = len(blocks[0])
        total = at_gains(blocks[0], faders[0].gains(at, count))
        for block, path in zip(blocks[1:], faders[1:], strict=True):
            total += at_gains(block, path.gains(at, count))
        yield total
        at += count
