"""Correlation, by its definition and by blocks."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from stereo_signals import BLOCKS, FRAMES, RATE, correlated

from stemwright.measure import measure
from stemwright.measure.stereo import Stereo, correlation


@pytest.mark.parametrize("r", [-1, -0.5, 0, 0.3, 1])
@pytest.mark.parametrize("gain", [1, 0.01])
def test_correlation_is_that_of_its_definition(tmp_path, r, gain):
    samples = correlated(r) * [1, gain]
    sf.write(tmp_path / "a.wav", samples, RATE, "DOUBLE")
    meter = Stereo()
    measure(str(tmp_path / "a.wav"), [meter])
    assert correlation(meter.blocks) == pytest.approx(np.full(BLOCKS, r), abs=1e-9)
    assert correlation(meter.total) == pytest.approx(r, abs=1e-9)
    assert meter.total == pytest.approx([*(samples**2).sum(axis=0), np.dot(*samples.T)], rel=1e-9, abs=1e-9)


def test_blocks_do_not_hang_on_how_the_file_is_read():
    noise = np.random.default_rng(1).normal(size=(FRAMES - 1_234, 2))
    whole, pieces = Stereo(), Stereo()
    for meter, sizes in [(whole, [len(noise)]), (pieces, [1, 3_199, 3_200, 3_201, 7, 20_000, len(noise)])]:
        meter.start(RATE, 2)
        for end, size in zip(np.cumsum(sizes), sizes, strict=True):
            meter.feed(noise[end - size : end])
    assert len(whole.blocks) == BLOCKS - 1
    assert pieces.blocks == pytest.approx(whole.blocks) and pieces.total == pytest.approx(whole.total)
    assert whole.total == pytest.approx([*(noise**2).sum(axis=0), np.dot(*noise.T)])


def test_a_silent_side_has_no_correlation():
    assert correlation(np.array([[4.0, 0.0, 0.0], [0.0, 0.0, 0.0]])).tolist() == [0, 0]
