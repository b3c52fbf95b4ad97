"""Pitches and notes of tones whose frequencies are known."""

import numpy as np
import pytest

from stemwright.audio.pitch_track import HOP_S, pitch_track, sung_notes

RATE = 16_000


def tone(hertz, seconds):
    """A tone with partials that fall by 6 dB an octave, from zero to zero."""
    n = np.arange(round(seconds * RATE))
    partials = np.arange(1, int(RATE / 2 / hertz))
    wave = np.sin(2 * np.pi * hertz * np.outer(n, partials) / RATE) @ (1 / partials)
    return 0.2 * wave * np.minimum(1, np.minimum(n, len(n) - n) / (0.01 * RATE))


@pytest.mark.parametrize("hertz", [70.0, 123.4, 440.0, 987.6])
def test_the_pitch_of_a_tone(hertz):
    track = pitch_track(tone(hertz, 0.5), RATE)
    assert np.abs(track[20:80] - (69 + 12 * np.log2(hertz / 440))).max() < 0.02


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(2).normal(0, 0.1, RATE)
    track = pitch_track(np.concatenate([noise, np.zeros(RATE)]), RATE)
    assert np.mean(np.isnan(track)) > 0.95


def test_notes_begin_at_gaps_and_at_new_pitches():
    parts = [tone(220, 0.3), np.zeros(1_600), tone(220, 0.3), tone(220 * 2 ** (0.6 / 12), 0.3)]
    found = sung_notes(pitch_track(np.concatenate(parts), RATE))
    assert [note.pitch for note in found] == pytest.approx([57, 57, 57.6], abs=0.03)
    assert [note.first * HOP_S for note in found] == pytest.approx([0, 0.4, 0.7], abs=0.03)


def test_vibrato_is_one_note():
    n = np.arange(RATE)
    phase = np.cumsum(220 * 2 ** (0.7 / 12 * np.sin(2 * np.pi * 5 * n / RATE))) / RATE
    found = sung_notes(pitch_track(np.sin(2 * np.pi * phase) + 0.5 * np.sin(4 * np.pi * phase), RATE))
    assert [note.pitch for note in found] == pytest.approx([57], abs=0.03)
