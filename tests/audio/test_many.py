"""More files than may be open at once."""

import resource

import numpy as np
import pytest
import soundfile as sf
from blocks import joined, noise

from stemwright.audio import aligned_blocks, write_audio
from stemwright.mixing.faders import Faders
from stemwright.mixing.sums import mix


@pytest.fixture
def few_open_files():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_mix_of_more_stems_than_may_be_open(tmp_path, few_open_files):
    """Of 300 stems, each a constant: the sum, by NumPy in the same order; and the same blocks of each."""
    paths = [str(tmp_path / f"{index}.wav") for index in range(300)]
    for index, path in enumerate(paths):
        sf.write(path, np.full((70_000, 1), np.float32(index / 1024)), 8_000, "FLOAT")
    total = joined(mix(paths, [Faders([], 1)] * 300), 1)
    assert np.array_equal(total, np.full((70_000, 1), sum(index / 1024 for index in range(300))))
    for blocks in aligned_blocks(paths):
        assert [block[0, 0] for block in blocks] == [index / 1024 for index in range(300)]
        assert len({len(block) for block in blocks}) == 1


def test_files_that_are_reopened_are_read_to_their_end(tmp_path, few_open_files):
    path = tmp_path / "one.wav"
    write_audio(path, [noise(200_001)], rate=48_000, channels=2, frames=200_001)
    last = joined(blocks[-1] for blocks in aligned_blocks([str(path)] * 130))
    assert np.array_equal(last, noise(200_001).astype(np.float32))
