"""The subtractive synthesizer: what its keys do, against closed forms and SciPy's functions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from synth_sounds import HELD, OPEN, RATE, decibels, hertz, sound, strength, turns_per_second

from stemwright import instruments
from stemwright.instruments import Note
from stemwright.instruments.subtractive import Filter


@pytest.mark.parametrize(
    "wave, amplitudes",
    [
        ("saw", [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
        ("square", [1, 0, 1 / 3, 0, 1 / 5]),
        ("triangle", [1, 0, 1 / 9, 0, 1 / 25]),
        ("sine", [1, 0, 0, 0, 0]),
    ],
)
def test_waves_have_the_partials_of_their_names(wave, amplitudes):
    x = sound({"subtractive": {"oscillators": [{"wave": wave}], "filter": OPEN, "envelope": HELD}})[
        4_800:43_200, 0
    ]
    found = np.array([strength(x, k * 220) for k in range(1, 6)])
    assert np.allclose(found / found[0], amplitudes, atol=2e-3)


@pytest.mark.parametrize("shape", ["lowpass", "highpass", "bandpass"])
@pytest.mark.parametrize("slope", [12, 24])
@pytest.mark.parametrize("resonance", [0.0, 0.7])
def test_the_filter_is_the_analogue_one(shape, slope, resonance):
    filter = Filter(shape=shape, slope_db=slope, resonance=resonance)
    q = 20**resonance / 2**0.5
    b = {"lowpass": [1], "highpass": [1, 0, 0], "bandpass": [1 / q, 0]}[shape]
    f = np.geomspace(20, 20_000, 50)
    _, expected = signal.freqs(b, [1, 1 / q, 1], f / 1_000)
    if slope == 24:
        b = {"lowpass": [1], "highpass": [1, 0, 0], "bandpass": [1 / 0.541, 0]}[shape]
        expected = expected * signal.freqs(b, [1, 1 / 0.541, 1], f / 1_000)[1]
    found = filter.response(f, np.array([1_000.0]))[0]
    assert np.allclose(found, expected / (q * 2**0.5) ** 0.5)


def test_the_filter_acts_on_the_sound():
    keys = {"oscillators": [{"wave": "saw"}], "envelope": HELD}
    still = {"cutoff_hz": 1_000.0, "tracking": 0.0, "velocity_octaves": 2.0}
    bright, dull = (
        sound({"subtractive": {**keys, "filter": still}}, velocity=v)[4_800:43_200, 0] for v in (1, 0.5)
    )
    k = np.arange(1, 12)
    for x, cutoff in ((bright, 1_000.0), (dull, 500.0)):
        gain = np.array([strength(x, 220 * n) * n for n in k])
        expected = np.abs(Filter().response(220.0 * k, np.array([cutoff]))[0])
        assert np.allclose(decibels(gain / gain[0]), decibels(expected / expected[0]), atol=0.1)


def test_the_filters_envelope_moves_it():
    filter = {"cutoff_hz": 200.0, "tracking": 0.0, "envelope_octaves": 4.0, "velocity_octaves": 0.0}
    moves = {"attack_ms": 1.0, "decay_ms": 1_000.0, "sustain": 0.0}
    entry = {"subtractive": {"filter": filter, "filter_envelope": moves, "envelope": HELD}}
    x = sound(entry, 33, 1.5)[:, 0]
    for at in (0.1, 0.2, 0.4, 1.2):
        fall = (np.exp(-5 * at) - np.exp(-5)) / (1 - np.exp(-5)) if at < 1 else 0.0
        part = x[round((at - 0.05) * RATE) : round((at + 0.05) * RATE)]
        k = np.array([1, 2, 4, 6])
        gain = np.array([strength(part, 55 * n) * n for n in k])
        expected = np.abs(Filter().response(55.0 * k, np.array([200 * 2 ** (4 * fall)]))[0])
        assert np.allclose(decibels(gain / gain[0]), decibels(expected / expected[0]), atol=1.0)


def test_noise_is_filtered():
    noise = {"oscillators": [{"wave": "noise"}], "envelope": HELD}
    x = sound({"subtractive": {**noise, "filter": {"cutoff_hz": 1_000.0, "tracking": 0.0}}}, seconds=4.0)[
        :, 0
    ]
    f, power = signal.welch(x, RATE, nperseg=2_048)
    below, above = power[(f > 200) & (f < 500)].mean(), power[(f > 3_800) & (f < 4_200)].mean()
    expected = np.abs(Filter().response(np.array([350.0, 4_000.0]), np.array([1_000.0]))[0])
    assert 10 * np.log10(above / below) == pytest.approx(decibels(expected[1] / expected[0]), abs=1.5)


PURE = {"oscillators": [{"wave": "sine"}], "envelope": HELD, "filter": OPEN}


@pytest.mark.parametrize("start", [45.0, 69.0])
def test_a_note_glides_from_another(start):
    x = sound({"subtractive": {**PURE, "glide_ms": 400.0}}, 57, 1.0, glide_from=start)[:, 0]
    assert 1200 * np.log2(turns_per_second(x, 0.04) / hertz(start)) == pytest.approx(0, abs=60)
    assert 1200 * np.log2(turns_per_second(x, 0.2) / hertz((start + 57) / 2)) == pytest.approx(0, abs=10)
    assert 1200 * np.log2(turns_per_second(x, 0.6, 0.2) / hertz(57)) == pytest.approx(0, abs=0.5)
    still = sound({"subtractive": {**PURE, "glide_ms": 0.0}}, 57, 1.0, glide_from=start)[:, 0]
    assert turns_per_second(still, 0.05) == pytest.approx(220, rel=1e-3)


def test_a_slide_down_is_as_bright_as_the_note_it_comes_to():
    entry = {"subtractive": {"filter": OPEN, "envelope": HELD, "glide_ms": 100.0}}
    slid, plain = (sound(entry, 45, 1.0, glide_from=g)[24_000:43_200, 0] for g in (81.0, None))
    for k in (1, 30, 90):
        assert strength(slid, 110 * k) == pytest.approx(strength(plain, 110 * k), rel=0.01)


def test_a_slide_down_has_no_aliases():
    keys = {"filter": OPEN, "envelope": HELD, "glide_ms": 300.0}
    instrument = instruments.make({"subtractive": keys})
    once, often = (instrument.sound(Note(0, r // 4, 60, 1.0, 96.0), r, 1, "")[:, 0] for r in (RATE, 4 * RATE))
    a, b = np.fft.rfft(once), np.fft.rfft(often, 4 * len(once)) / 4
    top = 15_000 * len(once) // RATE
    assert 10 * np.log10(np.sum(np.abs(a - b[: len(a)])[:top] ** 2) / np.sum(np.abs(a[:top]) ** 2)) < -45


def test_oscillators_are_tuned_and_balanced():
    oscillators = [{"wave": "sine"}, {"wave": "sine", "semitones": 7, "cents": 40.0, "level_db": -6.0}]
    x = sound({"subtractive": {**PURE, "oscillators": oscillators}})[4_800:43_200, 0]
    assert decibels(strength(x, 220 * 2 ** (7.4 / 12)) / strength(x, 220)) == pytest.approx(-6, abs=0.02)


def test_the_filter_follows_the_pitch():
    filter = {"cutoff_hz": 500.0, "velocity_octaves": 0.0, "tracking": 1.0}
    entry = {"subtractive": {"filter": filter, "envelope": HELD}}
    for pitch in (45, 57, 69):
        x = sound(entry, pitch)[4_800:43_200, 0]
        k = np.array([1, 2, 4, 8])
        gain = np.array([strength(x, hertz(pitch) * n) * n for n in k])
        expected = np.abs(Filter().response(220.0 * k, np.array([500.0]))[0])
        assert np.allclose(decibels(gain / gain[0]), decibels(expected / expected[0]), atol=0.1)


def test_vibrato_swings_both_ways_by_its_cents():
    keys = {"vibrato_cents": 50.0, "vibrato_hz": 5.0, "vibrato_delay_ms": 0.0}
    x = sound({"subtractive": {**PURE, **keys}}, 69, 1.0)[:, 0]
    for at, cents in ((0.25, 50), (0.35, -50), (0.4, 0)):
        assert 1200 * np.log2(turns_per_second(x, at, 0.01) / 440) == pytest.approx(cents, abs=2)


def test_a_unison_is_spread_in_pitch_and_place():
    keys = {"unison": 3, "detune_cents": 60.0, "width": 1.0}
    x = sound({"subtractive": {**PURE, **keys}}, 81, 4.0, channels=2)[9_600:172_800]
    cents = np.array([-30, 0, 30])
    left, right = (np.array([strength(side, 880 * 2 ** (c / 1200)) for c in cents]) for side in x.T)
    assert np.allclose(np.sort([left[0] / left[1], left[2] / left[1]]), [0, 2**0.5], atol=0.02)
    assert np.allclose(left**2 + right**2, np.full(3, left[1] ** 2 * 2), rtol=0.02)
    assert strength(x[:, 0], 880 * 2 ** (15 / 1200)) < 0.01 * left[1]
