"""The chroma of known notes, and which keys hold it."""

from __future__ import annotations

import numpy as np
import pytest
from progressions import RATE, chroma_of, section

from stemwright.measure.chroma import Chroma, out_of_key_share, same_scale


def test_chroma_of_known_notes():
    for pitch in range(48, 84):
        chroma = chroma_of(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(2 * RATE) / RATE))
        assert np.argmax(chroma) == pitch % 12 and chroma.max() / chroma.sum() > 0.99


def test_chroma_does_not_hang_on_the_block_size():
    samples, whole = section(3, "minor")[:, None], chroma_of(section(3, "minor"))
    for block in (1_000, 1 << 16):
        meter = Chroma()
        meter.start(RATE, 1)
        for start in range(0, len(samples), block):
            meter.feed(samples[start : start + block])
        assert meter.chroma.sum(axis=0) == pytest.approx(whole)


def test_scales_and_relatives():
    assert (
        same_scale("C major", "A minor")
        and same_scale("D dorian", "C major")
        and same_scale("Gb major", "F# major")
    )
    assert not same_scale("C major", "C minor") and not same_scale("C major", "G major")
    white = np.array([1.0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])
    for key in ("C major", "D dorian", "E phrygian", "F lydian", "G mixolydian", "A minor", "B locrian"):
        assert out_of_key_share(white, key) == pytest.approx(0)
    assert out_of_key_share(white, "G major") == pytest.approx(1 / 7)
    assert out_of_key_share(white, "F# major") == pytest.approx(5 / 7)
