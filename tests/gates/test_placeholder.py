"""The gate of placeholders: a stem that is one steady tone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.instruments.dsp.drum_kit import hit

RATE = 16_000
FRAMES = 20 * RATE
TIME = np.arange(FRAMES) / RATE


def sine(hertz=220.0, level=0.5):
    return level * np.sin(2 * np.pi * hertz * TIME)


def until(percent, other=0.0):
    """A tone for so much of the file, then something else."""
    return np.where(np.arange(FRAMES) < FRAMES * percent / 100, sine(), other)


@pytest.fixture
def judged(tmp_path):
    def judge(wave, **limits):
        wave = wave if wave.ndim == 2 else wave[:, None]
        sf.write(tmp_path / "a.wav", wave, RATE, "FLOAT")
        return verify(Subject(str(tmp_path / "a.wav"), "stem"), make({"placeholder": limits})).checks[0]

    return judge


STEADY = {
    "a sine": sine(),
    "a soft one": sine(level=0.01),
    "a low one": sine(41.2),
    "a square wave": 0.5 * np.sign(sine(110.3)),
    "a sawtooth": (220 * TIME) % 1 - 0.5,
    "in hiss, 30 dB down": sine()
    + np.random.default_rng(1).normal(scale=0.5 / math.sqrt(2) / 31, size=FRAMES),
    "opposite sides": np.stack([sine(), -sine()], axis=1),
    "on the right": np.stack([0 * TIME, sine()], axis=1),
}


@pytest.mark.parametrize("name", STEADY)
def test_a_steady_tone_is_a_placeholder(judged, name):
    check = judged(STEADY[name])
    assert (check.status, check.unit) == ("warn", "% one tone") and check.measured > 99
    assert judged(STEADY[name], severity="error").status == "fail"


def pattern(note):
    """Sixteenths at 120 BPM of what `note` gives for each."""
    step = RATE // 8
    return np.concatenate([np.resize(note(i), step) for i in range(FRAMES // step)])


def kick_drum():
    audio = np.zeros(FRAMES)
    for start in range(0, FRAMES - RATE, RATE // 2):
        sound = hit("kick", RATE, 1.0)
        audio[start : start + len(sound)] += sound
    return audio


MUSIC = {
    "noise": np.random.default_rng(2).normal(scale=0.1, size=FRAMES),
    "a bass line": pattern(
        lambda i: np.sin(2 * np.pi * (55, 55, 65.4, 82.4)[i // 4 % 4] * TIME[: RATE // 8])
    ),
    "one note, plucked": pattern(lambda i: sine()[: RATE // 8] * np.exp(-TIME[: RATE // 8] / 0.05)),
    "drums": kick_drum(),
    "tremolo of 3 dB": sine() * (1 - 0.29 * (1 + np.sin(2 * np.pi * 5 * TIME)) / 2),
    "vibrato of a semitone": 0.5
    * np.sin(2 * np.pi * 880 * TIME + 880 * 0.06 / 2.5 * np.sin(2 * np.pi * 2.5 * TIME)),
    "a slow sweep": 0.5 * np.sin(2 * np.pi * (220 * TIME + 5 * TIME**2)),
    "a fade": sine() * np.linspace(0, 1, FRAMES),
    "silence": 0 * TIME,
}


@pytest.mark.parametrize("name", MUSIC)
def test_music_is_none(judged, name):
    check = judged(MUSIC[name])
    assert check.status == "pass" and check.measured < 80


@pytest.mark.parametrize("percent, status", [(51, "pass"), (94, "pass"), (97.5, "warn"), (100, "warn")])
def test_how_much_of_the_file(judged, percent, status):
    for other in (0.0, np.random.default_rng(3).normal(scale=0.3, size=FRAMES)):
        check = judged(until(percent, other))
        assert check.status == status and check.measured == pytest.approx(
            percent, abs=1.3
        )  # a window is 1.3 %


def test_the_limit(judged):
    assert judged(until(94), percent=90).status == "warn"


def test_too_short_or_not_finite(judged):
    check = judged(sine()[:4_095])
    assert (check.status, check.reason) == ("skip", "the file is shorter than 4,096 frames")
    bad = sine()
    bad[77] = math.inf
    check = judged(bad)
    assert (check.status, check.measured) == ("warn", None) and "not finite" in check.reason
