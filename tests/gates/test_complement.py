"""Complement: two versions that sum to the mix, and which of them is at fault where they do not."""

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE = 8_000


def judged(tmp_path, change):
    rng = np.random.default_rng(3)
    sounds = {name: rng.normal(0, 0.1, (RATE, 2)) for name in ("voice", "band")}
    sf.write(tmp_path / "mix.wav", sum(sounds.values()), RATE, "FLOAT")
    for name, sound in sounds.items():
        sf.write(tmp_path / f"{name}.wav", change(sound) if name == "voice" else sound, RATE, "FLOAT")
    part = {"faders": {}, "subtype": "FLOAT", "passes": 0}
    paths = [str(tmp_path / f"{name}.wav") for name in ("voice", "band")]
    inputs = {"parts": paths, "whole": [str(tmp_path / "mix.wav")]}
    context = {"null": {"subtype": "FLOAT", "parts": [part, part]}}
    return verify(Subject(paths[0], "mix", context=context, inputs=inputs), make({"complement": {}})).checks


def test_both_sides_sum_to_the_mix(tmp_path):
    peak, rms = judged(tmp_path, lambda sound: sound)
    assert (peak.id, rms.id) == ("complement", "complement.rms")
    assert peak.status == rms.status == "pass" and float(peak.measured) < -140


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda sound: sound * 10 ** (-0.5 / 20), "0.50 dB too quiet"),
        (lambda sound: -sound, "inverted"),
        (lambda sound: np.roll(sound, 109, axis=0) * (np.arange(RATE) >= 109)[:, None], "109 samples"),
        (lambda sound: 0 * sound, "missing: it is silent"),
    ],
    ids=["gain", "inverted", "late", "silent"],
)
def test_the_version_at_fault_is_named(tmp_path, change, says):
    check, _ = judged(tmp_path, change)
    assert check.status == "fail" and says in check.reason
    assert "voice.wav" in check.reason and "band.wav" not in check.reason
