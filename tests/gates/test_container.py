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


@pytest.mark.parametrize(
    "name, told",
    [
        ("a.wav", "nothing in WAV files can show damage to their samples"),
        ("a.aiff", "nothing in AIFF files can show damage to their samples"),
        ("a.ogg", "compared: the number and the checksum of each page"),
        (
            "a.flac",
            "compared: the number of each frame and the checksum of its header, the checksum of each frame, the MD5",
        ),
        (
            "a.mp3",
            "compared: where each frame begins, the number of frames, the checksum of all frames (LAME)",
        ),
    ],
)
def test_it_says_what_was_compared(tmp_path, name, told):
    path = tmp_path / name
    sf.write(path, tone(), RATE)
    check = only(verify(Subject(str(path), "reference", alone=True), make({"container": {}})))
    assert check.status == "pass" and told in check.limit
    if name == "a.mp3":
        path.write_bytes(path.read_bytes().replace(b"Info", b"none").replace(b"Xing", b"none"))
        check = only(verify(Subject(str(path), "reference", alone=True), make({"container": {}})))
        assert check.limit.endswith(
            "compared: where each frame begins; nothing in it can show damage within a frame"
        )


def test_a_flac_that_is_not_read_to_its_end(tmp_path, judged):
    """The MD5 is that of all samples."""
    sf.write(tmp_path / "source.flac", tone(), RATE)
    inputs = {"source": [str(tmp_path / "source.flac")]}
    for frames, compared in [(8_000, False), (16_000, True), (20_000, True)]:
        check = judged("container", tone(), "reference", context={"song_frames": frames}, inputs=inputs)
        assert check.status == "pass" and ("MD5" in check.limit) is compared
