"""The mix: processed stems through their faders and pans, added up in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stemwright.audio import Stream, sample_aligned


def mix(paths: Sequence[str], gains: Sequence[Sequence[float]]) -> Stream:
    """The sum of equally long files, each channel times its factor.

    `paths` and `gains` (a factor for each channel) go together, in the order in which they are added.
    """
    factors = [np.array(gain) for gain in gains]
    for blocks in sample_aligned(paths):
        total = blocks[0] * factors[0]
        for block, factor in zip(blocks[1:], factors[1:], strict=True):
            total += block * factor
        yield total
