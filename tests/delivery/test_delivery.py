"""The delivery: packed the same every time, described for its client, refused if not what was verified."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from dataclasses import dataclass

import numpy as np
import pytest

from stemwright.base.errors import StemwrightError
from stemwright.base.files import json_text
from stemwright.delivery import Member, manifest, readme, sha256sums, write_zip
from stemwright.delivery import zip_writer as writer
from stemwright.delivery.zip_reader import read_zip
from stemwright.gates import Subject
from stemwright.gates.archive import Archive
from stemwright.music.timeline import Timeline
from stemwright.music.timeline.timeline import document
from stemwright.records.paths import sentinel_of
from stemwright.records.sentinel import write_sentinel

NOISE = np.random.default_rng(1).integers(0, 256, 30_000, dtype=np.uint8).tobytes()
AUDIO = {"a_master.wav": NOISE + bytes(70_000), "a_bass.wav": bytes(50_000) + NOISE[:5_000]}


def digest(data):
    return hashlib.sha256(data).hexdigest()


# Writing


def members(folder):
    for name, data in AUDIO.items():
        (folder / name).write_bytes(data)
    digests = {name: digest(data) for name, data in AUDIO.items()}
    audio = [(name, folder / name, sha256) for name, sha256 in digests.items()]
    return [*audio, ("manifest.json", b"{}"), ("SHA256SUMS", sha256sums(digests).encode())]


@pytest.mark.parametrize("zip64_from", [writer.ZIP64_FROM, 20_000])
def test_others_can_read_what_we_write(tmp_path, monkeypatch, needs, zip64_from):
    monkeypatch.setattr(writer, "ZIP64_FROM", zip64_from)
    path = tmp_path / "a.zip"
    write_zip(path, members(tmp_path))
    assert not read_zip(path).findings
    assert (b"PK\6\6" in path.read_bytes()) == (zip64_from == 20_000)
    subprocess.run([needs("unzip"), "-tq", path], check=True)
    subprocess.run([sys.executable, "-m", "zipfile", "-t", path], check=True)
    subprocess.run([needs("unzip"), "-q", path, "-d", tmp_path / "out"], check=True)
    subprocess.run([needs("sha256sum"), "--strict", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=True)
    with zipfile.ZipFile(path) as file:
        assert file.namelist() == [*AUDIO, "manifest.json", "SHA256SUMS"]
        for info in file.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.external_attr, info.flag_bits) == (0o100644 << 16, 0)
            assert bool(info.extra) == (info.file_size >= zip64_from or info.header_offset >= zip64_from)


def test_same_bytes_in_another_place_and_time(tmp_path, monkeypatch):
    first, second = tmp_path / "a", tmp_path / "another"
    written = []
    for folder, zone, mode in ((first, "UTC", 0o644), (second, "Asia/Kathmandu", 0o400)):
        folder.mkdir()
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        packed = members(folder)
        for name in AUDIO:
            os.chmod(folder / name, mode)
            os.utime(folder / name, (1_000_000_000 + mode, 1_000_000_000 + mode))
        write_zip(folder / f"{zone[:3]}.zip", packed)
        written.append((folder / f"{zone[:3]}.zip").read_bytes())
    monkeypatch.undo()
    time.tzset()
    assert written[0] == written[1]


def test_more_members_than_16_bits_count(tmp_path):
    write_zip(tmp_path / "a.zip", [(str(number), b"") for number in range(65_535)])
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.namelist() == [str(number) for number in range(65_535)]
    assert b"PK\6\6" in (tmp_path / "a.zip").read_bytes()[-100:]


def test_what_cannot_shrink_hardly_grows(tmp_path):
    write_zip(tmp_path / "a.zip", [("noise", NOISE)])
    assert (tmp_path / "a.zip").stat().st_size < 1.01 * len(NOISE)


def test_only_names_beyond_ascii_are_flagged(tmp_path):
    write_zip(tmp_path / "a.zip", [("a", b"1"), ("ä", b"2")])
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert {info.filename: info.flag_bits for info in file.infolist()} == {"a": 0, "ä": 1 << 11}


def test_a_file_that_changed_is_not_packed(tmp_path):
    changed = tmp_path / "a_bass.wav"
    packed = members(tmp_path)
    changed.write_bytes(AUDIO[changed.name][:-1] + b"!")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(StemwrightError, match=rf"{changed}: changed since it was verified"):
        write_zip(tmp_path / "a.zip", packed)
    changed.unlink()
    with pytest.raises(StemwrightError, match=rf"{changed}: cannot be read"):
        write_zip(tmp_path / "a.zip", packed)
    assert sorted([*os.listdir(tmp_path), changed.name]) == before


HOSTILE = {
    "absolute": ["/a", "C:a"],
    "a part that is": ["../a", "a/../b", "./a"],
    "empty": ["", "a//b", "a/"],
    "backslash": ["a\\b"],
    "control character": ["a\n", "a\0b", "\x7f", "\ud800"],
    "longer than": ["a" * 256],
}
TOGETHER = {"are the same name": [["a", "A"], ["é", "e\u0301"]], "is in a folder": [["a", "a/b"]]}
CASES = [([name], why) for why, names in HOSTILE.items() for name in names]
CASES += [(names, why) for why, sets in TOGETHER.items() for names in sets]


@pytest.mark.parametrize(("names", "why"), CASES, ids=ascii)
def test_hostile_names_are_not_written(tmp_path, names, why):
    with pytest.raises(StemwrightError, match=rf"a\.zip: .*({why}).*; rename it"):
        write_zip(tmp_path / "a.zip", [(name, b"") for name in names])
    assert not os.listdir(tmp_path)


class Grown(io.BytesIO):
    """Longer when it is read than when it was asked for its size."""

    def seek(self, offset, whence=io.SEEK_SET):
        return super().seek(offset, whence) - (whence == io.SEEK_END)


def test_a_file_that_grows_is_not_packed(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "_open", lambda member: Grown(b"growing"))
    with pytest.raises(StemwrightError, match=r"changed since it was verified: 7 bytes .* expected 6 "):
        write_zip(tmp_path / "a.zip", [("a", tmp_path / "a")])
    assert not os.listdir(tmp_path)


def test_memory_does_not_grow_with_the_members(tmp_path):
    zeros = tmp_path / "zeros"
    with open(zeros, "wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    try:
        write_zip(tmp_path / "a.zip", [("zeros", zeros)])
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
        tracemalloc.reset_peak()
        assert not read_zip(tmp_path / "a.zip", texts=["zeros"]).findings
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


# The three texts, and the gate


TIMELINE = document(
    Timeline.from_dict(
        {
            "rate": 48_000,
            "frames": 6_582_858,  # 80 bars at 140 BPM, rounded up
            "end": str(320),
            "tempo": [[1, "140", "4/4"]],
            "sections": [["verse", "0", "192", 0, 3_949_714], ["bridge", "192", "320", 3_949_714, 6_582_858]],
        }
    ),
    "G major",
    [None, "Ab major"],
)


MASTER = {"file": "a_master.wav", "role": "master", "stem": None, "title": "the master"}
HALL = [{"convolution": {"file": "/home/someone/hall.wav", "mix": 0.2}}]


def described(**changes):
    """A delivery's manifest, a stem of its mix kept back."""
    audio = {"sample_rate": 48_000, "channels": 2, "subtype": "PCM_24", "frames": 6_582_858}
    sentinels = {name: {"sha256": digest(data), "format": audio} for name, data in AUDIO.items()}
    bass = {"stem": "bass", "gain_db": -3.0, "pan": -0.25, "source": "play", "instruments": ["mini-bass"]}
    drums = {"stem": "drums", "source": "reference", "instruments": ["reference"]}
    facts = {
        "song": "a",
        "title": "First Light",
        "artist": None,
        "notes": None,
        "timeline": TIMELINE,
        "files": [MASTER, {"file": "a_bass.wav", "role": "stem", "stem": "bass", "title": "the bass"}],
        "mix": [
            {**bass, "effects": [{"delay": {"length": "1/8.", "delay_seconds": None}}, *HALL]},
            {**drums, "gain_db": -6.0, "pan": 0.0, "effects": []},
        ],
        "master": {
            "effects": HALL,
            "gain_db": 2.345,
            "limiter": {"ceiling_db": -1.0},
            "target": {"integrated_lufs": -14.0},
            "integrated_lufs": -14.03,
            "true_peak_dbtp": None,
        },
        "versions": {"soundfile": "0.13.1", "numpy": "2.2.0"},
        **changes,
    }
    facts["files"] = [{**file, "sentinel": sentinels[file["file"]]} for file in facts["files"]]
    return manifest(**facts)


