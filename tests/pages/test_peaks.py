"""Peaks of a waveform: every sample counts, in its column."""

import base64

import numpy as np
import pytest

from stemwright.pages.peaks import COLUMNS, Peaks


def drawn(samples, block):
    meter = Peaks(len(samples))
    for at in range(0, len(samples), block):
        meter.feed(samples[at : at + block])
    data = meter.data()
    peaks = np.frombuffer(base64.b64decode(data["peaks"]), np.int8).reshape(data["columns"], 2)
    return data, peaks, np.frombuffer(base64.b64decode(data["rms"]), np.uint8)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames, block", [(7_919, 1_000), (100_003, 65_536), (37, 10), (1, 1)])
def test_columns_are_those_of_a_loop_over_them(frames, block, channels):
    samples = np.random.default_rng(frames).uniform(-1, 1, (frames, channels))
    data, peaks, rms = drawn(samples, block)
    count = min(COLUMNS, frames)
    assert data["columns"] == len(rms) == count
    for column in range(count):
        part = samples[column * frames // count : (column + 1) * frames // count]
        assert (
            np.abs(peaks[column] / 127 - (part.min().clip(max=0), part.max().clip(min=0))).max() <= 0.5 / 127
        )
        assert rms[column] / 255 == pytest.approx(np.sqrt(np.mean(part**2)), abs=0.5 / 255 + 1e-9)


def test_one_sample_of_an_hour_is_seen():
    meter, at = Peaks(8_000 * 3_600), 8_000 * 1_234 + 5
    for start in range(0, 8_000 * 3_600, 8_000 * 60):
        block = np.zeros((8_000 * 60, 1))
        if start <= at < start + len(block):
            block[at - start] = -0.5
        meter.feed(block)
    peaks = np.frombuffer(base64.b64decode(meter.data()["peaks"]), np.int8).reshape(-1, 2)
    assert np.flatnonzero(peaks.any(axis=1)).tolist() == [at * COLUMNS // (8_000 * 3_600)]
    assert peaks.min() == -64 and peaks.max() == 0


def test_what_is_over_full_scale_is_drawn_as_full_scale():
    _, peaks, rms = drawn(np.array([[2.0], [-3.0]]), 2)
    assert peaks.tolist() == [[0, 127], [-127, 0]] and rms.tolist() == [255, 255]
