"""The pitch of a voice is shifted; what has none keeps its samples."""

import numpy as np
import pytest

from stemwright.audio.pitch_synchronous import with_shifted_pitch

RATE = 16_000


def vowel(hertz):
    """The level of two resonances at frequencies."""
    return np.abs(np.prod([f**2 / (f**2 - hertz**2 + 1j * hertz * 120) for f in (700, 1220)], axis=0))


@pytest.mark.parametrize("cents", [40, -40, 150])
def test_pitch_and_formants_of_a_voice(cents):
    hertz, n = 180.0, np.arange(RATE)
    partials = hertz * np.arange(1, 30)
    audio = 0.02 * np.sin(2 * np.pi * np.outer(n, partials) / RATE) @ vowel(partials)
    track = np.full(201, 69 + 12 * np.log2(hertz / 440))
    result = with_shifted_pitch(audio[:, None], RATE, track, np.full(201, cents / 100))[:, 0]
    middle = result[RATE // 4 : -RATE // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 16 * RATE))
    wanted = 2 ** (cents / 1200) * partials
    near = [round(16 * w) - 320 + np.arange(640) for w in wanted[:14]]
    found = near[0][spectrum[near[0]].argmax()] / 16
    assert abs(1200 * np.log2(found / wanted[0])) < 3
    errors = 20 * np.log10([spectrum[k].max() for k in near] / vowel(wanted[:14]))
    errors = np.abs(errors - np.median(errors))
    assert errors.mean() < 1.0 and errors.max() < 3.5  # dB


def test_what_has_no_pitch_keeps_its_samples():
    noise = np.random.default_rng(5).normal(0, 0.1, (RATE, 2))
    track, shift = np.full(201, np.nan), np.zeros(201)
    track[80:120], shift[80:120] = 60.0, 0.5
    result = with_shifted_pitch(noise, RATE, track, shift)
    changed = np.flatnonzero(np.abs(result - noise).max(axis=1))
    assert 0.35 * RATE < changed[0] < 0.45 * RATE and 0.55 * RATE < changed[-1] < 0.65 * RATE
    assert np.array_equal(with_shifted_pitch(noise, RATE, track, 0 * shift), noise)
    assert result.tobytes() == with_shifted_pitch(noise, RATE, track, shift).tobytes()
