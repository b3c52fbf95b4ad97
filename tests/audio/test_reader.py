"""Files read in step, and recordings with what is no number."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from blocks import joined, noise

from stemwright.audio import AudioFile, aligned_blocks, write_audio
from stemwright.base.errors import AudioFileError


def test_files_in_step(tmp_path):
    for name, frames in [("a", 100_000), ("b", 100_000), ("c", 99_999)]:
        write_audio(tmp_path / name, [noise(frames)], rate=48_000, channels=2, frames=frames)
    pairs = list(aligned_blocks([tmp_path / "a", tmp_path / "b"]))
    assert all(len(a) == len(b) for a, b in pairs)
    assert np.array_equal(joined(a for a, _ in pairs), noise(100_000).astype(np.float32))
    with pytest.raises(ValueError, match=r"/c has 99,999 frames, .*/a 100,000$"):
        list(aligned_blocks([tmp_path / "a", tmp_path / "c"]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200, -1e200])
@pytest.mark.parametrize("at", [0, 70_000, 99_999])
def test_what_is_no_number_in_a_recording_is_named(tmp_path, bad, at):
    """With its file and its place in it, wherever one begins to read; 1e200 is infinite in 32-bit float."""
    samples = 0.1 * noise(100_000)
    samples[at, 1] = bad
    sf.write(tmp_path / "x.wav", samples, 8_000, "DOUBLE")
    for start in {0, at // 2, at}:
        with AudioFile(tmp_path / "x.wav") as file, pytest.raises(AudioFileError) as caught:
            joined(file.finite_blocks(start))
        assert f"{tmp_path}/x.wav: sample {at:,} is not a finite number. Export it again" in str(caught.value)
    with AudioFile(tmp_path / "x.wav") as file:
        if at:
            assert np.array_equal(joined(file.finite_blocks(0, at)), samples[:at])
