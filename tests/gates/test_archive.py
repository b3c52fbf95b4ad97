"""The gate of archives: a delivery is refused if it is not what was verified."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from deliveries import AUDIO, described, digest

from stemwright.base.files import json_text
from stemwright.delivery import verify
from stemwright.delivery.bagit import PayloadFile, tag_files
from stemwright.delivery.client_readme import readme
from stemwright.delivery.manifest import sha256sums
from stemwright.delivery.zip_writer import Member, write_zip
from stemwright.gates import Subject
from stemwright.gates.archive import Archive
from stemwright.records.paths import sentinel_of
from stemwright.records.sentinel import write_sentinel


@dataclass
class Delivery:
    """What a test may spoil before it is packed and judged."""

    audio: dict
    listed: dict
    sums: str
    order: list
    texts: dict = field(default_factory=dict)


def planned(folder, archive):
    """An archive that should hold `AUDIO`, whose files have passed."""
    for name, data in AUDIO.items():
        write_sentinel(str(folder / name), {"artifact": str(folder / name), "sha256": digest(data)})
    sentinels = [sentinel_of(str(folder / name)) for name in AUDIO]
    return Subject(str(archive), "archive", context={"archive": list(AUDIO)}, inputs={"sentinels": sentinels})


def judged(folder, spoil=lambda delivery: None, **limits):
    """What is measured by each check that does not pass, by its id and status."""
    listed = described()
    texts = {"manifest.json": json_text(listed).encode(), "README.txt": readme(listed).encode()}
    texts["verify.py"] = Path(verify.__file__).read_bytes()
    sums = sha256sums({name: digest(data) for name, data in {**AUDIO, **texts}.items()})
    order = [*AUDIO, *texts, "SHA256SUMS"]
    delivery = Delivery(dict(AUDIO), listed, sums, list(order))
    spoil(delivery)
    texts["manifest.json"] = json_text(delivery.listed).encode()
    texts |= delivery.texts
    content = {**delivery.audio, **texts, "SHA256SUMS": delivery.sums.encode()}
    path = folder / "a.zip"
    write_zip(path, [Member(name, content[name]) for name in delivery.order])
    checks = Archive(**limits).judge(planned(folder, path), [])
    assert all(check.limit and check.measured and str(path) in check.remedy for check in checks)
    return {(check.id, check.status): check.measured for check in checks if check.status != "pass"}


def test_gate_passes_a_delivery(tmp_path):
    assert judged(tmp_path) == {}


def lost(delivery):
    delivery.order.remove("a_bass.wav")


def added(delivery):
    delivery.audio["b.wav"] = b""
    delivery.order.append("b.wav")


def reordered(delivery):
    delivery.order.reverse()


def other_audio(delivery):
    delivery.audio["a_bass.wav"] += b"!"


def other_audio_with_its_papers(delivery):
    old, new = digest(AUDIO["a_bass.wav"]), digest(b"new")
    delivery.audio["a_bass.wav"] = b"new"
    delivery.listed["files"][1]["sha256"] = new
    delivery.sums = delivery.sums.replace(old, new)


def other_digest_listed(delivery):
    delivery.listed["files"][1]["sha256"] = digest(b"")


def not_listed(delivery):
    delivery.listed["files"].pop()


def listed_twice(delivery):
    delivery.listed["files"] *= 2


def listed_too_much(delivery):
    delivery.listed["files"].append({"name": "c.wav", "sha256": digest(b"")})


def no_manifest(delivery):
    delivery.order.remove("manifest.json")


def odd_manifest(delivery):
    delivery.listed = [[]]


def no_sums(delivery):
    delivery.sums = "\n"


def other_sum(delivery):
    delivery.sums = delivery.sums.replace(digest(AUDIO["a_bass.wav"]), digest(b""))


def summed_twice(delivery):
    delivery.sums += delivery.sums


def odd_sums(delivery):
    delivery.sums += "hello\n"


def not_summed(delivery):
    delivery.sums = "".join(delivery.sums.splitlines(keepends=True)[1:])


def summed_too_much(delivery):
    delivery.sums += sha256sums({"c.wav": digest(b"")})


def other_program(delivery):
    """With its checksum in SHA256SUMS."""
    old = digest(Path(verify.__file__).read_bytes())
    delivery.texts["verify.py"] = b"import this"
    delivery.sums = delivery.sums.replace(old, digest(b"import this"))


@pytest.mark.parametrize(
    ("spoil", "failing", "told"),
    [
        (lost, "members sha256 sums", "'a_bass.wav' is missing"),
        (added, "members sums", "'b.wav' does not belong here"),
        (reordered, "members", "the order is 'SHA256SUMS', 'verify.py'"),
        (other_program, "sha256", "in Stemwright"),
        (other_audio, "sha256 sums", "in its sentinel"),
        (other_audio_with_its_papers, "sha256 sums", "in its sentinel"),
        (other_digest_listed, "sha256 sums", "'a_bass.wav' is "),
        (not_listed, "members sums", "'a_bass.wav' is not in manifest.json"),
        (listed_twice, "members sha256 sums", "manifest.json is missing or cannot be read"),
        (listed_too_much, "members sha256 sums", "'c.wav' is only in manifest.json"),
        (no_manifest, "members sha256 sums", "'manifest.json' is missing"),
        (odd_manifest, "members sha256 sums", "manifest.json is missing or cannot be read"),
        (no_sums, "sums", "SHA256SUMS is missing or cannot be read"),
        (odd_sums, "sums", "SHA256SUMS is missing or cannot be read"),
        (summed_twice, "sums", "SHA256SUMS is missing or cannot be read"),
        (other_sum, "sums", "'a_bass.wav' is "),
        (not_summed, "sums", "'a_master.wav' is not in SHA256SUMS"),
        (summed_too_much, "sums", "'c.wav' is only in SHA256SUMS"),
    ],
)
def test_gate_refuses_what_was_not_verified(tmp_path, spoil, failing, told):
    refused = judged(tmp_path, spoil)
    assert list(refused) == [(f"archive.{check}", "fail") for check in failing.split()]
    assert told in next(iter(refused.values()))
    warned = judged(tmp_path, spoil, severity="warn")
    assert list(warned) == [(f"archive.{check}", "warn") for check in failing.split()]


def test_gate_refuses_a_damaged_archive(tmp_path):
    judged(tmp_path)
    path = tmp_path / "a.zip"
    data = bytearray(path.read_bytes())
    data[10_000] ^= 1
    path.write_bytes(data)
    checks = Archive().judge(planned(tmp_path, path), [])
    refused = {check.id for check in checks if check.status == "fail"}
    assert refused == {"archive.structure", "archive.sha256", "archive.sums"}


BAG = {"title": "First Light", "date": "2024-05-31"}


def judged_bag(folder, spoil=lambda members: None):
    """The same of a bag, whose members a test may spoil."""
    listed = described()
    texts = {"manifest.json": json_text(listed).encode(), "README.txt": readme(listed).encode()}
    texts["verify.py"] = Path(verify.__file__).read_bytes()
    content = {**AUDIO, **texts}
    content["SHA256SUMS"] = sha256sums({name: digest(data) for name, data in content.items()}).encode()
    payload = [PayloadFile(name, digest(data), len(data)) for name, data in content.items()]
    members = {f"data/{name}": data for name, data in content.items()} | tag_files(payload, **BAG)
    spoil(members)
    write_zip(folder / "a.zip", list(members.items()))
    subject = planned(folder, folder / "a.zip")
    subject = replace(subject, context={**subject.context, "bag": BAG})
    return {check.id: check.measured for check in Archive().judge(subject, []) if check.status != "pass"}


@pytest.mark.parametrize(
    ("name", "failing"),
    [
        ("data/a_bass.wav", "sha256 sums bag"),
        ("data/README.txt", "sums bag"),
        ("bagit.txt", "bag"),
        ("bag-info.txt", "bag"),
        ("manifest-sha256.txt", "bag"),
        ("tagmanifest-sha256.txt", "bag"),
    ],
)
def test_gate_of_a_bag(tmp_path, name, failing):
    assert judged_bag(tmp_path) == {}
    changed = judged_bag(tmp_path, lambda members: members.update({name: members[name] + b" "}))
    assert list(changed) == [f"archive.{check}" for check in failing.split()]
    lost = judged_bag(tmp_path, lambda members: members.pop(name))
    assert lost["archive.members"].startswith(f"'{name}' is missing")
    moved = judged_bag(tmp_path, lambda members: members.update({name.removeprefix("data/") + "2": b""}))
    assert "archive.members" in moved
