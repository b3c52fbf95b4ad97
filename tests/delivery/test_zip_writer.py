"""The archive: packed the same every time, read by others, not of what changed, and under no hostile name."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
import soundfile as sf
from deliveries import AUDIO, NOISE, digest

from stemwright.base.errors import StemwrightError
from stemwright.delivery import zip_writer as writer
from stemwright.delivery.manifest import sha256sums
from stemwright.delivery.zip_reader import read_zip
from stemwright.delivery.zip_writer import write_zip


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


def test_same_bytes_on_any_number_of_cores(tmp_path, monkeypatch):
    """Blocks are joined into one deflate stream, which others unpack to the same content."""
    monkeypatch.setattr(writer, "_BLOCK", 1_000)
    sizes = [0, 1, 999, 1_000, 1_001, 50_000]
    packed = [(f"{size}.wav", (NOISE[:9] * 6_000)[:size]) for size in sizes]
    for name, data in packed:
        (tmp_path / name).write_bytes(data)
    written = set()
    for threads in (1, 2, 7):
        write_zip(tmp_path / "a.zip", [(name, tmp_path / name) for name, _ in packed], threads)
        written.add((tmp_path / "a.zip").read_bytes())
    assert len(written) == 1 and not read_zip(tmp_path / "a.zip").findings
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert [(info.filename, file.read(info)) for info in file.infolist()] == packed
        assert file.getinfo("50000.wav").compress_size < 2_000


def test_what_deflate_leaves_as_it_is_is_stored_whatever_its_name(tmp_path):
    tone = np.sin(np.arange(50_000) / 9)[:, None] * [0.4, 0.5]
    tone += np.random.default_rng(1).normal(0, 0.02, tone.shape)
    sf.write(tmp_path / "tone.flac", tone, 48_000, "PCM_24")
    (tmp_path / "noise.wav").write_bytes(NOISE)
    (tmp_path / "zeros.mp3").write_bytes(bytes(9_999))
    names = ["tone.flac", "noise.wav", "zeros.mp3"]
    digests = [digest((tmp_path / name).read_bytes()) for name in names]
    write_zip(
        tmp_path / "a.zip", [(name, tmp_path / name, d) for name, d in zip(names, digests, strict=True)]
    )
    assert [member.sha256 for member in read_zip(tmp_path / "a.zip").members] == digests
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        methods = [info.compress_type for info in file.infolist()]
        assert methods == [zipfile.ZIP_STORED] * 2 + [zipfile.ZIP_DEFLATED]
        assert all(info.compress_size == info.file_size for info in file.infolist()[:2])


def test_more_members_than_16_bits_count(tmp_path):
    write_zip(tmp_path / "a.zip", [(str(number), b"") for number in range(65_535)])
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.namelist() == [str(number) for number in range(65_535)]
    assert b"PK\6\6" in (tmp_path / "a.zip").read_bytes()[-100:]


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
