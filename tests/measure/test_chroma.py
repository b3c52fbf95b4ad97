"""The chroma of known notes, and which keys hold it."""

from __future__ import annotations

import numpy as np
import pytest
from progressions import RATE, chroma_of, section

from stemwright.measure.chroma import Chroma, best_key, out_of_key_share, same_scale


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


def tone(pitch, seconds, weights):
    """A tone with harmonics of given amplitudes."""
    turns = 440 * 2 ** ((pitch - 69) / 12) * np.arange(round(seconds * RATE)) / RATE
    return sum(a * np.sin(2 * np.pi * n * turns + n) for n, a in enumerate(weights, 1))


TIMBRES = {
    "sawtooth": [1 / n for n in range(1, 11)],
    "organ": [1, 0.7, 0.6, 0.5, 0.25, 0.3],
    "clarinet": [1, 0, 0.6, 0, 0.3],
}


@pytest.mark.parametrize("weights", TIMBRES.values(), ids=TIMBRES.keys())
def test_overtones_are_no_notes(weights):
    for pitch in range(48, 72, 5):
        chroma = chroma_of(tone(pitch, 1.5, weights))
        assert np.argmax(chroma) == pitch % 12 and chroma.max() / chroma.sum() > 0.95


# Phrases for four voices in the manner of chorales: the pitches of each beat.
PHRASES = {
    "G major": "55 62 67 71, 55 62 67 71, 60 64 67 72, 55 62 67 74, 57 60 66 74, 55 62 67 71, 50 62 66 69, "
    "55 59 67 71, 52 59 67 71, 60 64 67 72, 57 64 67 72, 50 60 66 69, 55 59 62 67",
    "A minor": "57 64 69 72, 56 64 68 71, 57 64 69 72, 53 60 69 74, 52 59 68 76, 57 60 69 76, 53 62 69 74, "
    "52 60 69 72, 50 59 65 71, 52 57 64 72, 52 56 64 71, 57 57 64 69",
    "Eb major": "51 58 67 75, 50 58 65 74, 48 55 63 72, 56 60 63 72, 46 58 65 70, 51 58 63 67, 53 56 60 68, "
    "46 56 62 65, 51 55 58 63",
}


@pytest.mark.parametrize("weights", TIMBRES.values(), ids=TIMBRES.keys())
@pytest.mark.parametrize("key", PHRASES)
def test_the_key_is_not_its_dominant(key, weights):
    beats = [[int(pitch) for pitch in beat.split()] for beat in PHRASES[key].split(",")]
    sound = np.concatenate([sum(tone(pitch, 0.6, weights) for pitch in beat) for beat in beats])
    assert best_key(chroma_of(0.05 * sound)) == key
