"""The mix: processed stems through faders and pans, summed in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stemwright.audio import Stream, aligned_blocks
from stemwright.base.errors import StemwrightError


def mix(paths: Sequence[str], gains: Sequence[Sequence[float]]) -> Stream:
    """The sum of audio files of equal length, each multiplied by its gains.

    `gains` has for each path, in the order in which they are added, an amplitude factor per channel.
    Raises StemwrightError if the files differ in length.
    """
    factors = [np.array(gain) for gain in gains]
    try:
        for blocks in aligned_blocks(paths):
            total = blocks[0] * factors[0]
            for block, factor in zip(blocks[1:], factors[1:], strict=True):
                total += block * factor
            yield total
    except ValueError as error:
        raise StemwrightError(f"{error}: delete the one that is not as long as the song") from None
