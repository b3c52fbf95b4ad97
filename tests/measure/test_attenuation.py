"""How much is taken away above a cutoff, against closed forms."""

from __future__ import annotations

import math

import pytest
import soundfile as sf
from spectra import RATE, lowpass, noise, shaped, through

from stemwright.measure.attenuation import octave_attenuation_db


@pytest.mark.parametrize("cutoff", [250, 1_000, 8_000])
@pytest.mark.parametrize("step_db", [0, 6, 30, 60])
def test_attenuation_of_a_known_step(tmp_path, cutoff, step_db):
    raw = noise()
    made = 0.25 * shaped(raw, lambda f: -step_db if f > 1.5 * cutoff else 0)
    for name, samples in [("raw", raw), ("made", made)]:
        sf.write(tmp_path / f"{name}.wav", samples, RATE, "FLOAT")
    found = octave_attenuation_db(str(tmp_path / "raw.wav"), str(tmp_path / "made.wav"), cutoff)
    assert found == pytest.approx(step_db, abs=0.5)


def butterworth_db(hertz, cutoff, order):
    """As a bilinear transform gives it; held against scipy.signal in the effects' own tests."""
    ratio = math.tan(math.pi * hertz / RATE) / math.tan(math.pi * cutoff / RATE)
    return 10 * math.log10(1 + ratio ** (2 * order))


@pytest.mark.parametrize("order", [1, 2, 4, 8])
@pytest.mark.parametrize("cutoff", [500, 8_000])
def test_attenuation_of_our_low_pass(tmp_path, cutoff, order):
    raw = noise()
    for name, samples in [("raw", raw), ("made", through([lowpass(cutoff, order)], raw))]:
        sf.write(tmp_path / f"{name}.wav", samples, RATE, "FLOAT")
    found = octave_attenuation_db(str(tmp_path / "raw.wav"), str(tmp_path / "made.wav"), cutoff)
    least = butterworth_db(2 * cutoff, cutoff, order) - butterworth_db(cutoff / 2, cutoff, order)
    most = butterworth_db(2.5 * cutoff, cutoff, order)
    assert least < found < most