def test_manifest_says_how_the_stems_make_the_mix():
    data = described()
    assert json.loads(json_text(data)) == data
    assert [(f["name"], f["role"], f["stem"], f["sha256"], f["seconds"]) for f in data["files"]] == [
        ("a_master.wav", "master", None, digest(AUDIO["a_master.wav"]), 137.142875),
        ("a_bass.wav", "stem", "bass", digest(AUDIO["a_bass.wav"]), 137.142875),
    ]
    bass, drums = data["mix"]["stems"]
    assert (bass["file"], bass["gain_db"], bass["fader_db"], bass["pan"]) == ("a_bass.wav", 0.0, -3.0, -0.25)
    assert (drums["file"], drums["gain_db"], drums["fader_db"]) == (None, -6.0, -6.0)
    assert data["bars"] == 80
    assert list(data["versions"]) == ["numpy", "soundfile"]
    assert "/home" not in json_text(data)


def test_bars_are_counted_in_the_meter_of_each():
    facts = {"rate": 48_000, "frames": 360_000, "end": "10.5", "sections": []}
    facts["tempo"] = [[1, "120", "6/8"], [3, "60", "3/4"], [9, "90", "4/4"]]  # two bars of 1.5 s, 1.5 of 3 s
    assert described(timeline=document(Timeline.from_dict(facts), None, []))["bars"] == 3.5


