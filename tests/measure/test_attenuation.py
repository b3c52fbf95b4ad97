"""How much is taken away above a cutoff, against closed forms."""

from __future__ import annotations

import math

import numpy as np
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


@pytest.mark.parametrize("which", ["raw", "made"])
@pytest.mark.parametrize("second", [0.5, 2.5])
def test_a_sample_that_is_not_finite_is_told_wherever_it_is(tmp_path, which, second):
    """Also where there is nothing to compare: the first two seconds are silent before the filter."""
    samples = noise()
    samples[: 2 * RATE] = 0
    for name in ("raw", "made"):
        written = samples.copy()
        if name == which:
            written[round(second * RATE)] = np.nan
        sf.write(tmp_path / f"{name}.wav", written, RATE, "FLOAT")
    with pytest.raises(ValueError, match="not finite"):
        octave_attenuation_db(str(tmp_path / "raw.wav"), str(tmp_path / "made.wav"), 1_000)


def test_only_windows_with_power_before_the_filter_count(tmp_path):
    """A filter that adds a hiss where there was silence is compared where there was sound."""
    raw, other = noise(), noise()[::-1]
    raw[RATE:] = 0
    made = np.where(np.arange(len(raw))[:, None] < RATE, 0.5 * raw, other)
    for name, samples in (("raw", raw), ("made", made)):
        sf.write(tmp_path / f"{name}.wav", samples, RATE, "FLOAT")
    assert octave_attenuation_db(
        str(tmp_path / "raw.wav"), str(tmp_path / "made.wav"), 1_000
    ) == pytest.approx(0, abs=0.01)
