"""The gate of duplicates: stems that are the same samples, or the same but for a gain."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make

RATE, FRAMES = 8_000, 150_000


def noise(seed, level=0.1):
    return np.random.default_rng(seed).normal(scale=level, size=(FRAMES, 2)).astype(np.float32).astype(float)


@pytest.fixture
def judged(tmp_path):
    def judge(stems, **limits):
        paths = {}
        for name, samples in stems.items():
            paths[name] = str(tmp_path / f"{name}.wav")
            sf.write(paths[name], samples, RATE, "FLOAT")
        (gate,) = make({"duplicate": limits})
        (check,) = gate.judge(
            Subject(
                "mix.wav", "mix", context={"duplicate": list(paths)}, inputs={"stems": list(paths.values())}
            ),
            (),
        )
        return check

    return judge


def test_stems_of_their_own(judged):
    check = judged({str(i): noise(i) for i in range(6)})
    assert (check.status, check.measured, check.reason) == ("pass", 0, "")


def test_the_same_samples(judged):
    check = judged({"a": noise(1), "b": noise(2), "c": noise(1), "d": noise(2)})
    assert (check.status, check.measured) == ("fail", 2)
    assert check.reason == "a and c have the same samples; b and d have the same samples"
    assert judged({"a": noise(1), "c": noise(1)}, severity="warn").status == "warn"


def test_all_but_one_sample(judged):
    other = noise(1)
    other[100_000, 1] += 1e-3
    check = judged({"a": noise(1), "b": other})
    assert check.status == "warn" and "b is a, +0.00 dB (-" in check.reason


@pytest.mark.parametrize("gain, said", [(0.5, "-6.02 dB"), (2.5, "+7.96 dB"), (-1, "inverted, +0.00 dB")])
def test_the_same_but_for_a_gain(judged, gain, said):
    check = judged({"a": noise(1), "b": noise(2), "c": gain * noise(1)})
    assert (check.status, check.measured) == ("warn", 1) and check.reason.startswith(f"c is a, {said}")


@pytest.mark.parametrize(
    "residual_db, status", [(-20, "pass"), (-59.7, "pass"), (-60.3, "warn"), (-100, "warn")]
)
def test_what_is_left(judged, residual_db, status):
    """Noises at right angles: what the best gain leaves of the sum is known."""
    first, second = noise(1), noise(2)
    second -= first * np.vdot(first, second) / np.vdot(first, first)
    second *= math.sqrt(np.vdot(first, first) / np.vdot(second, second))
    share = 10 ** (residual_db / 20)
    check = judged({"a": first, "b": 0.3 * (math.sqrt(1 - share**2) * first + share * second)})
    assert check.status == status
    if status == "warn":
        assert f"({residual_db:.0f} dB left)" in check.reason
    assert judged({"a": first, "b": first + share * second}, residual_db=-19).status == "warn"


def test_silent_stems_are_for_another_gate(judged):
    silence = np.zeros((FRAMES, 2))
    assert judged({"a": silence, "b": silence, "c": noise(1)}).status == "pass"


def test_what_cannot_be_compared(judged):
    check = judged({"a": noise(1)})
    assert (check.status, check.reason) == ("skip", "there are fewer than two stems")
    check = judged({"a": noise(1), "b": noise(1)[:-1]})
    assert check.status == "fail" and "149,999 frames" in check.reason
    bad = noise(2)
    bad[5] = math.nan
    check = judged({"a": noise(1), "b": bad, "c": noise(1)})
    assert (check.status, check.measured) == ("fail", None) and "not finite" in check.reason
