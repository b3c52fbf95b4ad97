"""What was made and what passed: no change of either record, or of the file, goes unnoticed."""

from __future__ import annotations

import hashlib
import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemwright.base.errors import ChangedFileError
from stemwright.gates import Subject, make, verify
from stemwright.records.produced import describe_change, read_produced, write_produced
from stemwright.records.sentinel import has_sound_sentinel, read_sentinel, verify_unchanged, write_sentinel

RECORD = {
    "kind": "stem",
    "format": {"frames": 3},
    "checks": [{"id": "dc", "measured": 0.1, "status": "pass"}],
}
FUZZ = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def artifact(tmp_path, monkeypatch):
    """An artifact, and a file made with it, as a job and its verification leave them: in the working directory."""
    monkeypatch.chdir(tmp_path)
    os.makedirs("build/tune/master")
    name = "build/tune/master/master.wav"
    for file in (name, "build/tune/master/master.json"):
        with open(file, "wb") as opened:
            opened.write(file.encode() * 100)
    write_produced(f"{name}.made", [name, "build/tune/master/master.json"])
    with open(name, "rb") as opened:
        digest = hashlib.sha256(opened.read()).hexdigest()
    write_sentinel(name, {"artifact": name, "sha256": digest, **RECORD})
    return name


def test_sha256sum_reads_the_record(artifact, needs):
    subprocess.run([needs("sha256sum"), "-c", "--strict", f"{artifact}.made"], check=True)


def test_all_is_well(artifact):
    verify_unchanged(artifact)
    assert read_sentinel(artifact)["checks"] == RECORD["checks"]
    assert describe_change(read_produced(artifact)) == ""


@pytest.mark.parametrize("ending", ["", ".made", ".ok", "json"])
def test_any_bit_flipped_is_noticed(artifact, ending):
    path = f"{artifact}{ending}" if ending != "json" else artifact.replace("wav", "json")
    with open(path, "rb") as file:
        good = file.read()
    passed = read_sentinel(artifact)

    @FUZZ
    @given(st.integers(0, 8 * len(good) - 1))
    def flip(bit):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        with open(path, "wb") as file:
            file.write(bad)
        try:
            verify_unchanged(artifact)
        except ChangedFileError as error:
            assert error.artifact == artifact
        else:  # white space, or a number spelt otherwise
            assert ending == ".ok" and read_sentinel(artifact) == passed

    flip()


@FUZZ
@given(st.binary(max_size=300))
def test_any_content_is_a_clean_error(artifact, content):
    for ending, read in ((".made", read_produced), (".ok", lambda a: read_sentinel(a))):
        with open(f"{artifact}{ending}", "wb") as file:
            file.write(content)
        with pytest.raises(ChangedFileError, match="damaged"):
            read(artifact)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"{}", b"[]", b'"x"', b"null", b'{"seal": NaN}', b"1e999"]
)
def test_json_that_is_no_sentinel(artifact, content):
    with open(f"{artifact}.ok", "wb") as file:
        file.write(content)
    with pytest.raises(ChangedFileError, match="damaged"):
        read_sentinel(artifact)


def test_what_is_missing_or_no_file_is_said(artifact):
    os.unlink("build/tune/master/master.json")
    with pytest.raises(ChangedFileError, match=r"master\.json: is not what the job made: sha256 none"):
        verify_unchanged(artifact)
    os.mkdir("build/tune/master/master.json")
    with pytest.raises(ChangedFileError, match=r"master\.json: is not what the job made: sha256 none"):
        verify_unchanged(artifact)
    os.unlink(f"{artifact}.made")
    with pytest.raises(ChangedFileError, match=r"master\.wav\.made: is missing"):
        verify_unchanged(artifact)


def test_verification_refuses_what_was_not_made(artifact):
    for made, status in ((read_produced(artifact), "pass"), ({artifact: "0" * 64}, "fail")):
        verdict = verify(Subject(artifact, "archive"), make({}), made)
        (check,) = verdict.checks
        assert check.id == "made" and check.status == status and verdict.passed == (status == "pass")
    found = read_produced(artifact)[artifact]
    assert f"{artifact}: is not what the job made: sha256 {found}, expected 0000" in check.reason


@pytest.mark.parametrize("artifact", ["a.wav", 'build/"é"/a.wav'])
def test_the_quick_look_at_a_sentinel_says_what_the_long_one_says(tmp_path, monkeypatch, artifact):
    """Whichever byte is another, or missing."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"{artifact}.ok"
    write_sentinel(artifact, {"artifact": artifact, "sha256": "0f", "checks": [{"id": "dc"}]})
    good = path.read_bytes()
    assert has_sound_sentinel(artifact)
    for at in range(len(good)):
        for bad in (good[:at], good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]):
            path.write_bytes(bad)
            assert has_sound_sentinel(artifact) == sounds(artifact)
    write_sentinel(artifact, {"artifact": "other.wav", "sha256": "0f"})
    path.write_bytes((tmp_path / f"{artifact}.ok").read_bytes())
    assert not has_sound_sentinel(artifact)


def sounds(artifact):
    try:
        read_sentinel(artifact)
    except ChangedFileError:
        return False
    return True
