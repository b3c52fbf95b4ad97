"""The power spectrum of a whole signal: it adds up to the signal's power, ends included."""

import numpy as np
import pytest

from stemwright.audio.power_spectrum import PowerSpectrum


@pytest.mark.parametrize("frames", [1, 511, 512, 513, 10_000])
def test_the_bins_add_up_to_the_power(frames):
    rows = np.random.default_rng(1).normal(0, 0.3, (2, frames))
    spectrum = PowerSpectrum(1_024, 2)
    for part in np.array_split(rows, 7, axis=1):
        spectrum.feed(part)
    powers = spectrum.finish()
    both = np.r_[1, np.full(511, 2), 1]  # bins of a real signal stand for two, but the first and the last
    assert powers @ both / 1_024 == pytest.approx(np.sum(rows**2, axis=1), rel=1e-12)


def test_a_tone_is_in_its_bins():
    tone = np.sin(2 * np.pi * 100 * np.arange(20_480) / 1_024)[None]
    spectrum = PowerSpectrum(1_024, 1)
    spectrum.feed(tone)
    (powers,) = spectrum.finish()
    assert powers[98:103].sum() / powers.sum() > 0.99
