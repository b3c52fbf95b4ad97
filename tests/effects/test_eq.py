"""The equaliser: its bands against the analogue prototypes, SciPy and pedalboard, and what it says of mistakes."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest
from effect_runs import RATE, apply, decibels, mono_and_stereo, noise
from scipy import signal

from stemwright.audio.biquads import decay_frames, notch, peak, shelf
from stemwright.effects import make
from stemwright.music.render_context import RenderContext

FREQUENCIES = np.array([20, 50, 100, 300, 440, 999, 1_001, 2_500, 5_000, 10_000, 15_000, 20_000])
FOURIER = np.exp(-2j * np.pi * FREQUENCIES[:, None] * np.arange(40_000) / RATE)
PROTOTYPES = {
    "peak": lambda s, a, q: (s * s + s * a / q + 1) / (s * s + s / (a * q) + 1),
    "low_shelf": lambda s, a, q: a * (s * s + a**0.5 / q * s + a) / (a * s * s + a**0.5 / q * s + 1),
    "high_shelf": lambda s, a, q: a * (a * s * s + a**0.5 / q * s + 1) / (s * s + a**0.5 / q * s + a),
    "notch": lambda s, a, q: (s * s + 1) / (s * s + s / q + 1),
}
"""The analogue filters of the Audio EQ Cookbook at s, in units of their frequency, and a = 10^(gain / 40)."""


def response_db(bands, **keys):
    """The level in dB at `FREQUENCIES`, from the Fourier transform of the impulse response."""
    impulse = np.zeros((40_000, 1))
    impulse[20_000] = 1
    return decibels(np.abs(FOURIER @ apply({"eq": {"bands": bands, **keys}}, impulse)[:, 0]) + 1e-12)


@pytest.mark.parametrize("kind, gain", [(k, g) for k in PROTOTYPES for g in (-12.0, 6.0)][:-1])
@pytest.mark.parametrize("q", [0.71, 3.0])
@pytest.mark.parametrize("frequency", [80.0, 1_000.0, 12_000.0])
def test_bands_are_the_analogue_ones_by_the_bilinear_transform(kind, gain, q, frequency):
    s = 1j * np.tan(np.pi * FREQUENCIES / RATE) / np.tan(np.pi * frequency / RATE)
    keys = {"frequency_hz": frequency, "q": q} | ({} if kind == "notch" else {"gain_db": gain})
    once, both = (PROTOTYPES[kind](s, 10 ** (g / 40), q) for g in (gain, gain / 2))
    assert response_db([{kind: keys}]) == pytest.approx(decibels(np.abs(once)), abs=1e-4)
    assert response_db([{kind: keys}], zero_phase=True) == pytest.approx(2 * decibels(np.abs(both)), abs=1e-4)


@pytest.mark.parametrize("kind, shape", [("lowpass", "low"), ("highpass", "high")])
@pytest.mark.parametrize("order", [1, 2, 3, 8, 16])
@mono_and_stereo
def test_passes_of_any_order_are_scipys(kind, shape, order, channels):
    samples = noise(5_000, channels)
    sections = signal.butter(order, 700, shape, fs=RATE, output="sos")
    result = apply({"eq": {"bands": [{kind: {"frequency_hz": 700.0, "order": order}}]}}, samples)
    assert np.allclose(result, signal.sosfilt(sections, samples, axis=0), rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "kind, plugin",
    [
        ("peak", pedalboard.PeakFilter),
        ("low_shelf", pedalboard.LowShelfFilter),
        ("high_shelf", pedalboard.HighShelfFilter),
    ],
)
def test_bands_are_pedalboards_too(kind, plugin):
    samples = noise(20_000, 2)
    keys = {"frequency_hz": 900.0, "gain_db": 5.0, "q": 0.9}
    theirs = plugin(cutoff_frequency_hz=900, gain_db=5, q=0.9)(samples.T.astype(np.float32), RATE).T
    assert np.allclose(apply({"eq": {"bands": [{kind: keys}]}}, samples), theirs, rtol=0, atol=1e-5)


def test_bands_add_up_in_decibels():
    bands = [
        {"highpass": {"frequency_hz": 80.0, "order": 4}},
        {"peak": {"frequency_hz": 400.0, "gain_db": -3.0, "q": 1.2}},
        {"high_shelf": {"frequency_hz": 8_000.0, "gain_db": 2.5}},
    ]
    assert response_db(bands) == pytest.approx(sum(response_db([band]) for band in bands), abs=1e-6)


def test_a_notch_takes_out_its_frequency_and_leaves_the_next_tone():
    tones = [np.sin(2 * np.pi * f * np.arange(2 * RATE)[:, None] / RATE) for f in (50.0, 100.0)]
    entry = {"eq": {"bands": [{"notch": {"frequency_hz": 50.0, "q": 10.0}}]}}
    hum, tone = (decibels(np.std(apply(entry, x)[RATE:]) / np.std(x[RATE:])) for x in tones)
    assert hum < -80
    assert tone == pytest.approx(0, abs=0.1)


def test_zero_phase_is_even_in_time():
    impulse = np.zeros((40_001, 1))
    impulse[20_000] = 1
    bands = [{"peak": {"frequency_hz": 300.0, "gain_db": 9.0}}, {"lowpass": {"frequency_hz": 5_000.0}}]
    result = apply({"eq": {"bands": bands, "zero_phase": True}}, impulse)
    assert np.allclose(result, result[::-1], rtol=0, atol=1e-12)
    assert np.argmax(result) == 20_000


@pytest.mark.parametrize(
    "sections",
    [
        peak(40.0, 12.0, 8.0, RATE),
        peak(1_000.0, -20.0, 0.5, RATE),
        shelf(60.0, 6.0, 0.71, "low", RATE),
        notch(50.0, 20.0, RATE),
        np.concatenate([peak(100.0, 6.0, 4.0, RATE)] * 5),
        np.array([[0.5, 0.5, 0, 1, 0, 0]]),
    ],
)
def test_a_response_has_decayed_after_its_time(sections):
    frames = decay_frames(sections)
    impulse = np.zeros(frames + 2_000)
    impulse[0] = 1
    assert np.abs(signal.sosfilt(sections, impulse)[frames:]).max() < 1e-12
    assert frames < 20 * RATE


def test_each_band_at_too_high_a_frequency_is_named():
    bands = [
        {kind: {"frequency_hz": hertz, "gain_db": 1.0}} for kind, hertz in [("peak", 3_999.0), ("peak", 4e3)]
    ]
    found = list(make({"eq": {"bands": bands}}).problems(RenderContext(8_000, 1, 100)))
    place = ("bands", 1, "peak", "frequency_hz")
    assert found == [(place, "must be below half the sample rate, 4000 (is 4000)")]
