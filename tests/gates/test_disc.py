"""The gate of discs: what cannot be burnt, or is likely to be refused."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

SECTOR = 588


def judged(path, frames, marks, level=0.5, **limits):
    """Status of each check of a square wave of a level."""
    samples = level * np.where(np.arange(frames) // 50 % 2, 1.0, -1.0)[:, None].repeat(2, axis=1)
    sf.write(path / "a.wav", samples, 44_100, "PCM_16")
    subject = Subject(str(path / "a.wav"), "disc", context={"marks": marks})
    return {check.id: check for check in verify(subject, make({"disc": limits})).checks}


@pytest.mark.parametrize(
    "frames, marks, limits, refused",
    [
        (600 * SECTOR, [("a", 0), ("b", 300)], {}, {}),
        (600 * SECTOR + 1, [("a", 0), ("b", 300)], {}, {"disc.sectors": "fail"}),
        (599 * SECTOR, [("a", 0), ("b", 300)], {}, {"disc.tracks": "warn"}),
        (600 * SECTOR, [("a", 0)], {"max_minutes": 0.13}, {"disc.length": "warn"}),
        (600 * SECTOR, [("a", 0)], {"max_dbtp": -6}, {"disc.true_peak": "fail"}),
    ],
)
def test_what_a_disc_cannot_hold(tmp_path, frames, marks, limits, refused):
    checks = judged(tmp_path, frames, marks, **limits)
    assert {name: check.status for name, check in checks.items() if check.status != "pass"} == refused
    assert checks["disc.length"].measured == round(frames / 44_100 / 60, 2)


def test_it_names_the_short_track(tmp_path):
    check = judged(tmp_path, 600 * SECTOR, [("a", 0), ("b", 100), ("c", 200)])["disc.tracks"]
    assert (check.measured, check.reason) == (1.33, "of a")