def test_readme_tells_a_client_what_is_what():
    text = readme(described())
    for line in (
        "First Light\n===========\n",
        "\na_bass.wav     the bass\n",
        "2:17, 80 bars\n",
        "140 BPM in 4/4\n",
        "bridge: 1:22.286 to 2:17.143, from bar 49, Ab major\n",
        "Format: WAV, 48 kHz, stereo, 24-bit integer.\n",
        "All files start together at time zero and are equally long.\n",
        "(all faders at 0 dB), give the mix, but for what is not delivered.\n",
        "In the mix but not delivered: drums (reference, at -6 dB).\n",
        "bass   source play (mini-bass), delay (length 1/8.), convolution (file hall.wav, mix 0.2); ",
        "; fader -3 dB, pan 25% left\n",
        "drums  source reference; fader -6 dB\n",
        "mix after: convolution (file hall.wav, mix 0.2), gain +2.35 dB, limiter (ceiling -1 dB).\n",
        "As measured: integrated loudness -14.03 LUFS, true peak not measurable.\n",
        "Aimed at: integrated -14 LUFS.\n",
    ):
        assert line in text
    assert "Notes" not in text
    notes = "The bass is a Minimoog's.\n\nVocals follow.\n"
    said = f"Notes\n-----\n{notes}\nFiles\n-----\n"
    assert said in readme(described(notes=notes)) and described(notes=notes)["notes"] == notes
    plain = {"effects": [], "gain_db": 0.0, "limiter": None, "target": None}
    bare = readme(described(master={**plain, "integrated_lufs": None, "true_peak_dbtp": None}, title=None))
    assert bare.startswith("a\n=\n")
    assert "The master is the mix after: nothing, it is unchanged.\n" in bare
    assert "Aimed" not in bare
    alone = readme(described(files=[MASTER]))
    assert "not delivered: bass (play, at -3 dB), drums (reference, at -6 dB).\n" in alone
    assert "played together" not in alone


@dataclass
class Delivery:
    """What a test may spoil before it is packed and judged."""

    audio: dict
    listed: dict
    sums: str
    order: list


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
    sums = sha256sums({name: digest(data) for name, data in {**AUDIO, **texts}.items()})
    order = [*AUDIO, *texts, "SHA256SUMS"]
    delivery = Delivery(dict(AUDIO), listed, sums, list(order))
    spoil(delivery)
    texts["manifest.json"] = json_text(delivery.listed).encode()
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


@pytest.mark.parametrize(
    ("spoil", "failing", "told"),
    [
        (lost, "members sha256 sums", "'a_bass.wav' is missing"),
        (added, "members sums", "'b.wav' does not belong here"),
        (reordered, "members", "the order is 'SHA256SUMS', 'README.txt'"),
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
