"""Room tone: speech between two stretches of it, of known lengths."""

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates._base import Subject
from stemwright.gates.room_tone import RoomTone
from stemwright.measure import measure
from stemwright.mixing.loudness_targets import limits

RATE = 11_025


def checks(tmp_path, head_s, tail_s, tone_dbfs=-70.0, preset="acx"):
    rng = np.random.default_rng(5)
    seconds = head_s + 3 + tail_s
    time = np.arange(round(seconds * RATE)) / RATE
    speaking = (time >= head_s) & (time < head_s + 3)
    syllables = speaking * 0.1 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)) * rng.normal(size=len(time))
    sf.write(
        tmp_path / "x.wav", syllables + 10 ** (tone_dbfs / 20) * rng.normal(size=len(time)), RATE, "FLOAT"
    )
    subject = Subject(str(tmp_path / "x.wav"), "master", context={"target": limits(preset, None, None, None)})
    gate = RoomTone()
    meters = gate.meters(subject)
    measure(subject.path, meters)
    return {check.id: (check.status, check.measured) for check in gate.judge(subject, meters)}


@pytest.mark.parametrize(
    ("head_s", "tail_s", "statuses"),
    [
        (0.75, 2, ("pass", "pass")),
        (0.5, 5, ("pass", "pass")),
        (0.3, 2, ("fail", "pass")),
        (1.3, 2, ("fail", "pass")),
        (0.75, 0.5, ("pass", "fail")),
        (0.75, 5.5, ("pass", "fail")),
    ],
)
@pytest.mark.parametrize("tone_dbfs", [-75.0, -55.0])
def test_lengths(tmp_path, head_s, tail_s, statuses, tone_dbfs):
    found = checks(tmp_path, head_s, tail_s, tone_dbfs)
    assert (found["room_tone.head"][0], found["room_tone.tail"][0]) == statuses
    assert found["room_tone.head"][1] == pytest.approx(head_s, abs=0.03)
    assert found["room_tone.tail"][1] == pytest.approx(tail_s, abs=0.03)


def test_it_is_not_asked_of_other_targets(tmp_path):
    assert checks(tmp_path, 0, 0, preset="ebu-r128") == {}


def test_what_never_stands_out_is_refused(tmp_path):
    sf.write(tmp_path / "x.wav", 0.1 * np.random.default_rng(1).normal(size=RATE), RATE, "FLOAT")
    subject = Subject(str(tmp_path / "x.wav"), "master", context={"target": limits("acx", None, None, None)})
    meters = RoomTone().meters(subject)
    measure(subject.path, meters)
    assert [check.status for check in RoomTone().judge(subject, meters)] == ["fail", "fail"]
