"""The spectrum: a sine has its power."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from spectra import FRAMES, RATE

from stemwright.measure import measure
from stemwright.measure.spectrum import Spectrum


@pytest.mark.parametrize("hertz, level", [(1_000, 1.0), (9_377.3, 0.01)])
def test_a_sine_has_its_power(tmp_path, hertz, level):
    wave = level * np.sin(2 * np.pi * hertz * np.arange(FRAMES) / RATE)
    sf.write(tmp_path / "a.wav", np.stack([wave, wave], axis=1), RATE, "DOUBLE")
    meter = Spectrum()
    measure(str(tmp_path / "a.wav"), [meter])
    assert meter.average.sum() == pytest.approx(2 * level**2 / 2, rel=1e-3)
    assert abs(meter.average.argmax() * RATE / meter.size - hertz) < RATE / meter.size
    assert meter.windows == FRAMES // meter.size
