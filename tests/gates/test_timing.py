"""What holds for both gates of onsets, grid and tempo."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest
from click_tracks import RATE, ROCK, drummed, judge, statuses, timeline
from marks import long_but

from stemwright.gates import Subject, make
from stemwright.measure.onsets import Onsets


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "gate, reason", [("grid", "fewer than 20 were found"), ("tempo", "0 onsets: fewer than 12")]
)
def test_silence_is_skipped_with_a_reason(judged, gate, reason):
    (check,) = judged(gate, np.zeros((RATE, 1)), {"timeline": timeline(120).to_dict()}, "reference").values()
    assert check.status == "skip" and reason in check.reason


@pytest.mark.parametrize("gate", ["grid", "tempo"])
def test_not_finite_is_refused_and_no_timeline_skipped(judged, gate):
    samples, facts = drummed(timeline(120))
    assert statuses(judged(gate, samples, None)) == ["skip"]
    samples[RATE] = np.inf
    (check,) = judged(gate, samples, facts).values()
    assert check.status == "fail" and "not finite" in check.reason


# --- advice that was tried ---------------------------------------------------------------------------

LISTENING_RATE = 16_000
PATTERNS = {"rock": ROCK, "house": {"kick": "x---x---x---x---", "open_hat": "--x---x---x---x-"}}


def refused(samples, bpm):
    """The remedies of what is refused or warned about in a reference of a song at this tempo."""
    meter = Onsets()
    meter.start(LISTENING_RATE, 1)
    meter.feed(samples)
    grid = timeline(
        round(bpm, 6), bars=int(len(samples) / LISTENING_RATE * bpm / 240) + 2, rate=LISTENING_RATE
    )
    subject = Subject("", "reference", {}, {"grid": {"timeline": grid.to_dict()}})
    checks = [check for gate in make({"tempo": {}, "grid": {}}) for check in gate.judge(subject, [meter])]
    return {check.remedy for check in checks if check.status in ("fail", "warn")}


def follow(remedy, samples, bpm):
    """The reference and the tempo of the song after doing what a remedy says."""
    said = {name: re.search(text, remedy) for name, text in SAID.items()}
    assert any(said.values()), remedy
    if said["bpm"]:
        bpm = float(said["bpm"][1])
    if said["later"]:
        samples = samples[round(float(said["later"][1]) * LISTENING_RATE) :]
    if said["silence"]:
        samples = np.concatenate((np.zeros((round(float(said["silence"][1]) * LISTENING_RATE), 1)), samples))
    return samples, bpm


SAID = {
    "bpm": r"set bpm: ([\d.]+)",
    "later": r"begin ([\d.]+) s later",
    "silence": r"put ([\d.]+) s of silence",
}


@pytest.mark.parametrize("pattern", long_but(["rock"], PATTERNS))
@pytest.mark.parametrize("late", long_but([0.413], [0.413, 0.0, 1.7, -0.03]))
@pytest.mark.parametrize(
    "factor", long_but([2 / 3, 4 / 3, 1.0003, 1], [2 / 3, 4 / 3, 1.0003, 1, 3 / 4, 3 / 2, 0.98])
)
def test_advice_is_accepted_when_followed(pattern, late, factor):
    samples, _ = drummed(timeline("129.99", bars=12, rate=LISTENING_RATE), patterns={"*": PATTERNS[pattern]})
    frames = round(late * LISTENING_RATE)
    samples = np.concatenate((np.zeros((frames, 1)), samples)) if late >= 0 else samples[-frames:]
    bpm, steps = 129.99 * factor, 0
    while remedies := refused(samples, bpm):
        assert len(remedies) == 1 and steps < 2
        samples, bpm = follow(*remedies, samples, bpm)
        steps += 1
    if steps:
        assert min(abs(bpm / 129.99 / fold - 1) for fold in (1, 1 / 2, 2)) < 0.0001
    else:
        assert late == 0  # what lies on the grid at a fold is not refused


def test_what_gets_faster_is_said_to_fit_no_tempo():
    samples, _ = drummed(timeline(120, bars=12, rate=LISTENING_RATE))
    t = np.arange(len(samples)) / LISTENING_RATE
    samples = np.interp((t + 0.0015 * t**2)[: int(0.95 * len(t))], t, samples[:, 0])[:, None]
    (remedy,) = refused(samples, 120)
    assert remedy.startswith(
        "no constant bpm and start make it pass: set gates.tempo and gates.grid to false"
    )
