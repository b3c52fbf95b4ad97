"""Files read in step."""

from __future__ import annotations

import numpy as np
import pytest
from blocks import joined, noise

from stemwright.audio import aligned_blocks, write_audio


def test_files_in_step(tmp_path):
    for name, frames in [("a", 100_000), ("b", 100_000), ("c", 99_999)]:
        write_audio(tmp_path / name, [noise(frames)], rate=48_000, channels=2, frames=frames)
    pairs = list(aligned_blocks([tmp_path / "a", tmp_path / "b"]))
    assert all(len(a) == len(b) for a, b in pairs)
    assert np.array_equal(joined(a for a, _ in pairs), noise(100_000).astype(np.float32))
    with pytest.raises(ValueError, match=r"/c has 99,999 frames, .*/a 100,000$"):
        list(aligned_blocks([tmp_path / "a", tmp_path / "c"]))
