"""Small files for gates to judge: what is expected of them, and a tone that is as expected."""

from __future__ import annotations

import numpy as np
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.mixing.loudness_targets import limits

RATE = 8_000
FRAMES = 16_000
EXPECT = {"sample_rate": RATE, "channels": 2, "subtype": "FLOAT", "frames": FRAMES}
FACTS = {"target": limits(None, -20.0, None, None), "integer": True}


def tone(level_db=-20.0, hertz=997.0, degrees=0.0):
    """Two seconds of a stereo sine with a peak level in dBFS."""
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz / RATE * np.arange(FRAMES) + np.radians(degrees))
    return np.repeat(wave[:, None], 2, axis=1)


def judge(
    path, gate, samples, kind="master", subtype="FLOAT", rate=RATE, expect=EXPECT, context=FACTS, inputs=()
):
    """Write samples and judge them by one gate: its check. `gate` may be (name, limits)."""
    name, limits = (gate, {}) if isinstance(gate, str) else gate
    sf.write(path, samples, rate, subtype)
    return only(verify(Subject(str(path), kind, expect, context, dict(inputs)), make({name: limits})))


def only(verdict):
    (check,) = verdict.checks
    assert verdict.passed == (check.status != "fail")
    return check


def clipped(run, level=0.99, channel=0):
    samples = tone()
    samples[5_000 : 5_000 + run, channel] = level
    return samples
