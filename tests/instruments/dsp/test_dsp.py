"""What instruments are made of: envelopes, wavetables, noise, operators, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from stemwright.instruments.dsp import fourier, noise, operators, tables
from stemwright.instruments.dsp.envelope import Envelope

RATE = 48_000


def decibels(ratio):
    return 20 * np.log10(ratio)


def test_an_envelope_goes_through_its_corners():
    envelope = Envelope(attack_ms=10, decay_ms=100, sustain=0.4, release_ms=200)
    frames = envelope.frames(9_600, RATE)
    level = envelope.level(9_600, RATE, frames)
    assert frames == len(level) == 9_600 + 9_600
    assert level[240] == pytest.approx(0.5, abs=0.01) and level[479] == pytest.approx(1.0, abs=1e-4)
    # After a time constant, a fifth of the decay, e^-1 of the way is left.
    assert level[480 + 960] == pytest.approx(0.4 + 0.6 * np.exp(-1), abs=0.004)
    assert np.all(level[5_280:9_600] == 0.4)
    assert level[9_600 + 1_920] == pytest.approx(0.4 * np.exp(-1), abs=0.004)
    assert level[-1] < 1e-4 and np.max(np.abs(np.diff(level))) < 0.004


def test_a_note_let_go_early_falls_from_where_it_is():
    level = Envelope(attack_ms=100, release_ms=10).level(2_400, RATE, 2_880)
    assert level[2_399] == pytest.approx(0.5, abs=0.001) and level[2_400] < level[2_399] < 0.51


@pytest.mark.parametrize("held", [100, 700, 9_600])
def test_a_piece_of_an_envelope_is_that_piece(held):
    envelope = Envelope(attack_ms=10, decay_ms=20, sustain=0.4, release_ms=30)
    whole = np.pad(envelope.level(held, RATE, held + 1_440), 1_000)
    for first in (-1_000, -3, 0, 90, 470, 1_000, held - 1, held, held + 500, held + 1_430):
        for frames in (1, 20, 1_000):
            piece = envelope.level(held, RATE, frames, first)
            expected = whole[first + 1_000 : first + 1_000 + frames]
            assert np.allclose(piece[: len(expected)], expected, atol=1e-6)
            assert not piece[len(expected) :].any()


def test_a_note_without_sustain_ends_by_itself():
    envelope = Envelope(attack_ms=10, decay_ms=90, sustain=0, release_ms=50)
    assert envelope.frames(RATE, RATE) == 4_800
    assert envelope.frames(2_000, RATE) == 2_000 + 2_400


def test_tables_are_the_sum_of_their_partials():
    rng = np.random.default_rng(1)
    spectrum = (rng.standard_normal((1, 40)) + 1j * rng.standard_normal((1, 40))) / np.arange(1, 41)
    turns = np.cumsum(rng.random(2_000) * 0.7)
    expected = sum(np.real(c * np.exp(2j * np.pi * k * turns)) for k, c in enumerate(spectrum[0], 1))
    error = tables.read_wavetables(tables.wavetables(spectrum), turns) - expected
    assert decibels(np.std(error) / np.std(expected)) < -90  # partials fall a little, too


def test_rows_of_a_stack_fade_into_each_other():
    stack = tables.wavetables(np.array([[0.0], [1.0], [2.0], [3.0], [4.0]], dtype=complex))
    row = np.linspace(0.5, 3.5, 1_000)
    assert np.allclose(
        tables.read_wavetables(stack, np.zeros(1_000), row), row, atol=1e-5
    )  # amplitudes in line stay so


def test_noise_is_as_strong_in_each_hertz_at_every_rate():
    for rate in (44_100, 48_000, 96_000):
        x = noise.noise(rate, rate, np.random.default_rng(3))
        power = np.abs(np.fft.rfft(x)) ** 2 / rate**2 * 2
        assert np.sum(power[1_000:11_000]) == pytest.approx(10_000 / 24_000, rel=0.05)


def test_powers_are_exponentials():
    for count, first in ((1_000, 0), (1_000, 3.5), (100, 0)):
        expected = np.exp((-0.001 + 0.01j) * (first + np.arange(count)))
        assert np.allclose(fourier.exponentials(-0.001 + 0.01j, count, first), expected)


def test_feedback_is_keplers_equation():
    for row, b in ((5, 0.25), (13, 0.75), (17, 1.0)):
        period = operators._feedback_waves()[row, :-1]
        k = np.arange(1, 64)
        found = -2 * np.fft.rfft(period).imag[1:64] / len(period)
        assert np.allclose(found, 2 * special.jv(k, k * b) / (k * b), atol=2e-6)


@pytest.mark.parametrize("index", [0.05, 0.3, 1, 3, 6, 12.5])
def test_the_bound_on_side_bands_holds(index):
    assert abs(special.jv(np.ceil(index + 4 * index ** (1 / 3) + 2), index)) < 1e-5


def test_the_sine_of_phases_is_one_to_six_digits():
    turns = np.linspace(-5, 5, 100_001, dtype=np.float32)
    assert np.max(np.abs(operators._sine(turns) - np.sin(2 * np.pi * turns.astype(float)))) < 1e-6


@pytest.mark.parametrize("first", [-256, 0, 1_000_003])
@pytest.mark.parametrize("step", [0.0004, 0.123, 0.489, 1.7])
def test_tones_are_sines_of_their_phases(first, step):
    expected = np.sin(2 * np.pi * (step * np.arange(first, first + 1_000) % 1))
    assert np.max(np.abs(operators._tone(step, first, 1_000) - expected)) < 2e-6
    phases = operators._phases(step, first, 1_000).astype(float)
    assert np.max(np.abs(np.sin(2 * np.pi * phases) - expected)) < 2e-6


def test_envelopes_are_stretched_in_straight_lines():
    stretched = operators._stretch(np.array([0.0, 0.0, 1.0, 3.0, 0.0]), 2)
    assert stretched.tolist() == [0, 0, 0, 0.5, 1, 2, 3, 1.5]
