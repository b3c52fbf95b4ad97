"""The gate of metadata: known-good files pass, and those that say something else, less or more are refused."""

import struct

import mutagen
import pytest
from gate_files import only
from mutagen.id3 import TSRC
from said import CONTAINERS, RATE, SAID, png, tagged, untagged

from stemwright.delivery.metadata import write_metadata
from stemwright.gates import Subject, make, verify


@pytest.fixture
def judged(tmp_path):
    """`judged(path, container)` is the check of a file."""
    (tmp_path / "cover.png").write_bytes(png())

    def judge(path, container, said=SAID):
        form = {"container": container, "sample_rate": RATE, "metadata": said}
        subject = Subject(str(path), "delivered", form, inputs={"cover": [str(tmp_path / "cover.png")]})
        return only(verify(subject, make({"metadata": {}})))

    return judge


@pytest.mark.parametrize("container", [c for c in CONTAINERS if c != "ALAC"])
def test_a_file_that_says_all_passes_and_an_untagged_one_does_not(tmp_path, judged, container, needs):
    needs("ffmpeg")
    good = judged(tagged(tmp_path, container), container)
    assert (good.status, good.reason) == ("pass", "")
    number, _, of = good.measured.partition(" of ")
    assert number == of and int(of) >= 15 + 3 + 1
    bad = judged(untagged(tmp_path, container), container)
    assert (bad.status, bad.measured) == ("fail", f"0 of {of}")
    assert "title is missing" in bad.reason.lower()


def test_what_differs_is_named(tmp_path, judged):
    path = tagged(tmp_path, "FLAC")
    file = mutagen.File(path)
    file["ISRC"] = "GBABC2400018"
    file.save()
    check = judged(path, "FLAC")
    assert check.status == "fail"
    assert check.reason == "ISRC is 'GBABC2400018', not 'GBABC2400017'"


def test_an_isrc_that_the_file_should_not_have_is_refused(tmp_path, judged):
    path = tagged(tmp_path, "MP3", {"tags": {"title": "Bass"}, "rate": RATE})
    tags = mutagen.File(path)
    tags.tags.add(TSRC(text=["GBABC2400017"]))
    tags.save()
    check = judged(path, "MP3", {"tags": {"title": "Bass"}, "rate": RATE})
    assert check.reason == "isrc is there ('GBABC2400017'), and should not be"


def test_another_cover_is_refused(tmp_path, judged):
    path = tagged(tmp_path, "OGG")
    (tmp_path / "cover.png").write_bytes(png(9, 9))
    assert judged(path, "OGG").reason.startswith("cover is ")


def test_a_cue_a_frame_off_is_refused(tmp_path, judged):
    path = tagged(tmp_path, "WAV")
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"cue ") + 12 + 24 + 20, 1_001)
    path.write_bytes(data)
    assert judged(path, "WAV").reason.startswith("section 2 is '1,001 2,001 Vérse")


@pytest.mark.parametrize(
    "field, told", [(412, "bext levels"), (346, "bext is"), (338, "bext time reference")]
)
def test_a_field_of_bext_that_is_wrong_is_refused(tmp_path, judged, field, told):
    path = tagged(tmp_path, "WAV")
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.index(b"bext") + 8 + field, 9)
    path.write_bytes(data)
    check = judged(path, "WAV")
    assert check.status == "fail" and check.reason.startswith(told)


def test_bext_behind_the_audio_is_refused(tmp_path, judged):
    path = untagged(tmp_path, "WAV")
    said = {"rate": RATE, "bext": SAID["bext"]}
    plain = path.read_bytes()
    write_metadata(path, "WAV", said)
    (tmp_path / "cover.png").unlink()
    form = {"container": "WAV", "sample_rate": RATE, "metadata": said}
    assert only(verify(Subject(str(path), "delivered", form), make({"metadata": {}}))).status == "pass"
    data = path.read_bytes()
    at = data.index(b"bext")
    chunk = data[at : at + 8 + struct.unpack_from("<I", data, at + 4)[0]]
    chunk += bytes(len(chunk) % 2)
    moved = plain + chunk
    path.write_bytes(moved[:4] + struct.pack("<I", len(moved) - 8) + moved[8:])
    check = only(verify(Subject(str(path), "delivered", form), make({"metadata": {}})))
    assert (check.status, check.reason) == ("fail", "bext is 'version 2, behind the audio', not 'version 2'")


def test_damaged_tags_are_refused(tmp_path, judged):
    path = tagged(tmp_path, "MP3")
    data = path.read_bytes()
    path.write_bytes(data[:3] + b"\x09" + data[4:])
    assert judged(path, "MP3").status == "fail"
