"""Proof that an effect which is not ours gives the same sound each time: it is run twice, and the two are compared."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import numpy as np

from stemwright.audio import Stream
from stemwright.base.errors import StemwrightError
from stemwright.effects._base import paired
from stemwright.validation.fields import Field

Repeatable: TypeAlias = Annotated[
    bool,
    Field(
        "true: it is run twice, and must give the same samples. false: it is run once; what is made with it is marked, "
        "and every run says that it is kept as it was made."
    ),
]
"""The type of the key `repeatable`."""


def same(name: str, first: Stream, second: Stream, rate: int) -> Stream:
    """The first of two renderings, while they are the same.

    Parameters
    ----------
    name : str
        What the effect is called in a message.
    first, second : Stream
        The renderings: blocks of any sizes, as many frames each.
    rate : int
        The sample rate in Hz.

    Yields
    ------
    numpy.ndarray
        Blocks of the first.

    Raises
    ------
    StemwrightError
        At the first frame that differs.
    """
    at = 0
    for one, other in paired(first, second):
        if not np.array_equal(one, other, equal_nan=True):
            frame = int(np.argmax((one != other).any(axis=1)))
            difference = np.abs(one[frame] - other[frame]).max()
            raise StemwrightError(
                f"{name}: gave another sound when it was run again, first at frame {at + frame:,} "
                f"({(at + frame) / rate:.3f} s, by {difference:.3g} of full scale). Use a fixed seed if it has one; or "
                "write repeatable: false, and what is made with it is marked, and kept as it was made"
            )
        yield one
        at += len(one)
