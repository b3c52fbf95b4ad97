"""The spool gives back what it took."""

from __future__ import annotations

import os
import tempfile

import numpy as np
import pytest
from blocks import channel_counts, joined, noise, sizes, split
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.audio import (
    Spool,
)

# --- the spool ----------------------------------------------------------------------------------


@given(sizes, st.integers(0, 300), st.integers(1, 60), channel_counts)
@settings(deadline=None)
def test_a_spool_gives_back_what_it_took(lengths, frames, size, channels):
    samples = noise(frames, channels)
    spool = Spool(channels, split(samples, lengths))
    assert spool.frames == frames
    assert np.array_equal(joined(spool.blocks(size), channels), samples)
    assert np.array_equal(joined(spool.reversed_blocks(size), channels), samples[::-1])
    assert np.array_equal(spool.read(frames // 3, frames // 2), samples[frames // 3 :][: frames // 2])
    spool.append(samples)
    assert np.array_equal(joined(spool.blocks(size), channels), np.concatenate([samples, samples]))


def test_a_spool_of_what_is_in_32_bits_takes_half():
    samples = noise(300).astype(np.float32).astype(np.float64)
    spool = Spool(2, [samples], single=True)
    assert np.array_equal(spool.read(100, 50), samples[100:150])
    assert spool.read(0, 1).dtype == np.float64
    assert os.fstat(spool._file.fileno()).st_size == 300 * 2 * 4


def test_a_full_folder_for_temporary_files(room):
    spool = Spool(2, [noise(20)])
    with pytest.raises(OSError, match=f"File too large: '{tempfile.gettempdir()}'"), room(400):
        spool.append(noise(20))
