"""The gate of an album's loudness: figures as ffmpeg measures them, and what is told of a target and a spread."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_signals import sine

from stemwright.gates import Subject, make, verify
from stemwright.mixing.loudness_targets import limits

RATE = 16_000
LEVELS = {"quiet": -29.0, "loud": -17.0, "middle": -20.0}
LENGTH, GAP = 2 * RATE, RATE


@pytest.fixture(scope="module")
def disc(tmp_path_factory):
    """Three tracks with a second of silence between them: its path, and where each is."""
    path = tmp_path_factory.mktemp("disc") / "disc.wav"
    parts, spans, at = [], [], 0
    for name, level in LEVELS.items():
        parts += [sine(level, 2, 997, rate=RATE), np.zeros((GAP, 2))]
        spans.append((name, at, at + LENGTH))
        at += LENGTH + GAP
    sf.write(path, np.concatenate(parts), RATE, "FLOAT")
    return path, spans


def judged(disc, target=None, **limits_of_gate):
    path, spans = disc
    context = {"album": spans, **({"target": target} if target else {})}
    found = verify(Subject(str(path), "disc", context=context), make({"album_loudness": limits_of_gate}))
    return {check.id.partition(".")[2]: check for check in found.checks}


def test_the_album_is_as_loud_as_ffmpeg_says_and_its_tracks_as_written(needs, disc):
    checks = judged(disc)
    said = subprocess.run(
        [needs("ffmpeg"), "-nostdin", "-i", disc[0], "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    whole = float(re.findall(r"I:\s+(-[\d.]+) LUFS", said)[-1])
    assert checks["album"].measured == pytest.approx(whole, abs=0.06)
    # A sine of 997 Hz in both channels has the loudness of its peak level, to the EBU's tolerance (Tech 3341).
    assert checks["loudest"].measured == pytest.approx(-17, abs=0.1) and "loud" in checks["loudest"].reason
    assert checks["spread"].measured == pytest.approx(12, abs=0.1)
    assert checks["spread"].reason.startswith("from quiet (-28.9") and checks["loudest"].status == "skip"


@pytest.mark.parametrize(
    "target, status, limit",
    [
        (limits(None, -17.0, None, None), "pass", "-17 ±0.5"),
        (limits(None, -19.0, None, None), "fail", "-19 ±0.5"),
        (limits("aes77", None, None, None), "warn", "-14 ±0.5 (aes77)"),  # not -16, which a single track has
        (limits("apple-music", None, None, None), "warn", "-16 ±0.5 (apple-music)"),
        (limits("ebu-r128", None, 5, None), "fail", "-23 ±5 (ebu-r128)"),
    ],
)
def test_the_loudest_track_has_the_loudness_of_the_target(disc, target, status, limit):
    check = judged(disc, target)["loudest"]
    assert (check.status, check.limit) == (status, limit)
    if status != "pass":
        away = check.measured - target.get("album_lufs", target["integrated_lufs"])
        assert (
            f"{'lower' if away > 0 else 'raise'} the master.target of all its songs by {abs(away):.1f} dB"
            in check.remedy
        )


@pytest.mark.parametrize(
    "keys, status", [({}, "warn"), ({"severity": "error"}, "fail"), ({"max_spread_lu": 13}, "pass")]
)
def test_the_spread(disc, keys, status):
    assert judged(disc, **keys)["spread"].status == status


def test_silence_cannot_be_measured(tmp_path):
    sf.write(tmp_path / "a.wav", np.zeros((RATE, 2)), RATE)
    (check,) = verify(
        Subject(str(tmp_path / "a.wav"), "disc", context={"album": [("a", 0, RATE)]}),
        make({"album_loudness": {}}),
    ).checks
    assert check.status == "fail" and "cannot be measured" in check.reason
