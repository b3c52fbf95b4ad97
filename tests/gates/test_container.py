"""The gate of containers: a file is as its header declares."""

from __future__ import annotations

from functools import partial

import pytest
import soundfile as sf
from gate_files import EXPECT, RATE, judge, only, tone

from stemwright.gates import Subject, make, verify


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


@pytest.mark.parametrize(
    "end, more, told",
    [
        (-1, b"", "truncated: its header declares 128,000 bytes of audio, the file holds 127,999"),
        (64_000, b"", "truncated: its header declares 128,000 bytes of audio, the file holds 63,"),
        (None, b"\0", "1 bytes after its end"),
        (None, b"junk" * 1_000, "4,000 bytes after its end"),
    ],
)
def test_container(tmp_path, end, more, told):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    path.write_bytes(path.read_bytes()[:end] + more)
    check = only(verify(Subject(str(path), "stem", EXPECT), make({"container": {}})))
    assert (check.status, check.measured) == ("fail", "WAV, not as declared") and told in check.reason
    assert check.remedy == f"delete {path}: the next run makes it again"


def test_a_reference_is_judged_by_the_file_it_came_from(tmp_path, judged):
    source = tmp_path / "source.wav"
    sf.write(source, tone(), RATE, "PCM_16")
    inputs = {"source": [str(source)]}
    assert judged("container", tone(), "reference", inputs=inputs).status == "pass"
    source.write_bytes(source.read_bytes()[:-100])
    check = judged("container", tone(), "reference", inputs=inputs)
    assert check.status == "fail" and "source.wav again; do not loop" in check.remedy
