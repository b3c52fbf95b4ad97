"""Sums of signals, each through its faders, in float64: buses and the mix."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.audio import Stream, aligned_blocks
from stemwright.base.errors import StemwrightError
from stemwright.mixing.faders import Faders


def mix(paths: Sequence[str], faders: Sequence[Faders]) -> Stream:
    """The sum of audio files of equal length, each through its faders, added in their order.

    Raises StemwrightError if the files differ in length.
    """
    at = 0
    try:
        for blocks in aligned_blocks(paths):
            count = len(blocks[0])
            total = blocks[0] * faders[0].gains(at, count)
            for block, path in zip(blocks[1:], faders[1:], strict=True):
                total += block * path.gains(at, count)
            yield total
            at += count
    except ValueError as error:
        raise StemwrightError(f"{error}: delete the one that is not as long as the song") from None
