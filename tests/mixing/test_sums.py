"""The mix: the sum of its stems, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

from stemwright.base.errors import StemwrightError
from stemwright.mixing.faders import Fader, Faders
from stemwright.mixing.sums import mix
from stemwright.music.curve import Curve

RATE = 24_000


def written(path, samples, rate=RATE):
    sf.write(path, samples, rate, "FLOAT")
    return str(path)


def noises(count, frames=70_000):
    return np.random.default_rng(2).uniform(-1, 1, (count, frames, 2)).astype(np.float32)


class Fixed:
    """Faders that give left and right two gains, to the bit."""

    def __init__(self, left, right):
        self.gain = np.array([[left, right]], dtype=float)

    def gains(self, start, frames):
        return self.gain


def test_the_mix_is_the_sum_in_order(tmp_path):
    stems = noises(9)
    gains = np.random.default_rng(3).uniform(0, 2, (9, 2))
    paths = [written(tmp_path / f"{i}.wav", stem) for i, stem in enumerate(stems)]
    for order in (range(9), (4, 8, 1, 0, 3, 2, 7, 6, 5)):
        expected = 0.0
        for i in order:
            expected = expected + stems[i].astype(np.float64) * gains[i]
        mixed = np.concatenate(list(mix([paths[i] for i in order], [Fixed(*gains[i]) for i in order])))
        assert np.array_equal(mixed, expected)


@pytest.mark.parametrize(
    "pan, left, right",
    [(-1, 1, 0), (-0.5, 1, 0.5**0.5), (0, 1, 1), (0.5, 0.5**0.5, 1), (1, 0, 1)],
)
def test_fader_and_pan(tmp_path, pan, left, right):
    (stem,) = noises(1)
    faders = Faders([Fader(Curve.of(-20.0), Curve.of(float(pan)))], 2)
    mixed = np.concatenate(list(mix([written(tmp_path / "a.wav", stem)], [faders])))
    assert np.allclose(mixed, stem * np.array([left, right]) / 10, rtol=0, atol=1e-12)


def test_stems_of_another_length_are_not_left_out(tmp_path):
    paths = [written(tmp_path / f"{frames}.wav", noises(1, frames)[0]) for frames in (70_000, 69_999)]
    with pytest.raises(
        StemwrightError, match=r"69999.wav has 69,999 frames, .*70000.wav 70,000: delete the one"
    ):
        list(mix(paths, [Faders([], 2)] * 2))
