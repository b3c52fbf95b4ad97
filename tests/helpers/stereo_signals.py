"""Stereo of a known correlation."""

from __future__ import annotations

import math

import numpy as np
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE, SECONDS = 8_000, 8
FRAMES = RATE * SECONDS
BLOCKS = 20  # of 400 ms
TIME = np.arange(FRAMES) / RATE
SINE, COSINE = np.sin(2 * np.pi * 500 * TIME), np.cos(2 * np.pi * 500 * TIME)
"""Whole periods in each block of 400 ms, so they are orthogonal in each."""
FINISHED = ("mix", "master")


def correlated(r, level=0.1):
    """Stereo of equal sides and exactly this correlation."""
    return level * np.stack([SINE, r * SINE + math.sqrt(1 - r * r) * COSINE], axis=1)


def judge(path, name, samples, kind="mix", rate=RATE, **limits):
    """Checks by id of samples, by one gate."""
    sf.write(path, samples, rate, "DOUBLE")
    verdict = verify(Subject(str(path), kind), make({name: limits}))
    assert verdict.passed == all(check.status != "fail" for check in verdict.checks)
    return {check.id: check for check in verdict.checks}
