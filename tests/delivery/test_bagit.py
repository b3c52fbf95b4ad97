"""A delivery as a bag: valid for the library `bagit`, which refuses it as soon as anything is changed."""

from __future__ import annotations

import logging

import bagit
import pytest
from deliveries import AUDIO, digest

from stemwright.delivery.bagit import PAYLOAD, TAG_FILES, PayloadFile, tag_files

FILES = {**AUDIO, "Déjà vu 春.wav": b"x", "README.txt": b""}


def tags(**said):
    return tag_files([PayloadFile(name, digest(data), len(data)) for name, data in FILES.items()], **said)


@pytest.fixture
def bag(tmp_path):
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    (tmp_path / PAYLOAD).mkdir()
    for name, data in FILES.items():
        (tmp_path / PAYLOAD / name).write_bytes(data)
    for name, data in tags(title="First \x1b[2J\nLight", date="2024-05-31").items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_it_is_valid(bag):
    found = bagit.Bag(str(bag))
    found.validate(completeness_only=False)
    assert found.version_info == (1, 0) and found.encoding.lower() == "utf-8"
    assert found.info == {
        "External-Description": r"First \x1b[2J\nLight",
        "Bagging-Date": "2024-05-31",
        "Payload-Oxum": f"{sum(map(len, FILES.values()))}.4",
    }
    assert found.payload_entries().keys() == {PAYLOAD + name for name in FILES}
    assert tuple(tags()) == TAG_FILES


def test_no_date_is_made_up():
    for date in ("", "2024", "2024-05"):
        assert (
            tags(date=date)["bag-info.txt"] == f"Payload-Oxum: {sum(map(len, FILES.values()))}.4\n".encode()
        )


def test_a_percent_sign_is_encoded():
    """RFC 8493, 2.1.3. (The library `bagit` does not decode it; no delivered file is called so.)"""
    line = tag_files([PayloadFile("100 %.wav", digest(b""), 0)])["manifest-sha256.txt"].decode()
    assert line == f"{digest(b'')}  data/100 %25.wav\n"


@pytest.mark.parametrize("name", ["data/a_bass.wav", "data/README.txt", *TAG_FILES])
def test_what_was_changed_is_refused(bag, name):
    (bag / name).write_bytes((bag / name).read_bytes() + b"More: of it\n")
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(bag)).validate()


@pytest.mark.parametrize("name", ["data/a_bass.wav", "bagit.txt", "manifest-sha256.txt", "bag-info.txt"])
def test_what_is_incomplete_is_refused(bag, name):
    (bag / name).unlink()
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(bag)).validate()


def test_what_is_too_much_is_refused(bag):
    (bag / PAYLOAD / "more.wav").write_bytes(b"")
    with pytest.raises(bagit.BagError, match="found 5 files"):
        bagit.Bag(str(bag)).validate()
