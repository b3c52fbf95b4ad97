"""The ladder filter, against the equations of its model."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, noise, sine

from stemwright.effects import make
from stemwright.music.render_context import RenderContext

FREQUENCIES = np.array([60, 125, 250, 500, 900, 1_100, 2_000, 4_000, 8_000])
TAPS = {  # what of the stages is heard, and how much of the input the feedback leaves out
    ("lowpass", 12): ([0, 0, 1, 0, 0], 0.5),
    ("lowpass", 24): ([0, 0, 0, 0, 1], 0.5),
    ("highpass", 12): ([1, -2, 1, 0, 0], 0.0),
    ("highpass", 24): ([1, -4, 6, -4, 1], 0.0),
    ("bandpass", 12): ([0, 0, -1, 1, 0], 0.5),
    ("bandpass", 24): ([0, 0, 1, -2, 1], 0.5),
}


@pytest.mark.parametrize("shape, slope", TAPS)
@pytest.mark.parametrize("resonance", [0.0, 0.6])
def test_quiet_sounds_are_filtered_as_by_the_linear_model(shape, slope, resonance):
    """Välimäki and Huovinen, Computer Music Journal 30(2), 2006: four stages, and feedback one frame late."""
    impulse = np.zeros((40_000, 1))
    impulse[20_000] = 1e-3
    keys = {"cutoff_hz": 1_000.0, "shape": shape, "slope_db": slope, "resonance": resonance}
    fourier = np.exp(-2j * np.pi * FREQUENCIES[:, None] * (np.arange(40_000) - 20_000) / RATE)
    found = fourier @ apply({"ladder": keys}, impulse)[:, 0] / 1e-3
    z = np.exp(-2j * np.pi * FREQUENCIES / RATE)
    pole = np.exp(-2 * np.pi * 1_000 / RATE)
    stage = (1 - pole) * (1 / 1.3 + 0.3 / 1.3 * z) / (1 - pole * z)
    taps, compensation = TAPS[shape, slope]
    feedback = 4 * (0.1 + 0.9 * resonance)
    first = (1 + feedback * compensation) / (1 + feedback * z * stage**4)
    expected = 1.2 * first * sum(tap * stage**i for i, tap in enumerate(taps))
    heard = np.abs(expected) > 1e-3
    assert decibels(np.abs(found[heard])) == pytest.approx(decibels(np.abs(expected[heard])), abs=0.5)


def test_drive_saturates():
    tone = sine(200, -6)
    thirds = []
    for drive in (1.0, 4.0):
        result = apply({"ladder": {"cutoff_hz": 5_000.0, "drive": drive}}, tone)[RATE // 2 :, 0]
        spectrum = np.abs(np.fft.rfft(result * np.hanning(len(result))))
        thirds.append(decibels(spectrum[300] / spectrum[100]))
    assert thirds[1] > thirds[0] + 12


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("cutoff", [300.0, 3_000.0, 20_000.0])
def test_it_does_not_whistle_by_itself(rate, cutoff):
    samples = np.zeros((2 * rate, 1))
    samples[:1_000] = noise(1_000, 1)
    found = apply({"ladder": {"cutoff_hz": cutoff, "resonance": 0.8}}, samples, rate=rate)
    assert decibels(np.abs(found[-rate // 2 :]).max() + 1e-12) < -110


def test_a_cutoff_that_the_sample_rate_does_not_hold():
    with pytest.raises(ValueError, match=r"cutoff_hz must be below half the sample rate, 4000 \(is 4000\)"):
        make({"ladder": {"cutoff_hz": 4_000.0}}).check(RenderContext(8_000, 1, 100))
