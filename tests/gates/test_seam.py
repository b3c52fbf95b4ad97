"""Seam: clicks and drops where a loop meets itself, and loops that have none."""

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE, FRAMES = 8_000, 8_000
T = np.arange(FRAMES) / RATE
TONE = 0.3 * np.sin(2 * np.pi * 220 * T) + 0.1 * np.sin(2 * np.pi * 554 * T)  # whole periods
HITS = np.random.default_rng(1).normal(0, 0.3, FRAMES) * np.exp(-(T % 0.125) / 0.008)  # rests between hits
PLUCKS = 0.4 * np.sin(2 * np.pi * 330 * T) * np.exp(-(T % 0.25) / 0.06)


def judged(tmp_path, samples):
    sf.write(tmp_path / "loop.wav", np.repeat(samples[:, None], 2, axis=1), RATE, "FLOAT")
    checks = verify(Subject(str(tmp_path / "loop.wav"), "mix"), make({"seam": {}})).checks
    return {check.id: check for check in checks}


@pytest.mark.parametrize("loop", [TONE, HITS, PLUCKS, 0 * TONE], ids=["tone", "hits", "plucks", "silence"])
def test_what_follows_itself_passes(tmp_path, loop):
    assert {check.status for check in judged(tmp_path, loop).values()} == {"pass"}


def test_a_step_at_the_seam_is_a_click(tmp_path):
    check = judged(tmp_path, TONE[: FRAMES - 9])["seam.click"]  # a quarter of a period is left out
    assert (check.status, check.places) == ("fail", [(FRAMES - 10, 1), (0, 1)])
    assert judged(tmp_path, np.roll(TONE, 1_000))["seam.click"].status == "pass"  # any start will do


@pytest.mark.parametrize("loop", [TONE, PLUCKS], ids=["tone", "plucks"])
def test_the_delay_of_a_codec_is_a_drop(tmp_path, loop):
    """1,105 samples at 44.1 kHz are the delay of an MP3 that nobody takes off; the noise of coding is in them."""
    noise = np.random.default_rng(2).normal(0, 1e-4, 200)
    check = judged(tmp_path, np.concatenate((noise, loop)))["seam.drop"]
    assert check.status == "fail" and check.measured > 30 and "elsewhere" in check.reason


def test_a_drop_is_measured_in_decibels(tmp_path):
    quieter = TONE.copy()
    quieter[-80:] *= 0.1
    quieter[:80] *= 0.1
    check = judged(tmp_path, quieter)["seam.drop"]
    assert check.measured == pytest.approx(20, abs=0.3) and check.status == "fail"
    assert check.places == [(FRAMES - 1, 1), (0, 1)]
    quieter[3_920:4_080] *= 10 ** (-15 / 20)  # within 6 dB: a rest like others
    assert judged(tmp_path, quieter)["seam.drop"].status == "pass"


def test_what_cannot_be_measured(tmp_path):
    assert judged(tmp_path, TONE[:800])["seam.drop"].status == "skip"
    broken = TONE.copy()
    broken[5] = np.nan
    assert {check.status for check in judged(tmp_path, broken).values()} == {"fail"}
