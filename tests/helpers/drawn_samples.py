"""Strategies that draw samples and blocks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

VALUES = [0.0, 0.2, -0.3, 0.98, 0.99, -0.99, 1.0, -1.0, 1.5]


def samples_of(values):
    rows = st.integers(1, 2).flatmap(
        lambda channels: st.lists(
            st.lists(st.sampled_from(values), min_size=channels, max_size=channels), min_size=1
        )
    )
    return rows.map(np.array)


block_sizes = st.lists(st.integers(1, 9), max_size=30)
