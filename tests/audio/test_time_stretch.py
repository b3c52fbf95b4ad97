"""Rubber Band follows a map of time: where clicks come to lie, and the pitch, by closed form."""

import numpy as np
import pytest

from stemwright.audio import time_stretch
from stemwright.audio.time_stretch import stretched

RATE = 48_000


def clicks(frames, places):
    """Short bursts of noise, of which each begins at a place."""
    n = np.arange(RATE // 50)
    burst = np.random.default_rng(0).normal(0, 0.3, len(n)) * np.exp(-n / (0.004 * RATE))
    audio = np.zeros((frames, 1))
    for place in places:
        audio[place : place + len(burst), 0] += burst
    return audio


def centres(audio, places):
    """The centre of energy, in frames from each place, of what lies around it."""
    near = np.arange(-RATE // 50, RATE // 50)
    energy = audio[np.round(places).astype(int)[:, None] + near, 0] ** 2
    return (energy * near).sum(axis=1) / energy.sum(axis=1)


@pytest.mark.parametrize("ratios", [[1.013], [0.8, 1.25, 0.9, 1.3], [0.7, 1.4]])
def test_clicks_come_to_lie_where_the_marks_say(ratios):
    frames = 3 * RATE
    before = np.linspace(0, frames, len(ratios) + 1)
    after = np.concatenate([[0], np.cumsum(np.diff(before) * ratios)])
    places = np.arange(RATE // 8, frames - RATE // 8, RATE // 4)
    audio = clicks(frames, places)
    result = stretched(audio, RATE, list(zip(before, after, strict=True)))
    moved = np.interp(places, before, after)
    assert len(result) == round(after[-1])
    assert np.abs(centres(result, moved) - centres(audio, places)).max() < 0.002 * RATE


def test_parts_meet_without_a_gap(monkeypatch):
    monkeypatch.setattr(time_stretch, "_PART_S", 0.6)
    frames = 2 * RATE
    places = np.arange(RATE // 8, frames - RATE // 8, RATE // 4)
    audio = clicks(frames, places)
    marks = [(0, 0), (frames // 3, frames * 0.4), (frames, frames)]
    result = stretched(audio, RATE, marks)
    moved = np.interp(places, *zip(*marks, strict=True))
    assert len(result) == frames
    assert np.abs(centres(result, moved) - centres(audio, places)).max() < 0.002 * RATE
    energies = [np.sum(result[round(at) - 1_000 : round(at) + 1_000] ** 2) for at in moved]
    assert np.ptp(10 * np.log10(energies)) < 1.5


@pytest.mark.parametrize("rate", [8_000, 44_100])
@pytest.mark.parametrize("semitones, ratio", [(0, 1.1), (3.5, 1.0), (-4, 0.9)])
def test_the_pitch_of_a_tone(rate, semitones, ratio):
    frames = rate
    audio = 0.5 * np.sin(2 * np.pi * 440 * np.arange(frames) / rate)[:, None]
    marks = [(0, 0), (frames, frames * ratio)]
    result = stretched(audio, rate, marks, semitones)
    middle = result[len(result) // 4 : -len(result) // 4, 0]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 16 * len(middle)))
    found = spectrum.argmax() * rate / (16 * len(middle))
    assert abs(1200 * np.log2(found / 440) - 100 * semitones) < 2
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(0.5, rel=0.05)


def vowel(hertz):
    """The response of three resonances, as of an "a" (Klatt 1980), at frequencies."""
    poles = [(700, 130), (1220, 70), (2600, 160)]
    return np.prod([f**2 / (f**2 - hertz**2 + 1j * hertz * width) for f, width in poles], axis=0)


@pytest.mark.parametrize("kept", [True, False])
def test_formants_stay_where_they_are(kept):
    rate, semitones = 16_000, 4
    pulses = np.diff(np.floor(np.arange(rate) * 220 / rate), prepend=0)
    audio = np.fft.irfft(np.fft.rfft(pulses) * vowel(np.fft.rfftfreq(rate, 1 / rate)))[:, None]
    result = stretched(0.5 * audio / np.abs(audio).max(), rate, [(0, 0), (rate, rate)], semitones, kept)
    middle = result[rate // 4 : -rate // 4, 0]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 8 * rate))
    partials = 220 * 2 ** (semitones / 12) * np.arange(1, 10)
    levels = [spectrum[round(8 * hertz) - 40 : round(8 * hertz) + 40].max() for hertz in partials]
    error = 20 * np.log10(levels / np.abs(vowel(partials)))
    spread = np.abs(error - np.median(error)).mean()
    assert spread < 2.5 if kept else spread > 4


def test_channels_are_stretched_alike_and_twice_gives_the_same_bytes():
    noise = np.random.default_rng(3).normal(0, 0.1, (RATE // 2, 1))
    stereo = np.hstack([noise, -0.5 * noise])
    marks = [(0, 0), (RATE // 4, RATE // 3), (RATE // 2, RATE // 2)]
    result = stretched(stereo, RATE, marks, 1.0, True)
    assert np.std(result[:, 1] + 0.5 * result[:, 0]) < 0.01 * np.std(result[:, 1])
    assert result.tobytes() == stretched(stereo, RATE, marks, 1.0, True).tobytes()
