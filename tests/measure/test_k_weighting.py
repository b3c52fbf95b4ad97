"""K-weighting: the published coefficients at 48 kHz, its analogue filters at every rate, and its response."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from stemwright.measure._k_weighting import k_weighting

RATES = [4_000, 8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 96_000, 192_000, 384_000]

# ITU-R BS.1770-5, annex 1, tables 1 and 2: fourteen decimals, b0 b1 b2 and then 1 a1 a2.
PUBLISHED = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1, -1.99004745483398, 0.99007225036621],
]


def decibels(sections, hertz, rate):
    return 20 * np.log10(np.abs(signal.freqz_sos(sections, hertz, fs=rate)[1]))


def test_at_48_kHz_it_is_as_published():
    assert np.abs(k_weighting(48_000) - PUBLISHED).max() < 0.5e-14


def prewarped(hertz, rate):
    """So that SciPy's bilinear transform keeps this frequency."""
    return 2 * rate * np.tan(np.pi * hertz / rate)


@pytest.mark.parametrize("rate", [*RATES, 48_000])
def test_it_is_the_known_analogue_filters(rate):
    """As B. De Man has them (Evaluation of implementations of the EBU R128 loudness measurement, AES 145, 2018)."""
    found = k_weighting(rate)
    w, q, gain = prewarped(1_681.974450955533, rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    b, a = signal.bilinear([gain, gain**0.4996667741545416 * w / q, w * w], [1, w / q, w * w], rate)
    assert found[0] == pytest.approx(np.concatenate((b, a)), abs=1e-11)
    w, q = prewarped(38.13547087602444, rate), 0.5003270373238773
    _, a = signal.bilinear([1, 0, 0], [1, w / q, w * w], rate)
    assert found[1] == pytest.approx([1, -2, 1, *a], abs=1e-11)


@given(st.integers(4_000, 384_000))
@settings(max_examples=50, deadline=None)
def test_it_is_stable_and_shuts_out_dc_at_every_rate(rate):
    sections = k_weighting(rate)
    for section in sections:
        assert np.abs(np.roots(section[3:])).max() < 1
    assert sections[0, :3].sum() == pytest.approx(
        sections[0, 3:].sum(), rel=1e-9
    )  # the shelf leaves the bass
    assert sections[1, :3].tolist() == [1, -2, 1]


@pytest.mark.parametrize("rate", RATES[1:-1])
def test_at_997_Hz_it_is_as_at_48_kHz(rate):
    """Where BS.1770-5 calibrates: 0.691 dB there, which the sum takes off again."""
    assert decibels(PUBLISHED, [997], 48_000)[0] == pytest.approx(0.691, abs=0.001)
    assert decibels(k_weighting(rate), [997], rate)[0] == pytest.approx(0.691, abs=0.05)


@pytest.mark.parametrize(
    "rate, more", [(8_000, 0.215), (22_050, 0.051), (44_100, 0.004), (96_000, -0.022), (192_000, -0.032)]
)
def test_its_gain_at_other_rates_is_as_the_docstring_says(rate, more):
    hertz = np.geomspace(30, 300, 9)
    difference = decibels(k_weighting(rate), hertz, rate) - decibels(PUBLISHED, hertz, 48_000)
    assert difference == pytest.approx(more, abs=0.01)
    if rate >= 44_100:  # and so all over, where the transform does not yet bend it near half the rate
        hertz = np.geomspace(20, 20_000, 99)
        difference = decibels(k_weighting(rate), hertz, rate) - decibels(PUBLISHED, hertz, 48_000)
        assert difference == pytest.approx(more, abs=0.01)
