"""Likeness: which of several files are the same sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from stemwright.audio import aligned_blocks


@dataclass(frozen=True)
class Likeness:
    """Two files, by their places in the list: `second` is `gain` times `first`, but for a residual.

    `residual_db` is its power against that of `second`; -inf, with `gain` 1, if they are the same samples.
    """

    first: int
    second: int
    gain: float
    residual_db: float


def alike(paths: Sequence[str], residual_db: float) -> list[Likeness]:
    """All pairs whose gain-fitted residual is under `residual_db`; silent files are like no other.

    With inner products ⟨a, b⟩ over all samples of all channels, the gain of least squares is ⟨a, b⟩ / ⟨a, a⟩ and
    what it leaves of b is 1 - ⟨a, b⟩² / (⟨a, a⟩ ⟨b, b⟩). Raises ValueError if the files are not equally long, or a
    sample is not finite.
    """
    products = np.zeros((len(paths), len(paths)))
    for blocks in aligned_blocks(paths):
        flat = np.stack([block.reshape(-1) for block in blocks])
        products += flat @ flat.T
    if not np.isfinite(products).all():
        raise ValueError("cannot be compared: a sample is not finite")
    found = []
    for a, b in combinations(range(len(paths)), 2):
        if not products[a, a] or not products[b, b]:
            continue
        left = 1 - products[a, b] ** 2 / (products[a, a] * products[b, b])
        if left > 10 ** (residual_db / 10):
            continue
        if _same(paths[a], paths[b]):
            found.append(Likeness(a, b, 1.0, -np.inf))
        else:  # under the rounding of the products, it is no more than that
            gain = float(products[a, b] / products[a, a])
            found.append(Likeness(a, b, gain, float(10 * np.log10(max(left, 1e-15)))))
    return found


def _same(a: str, b: str) -> bool:
    return all(np.array_equal(*blocks) for blocks in aligned_blocks([a, b]))
