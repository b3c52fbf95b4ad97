"""Levels that are found: against sounds of known levels, ffmpeg's loudness, and NumPy's least squares."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from scipy.optimize import minimize

from stemwright.base.errors import StemwrightError
from stemwright.mixing.faders import Fader, Faders
from stemwright.mixing.levels import FoundLevel, found_gain, matched_gain
from stemwright.music.curve import Curve

RATE = 8_000
T = np.arange(3 * RATE) / RATE
UNITY = Faders([Fader()], 2)


def written(path, samples, rate=RATE):
    sf.write(path, np.stack([samples, samples], axis=1) if samples.ndim == 1 else samples, rate, "FLOAT")
    return str(path)


@pytest.fixture
def stems(tmp_path):
    """A kick, a bass, noise and a sweep, which overlap and are partly alike."""
    noise = np.random.default_rng(3).standard_normal(len(T))
    sounds = {
        "kick": 0.5 * np.sin(2 * np.pi * 60 * T) * np.exp(-(T % 0.5) * 12),
        "bass": 0.3 * np.sin(2 * np.pi * 61 * T + 1) * (1 + np.sin(2 * np.pi * T)),
        "hiss": 0.1 * noise,
        "sweep": 0.2 * np.sin(2 * np.pi * (100 + 150 * T) * T),
    }
    return {name: (sound, written(tmp_path / f"{name}.wav", sound)) for name, sound in sounds.items()}


def mixed(stems, **gains_db):
    return sum(10 ** (gain / 20) * stems[name][0] for name, gain in gains_db.items())


def matched(name, mix, stems, faders=None):
    return matched_gain(
        name, mix, {each: path for each, (_, path) in stems.items()}, faders or dict.fromkeys(stems, UNITY)
    )


def test_the_levels_of_a_mix_are_those_it_was_made_with(stems, tmp_path):
    wanted = {"kick": -3.0, "bass": -7.25, "hiss": -20.0, "sweep": 4.0}
    mix = written(tmp_path / "rough.wav", mixed(stems, **wanted))
    for name, gain in wanted.items():
        assert matched(name, mix, stems) == pytest.approx(gain, abs=0.001)


def test_what_else_is_in_the_mix_leaves_the_least_sum_of_levels(stems, tmp_path):
    """In spans of a quarter of a second, by SciPy's minimiser."""
    other = 0.05 * np.sin(2 * np.pi * 333 * T) + 0.05 * np.random.default_rng(8).standard_normal(len(T))
    whole = mixed(stems, kick=-3, bass=-6, hiss=-10, sweep=0) + other
    mix = written(tmp_path / "rough.wav", whole)
    sounds = np.stack([sound for sound, _ in stems.values()], axis=1)

    def level(gains):
        return np.log(np.linalg.norm((whole - sounds @ gains).reshape(-1, RATE // 4), axis=1)).sum()

    start = np.linalg.lstsq(sounds, whole, rcond=None)[0]
    solution = minimize(level, start, method="Powell", options={"xtol": 1e-7, "ftol": 1e-12}).x
    for name, gain in zip(stems, solution, strict=True):
        assert matched(name, mix, stems) == pytest.approx(20 * np.log10(gain), abs=0.001)


def test_a_stem_that_was_repaired_since_is_as_loud_as_before(stems, tmp_path):
    """A fifth of it is another note now, and the mix has something else: least squares over all is 2.5 dB off."""
    keys = 0.05 * np.sin(2 * np.pi * 333 * T) * (1 + np.sin(2 * np.pi * T / 1.5))
    mix = written(tmp_path / "rough.wav", mixed(stems, kick=-3, bass=-6) + keys)
    note = 0.4 * np.sin(2 * np.pi * 70 * T)
    repaired = np.where((T > 1) & (T < 1.6), note, stems["bass"][0])
    stems = {
        "kick": stems["kick"],
        "bass": (repaired, written(tmp_path / "repaired.wav", repaired)),
    }
    least = np.linalg.lstsq(
        np.stack([sound for sound, _ in stems.values()], axis=1), sf.read(mix)[0][:, 0], rcond=None
    )[0]
    assert 20 * np.log10(least[1]) < -8.4
    assert matched("bass", mix, stems) == pytest.approx(-6, abs=0.05)
    assert matched("kick", mix, stems) == pytest.approx(-3, abs=0.05)


def test_a_mix_that_ends_early_is_matched_while_it_sounds(stems, tmp_path):
    whole = mixed(stems, kick=-3, bass=-6, hiss=-10)[: RATE // 2]
    mix = written(tmp_path / "rough.wav", whole)
    for name, gain in {"kick": -3, "bass": -6, "hiss": -10}.items():
        assert matched(name, mix, stems) == pytest.approx(gain, abs=0.01)


def test_pans_and_mutes_count(stems, tmp_path):
    """The sweep stands on the right and is muted in the last second, in the mix as in the song."""
    mute = Curve(((0, 0.0, "step"), (2 * RATE, 1.0, "step")), 40)
    faders = dict.fromkeys(stems, UNITY) | {"sweep": Faders([Fader(pan=Curve.of(1.0), mute=mute)], 2)}
    sweep = np.zeros((len(T), 2))
    sweep[: 2 * RATE, 1] = 0.5 * stems["sweep"][0][: 2 * RATE]
    whole = mixed(stems, kick=-2, bass=-2, hiss=-2)[:, None] + sweep
    mix = written(tmp_path / "rough.wav", whole)
    assert matched("sweep", mix, stems, faders) == pytest.approx(-6.02, abs=0.05)


def test_a_mix_of_another_rate_and_length(stems, tmp_path):
    mix = mixed(stems, kick=-3, sweep=-9)
    spectrum = np.fft.rfft(mix)  # twice the rate, exactly
    twice = np.fft.irfft(np.pad(spectrum, (0, len(T) // 2)), 2 * len(T)) * 2
    path = written(tmp_path / "rough.wav", np.concatenate([twice, np.zeros(5_000)]), 2 * RATE)
    assert matched("kick", path, stems) == pytest.approx(-3, abs=0.02)
    assert matched("sweep", path, stems) == pytest.approx(-9, abs=0.02)


@pytest.mark.parametrize(
    ("name", "gains", "why"),
    [
        ("hiss", {"kick": -3, "sweep": 0}, "it is not heard there"),
        ("inverted", {"inverted": 0, "kick": 0}, "it is inverted there"),
        ("twin", {"kick": -3, "sweep": 0}, "cannot be told from other stems, of which kick is most like it"),
        ("mute", {"kick": -3}, "mute is silent"),
    ],
)
def test_what_cannot_be_found_is_named(stems, tmp_path, name, gains, why):
    sweep = stems["sweep"][0]
    if name == "inverted":
        stems = {"kick": stems["kick"], "inverted": (-sweep, written(tmp_path / "inverted.wav", sweep))}
    elif name == "twin":
        stems["twin"] = (stems["kick"][0], written(tmp_path / "twin.wav", 0.7 * stems["kick"][0]))
    elif name == "mute":
        stems["mute"] = (0 * sweep, written(tmp_path / "mute.wav", 0 * sweep))
    mix = written(tmp_path / "rough.wav", mixed(stems, **gains))
    with pytest.raises(StemwrightError, match=why):
        matched(name, mix, stems)


def test_a_loudness_is_what_ffmpeg_measures(stems, tmp_path, needs):
    sound, path = stems["bass"]
    gain = found_gain("bass", FoundLevel(lufs=-31.5), path, UNITY)
    louder = written(tmp_path / "louder.wav", sound * 10 ** (gain / 20))
    told = subprocess.run(
        [needs("ffmpeg"), "-hide_banner", "-i", louder, "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert float(re.findall(r"I:\s+(-[\d.]+) LUFS", told)[-1]) == pytest.approx(-31.5, abs=0.1)


def test_a_peak_is_the_largest_sample_after_the_pan(stems):
    left = Faders([Fader(pan=Curve.of(-0.5), law="-6 dB")], 2)  # left by 0.75
    sound, path = stems["sweep"]
    gain = found_gain("sweep", FoundLevel(peak_dbfs=-10), path, left)
    assert np.abs(0.75 * sound).max() * 10 ** (gain / 20) == pytest.approx(10 ** (-10 / 20), rel=1e-4)


def test_out_of_reach_and_silence_are_errors(tmp_path):
    faint = written(tmp_path / "faint.wav", 1e-4 * np.sin(2 * np.pi * 500 * T))
    with pytest.raises(StemwrightError, match=r"a fader goes from -96 to 24 dB. Raise it"):
        found_gain("faint", FoundLevel(peak_dbfs=-6), faint, UNITY)
    with pytest.raises(StemwrightError, match="lead is silent, or muted wherever it sounds"):
        loud = written(tmp_path / "loud.wav", 0.1 * np.sin(2 * np.pi * 500 * T))
        found_gain("loud", FoundLevel(like="lead"), loud, UNITY, None)
