"""Noise, and samples cut into blocks and put together again."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

sizes = st.lists(st.integers(0, 50), max_size=12)
channel_counts = st.sampled_from([1, 2])


def noise(frames, channels=2, level=0.2):
    return np.clip(np.random.default_rng(frames).normal(0, level, (frames, channels)), -1, 1)


def split(samples, lengths):
    """The samples in blocks of these lengths, then the rest in one block."""
    return iter(np.split(samples, np.minimum(np.cumsum(lengths or [0]), len(samples))))


def cut(samples, size):
    return (samples[at : at + size] for at in range(0, len(samples), size))


def joined(blocks, channels=2):
    return np.concatenate([np.zeros((0, channels)), *blocks])
