"""Likeness: which of several files hold the same sound, at any gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement

import numpy as np

from stemwright.audio import aligned_blocks


@dataclass(frozen=True)
class Likeness:
    """Two files, by their indices in the list: `second` is `gain` times `first`, plus a residual.

    `residual_db` is the power of the residual relative to that of `second`, in dB; -inf, with a `gain` of 1, if the
    samples are identical.
    """

    first: int
    second: int
    gain: float
    residual_db: float


def similar_pairs(paths: Sequence[str], residual_db: float, lenient: bool = False) -> list[Likeness]:
    """Find all pairs of files whose residual, after fitting a gain, is at most so much.

    With inner products ⟨a, b⟩ over all samples of all channels, the least-squares gain is ⟨a, b⟩ / ⟨a, a⟩, and the
    share of b's power that remains is 1 - ⟨a, b⟩² / (⟨a, a⟩ ⟨b, b⟩). Silent files form no pairs.

    Parameters
    ----------
    paths : sequence of str
        The files.
    residual_db : float
        The greatest residual of a pair, in dB, relative to the second.
    lenient : bool
        As of `AudioFile`.

    Returns
    -------
    list of Likeness
        The pairs.

    Raises
    ------
    ValueError
        If the files differ in length, or a sample is not finite.
    """
    products = np.zeros((len(paths), len(paths)))
    pairs = list(combinations_with_replacement(range(len(paths)), 2))
    for blocks in aligned_blocks(paths, lenient):
        with np.errstate(invalid="ignore", over="ignore"):  # samples that are not finite
            for a, b in pairs:  # a third of the time of a matrix product
                products[a, b] += np.vdot(blocks[a], blocks[b])
    if not np.isfinite(products).all():
        raise ValueError("cannot be compared: a sample is not finite")
    found = []
    for a, b in combinations(range(len(paths)), 2):
        if not products[a, a] or not products[b, b]:
            continue
        left = 1 - products[a, b] ** 2 / (products[a, a] * products[b, b])
        if left > 10 ** (residual_db / 10):
            continue
        if _identical(paths[a], paths[b], lenient):
            found.append(Likeness(a, b, 1.0, -np.inf))
        else:  # limited to -150 dB: below that, it is rounding of the products
            gain = float(products[a, b] / products[a, a])
            found.append(Likeness(a, b, gain, float(10 * np.log10(max(left, 1e-15)))))
    return found


def _identical(a: str, b: str, lenient: bool) -> bool:
    return all(np.array_equal(one, other) for one, other in aligned_blocks([a, b], lenient))
