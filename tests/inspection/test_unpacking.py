"""Zips of other programs are read; damaged, ambiguous or dangerous ones are refused, and nothing is unpacked."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from forged_zips import Entry, forge

from stemwright.base.errors import StemwrightError
from stemwright.inspection.unpacking import open_delivery, peek_manifest


@pytest.fixture
def wav(tmp_path):
    sf.write(tmp_path / "a.wav", np.random.default_rng(1).normal(0, 0.1, 4_000), 8_000, "PCM_16")
    return (tmp_path / "a.wav").read_bytes()


def refused(path):
    with open_delivery(str(path)) as contents:
        assert contents.sounds == []
        return [finding.check.measured for finding in contents.findings if finding.check.status == "fail"]


def packed(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name", ["../evil.wav", "/etc/evil.wav", "a/../../evil.wav", "..\\evil.wav", "C:evil.wav"]
)
def test_a_name_that_leaves_the_folder_is_refused(name, wav, tmp_path):
    before = set(tmp_path.rglob("*"))
    source = packed(tmp_path / "x.zip", [("ok.wav", wav), (name, wav)])
    assert "name" in refused(source)
    assert set(tmp_path.rglob("*")) == before | {source}


def test_a_link_is_refused(wav, tmp_path):
    link = zipfile.ZipInfo("link.wav")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert "attributes" in refused(packed(tmp_path / "x.zip", [("ok.wav", wav), (link, "/etc/passwd")]))


def test_a_damaged_member_is_refused(wav, tmp_path):
    source = packed(tmp_path / "x.zip", [("ok.wav", wav)], zipfile.ZIP_STORED)
    data = bytearray(source.read_bytes())
    data[2_000] ^= 1
    source.write_bytes(data)
    assert refused(source) == ["crc"]


def test_two_files_that_overlap_are_refused(wav, tmp_path):
    """As in a bomb of David Fifield's: two entries of the directory share one member's bytes."""
    source = packed(tmp_path / "x.zip", [("a.wav", wav), ("b.wav", wav)])
    data = source.read_bytes()
    at = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    source.write_bytes(data[: at + 42] + bytes(4) + data[at + 46 :])
    assert "overlap" in refused(source) or "local" in refused(source)


def test_bytes_between_files_are_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(forge(Entry(b"a.txt", b"a"), Entry(b"b.txt", b"b", before=b"hidden")))
    assert "gap" in refused(tmp_path / "x.zip")


def test_what_two_programs_read_differently_is_refused(wav, tmp_path, monkeypatch):
    source = packed(tmp_path / "x.zip", [("a.wav", wav)])
    monkeypatch.setattr("zipfile.ZipFile.open", lambda *_: io.BytesIO(b"other"))
    with pytest.raises(StemwrightError, match="read differently"), open_delivery(str(source)):
        pass


def test_what_a_mac_adds_is_no_sound(wav, tmp_path):
    source = packed(tmp_path / "x.zip", [("a.wav", wav), ("__MACOSX/b.wav", wav)])
    with open_delivery(str(source)) as contents:
        assert [name for name, _ in contents.sounds] == ["a.wav"]


def test_a_bomb_is_refused_by_the_room_on_the_disk(wav, tmp_path, monkeypatch):
    source = packed(tmp_path / "x.zip", [("a.wav", wav)])
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1_000}))
    with (
        pytest.raises(StemwrightError, match=r"unpacks to 8,044 bytes, and .* has 1,000 free"),
        open_delivery(str(source)),
    ):
        pass


def test_zips_of_other_programs_are_read(wav, tmp_path):
    """What `zip` and Finder write: folders, times, extra fields, resource forks, and sizes behind the data."""
    folder = tmp_path / "x" / "Stems"
    folder.mkdir(parents=True)
    (folder / "bass.wav").write_bytes(wav)
    (folder / "keys.wav").write_bytes(wav)
    script = (
        "import sys, zipfile\n"
        "z = zipfile.ZipFile(sys.stdout.buffer, 'w', zipfile.ZIP_DEFLATED)\n"
        "z.write('Stems'); z.write('Stems/bass.wav'); z.write('Stems/keys.wav')\n"
        "z.writestr('__MACOSX/Stems/._bass.wav', b'x' * 120); z.close()\n"
    )
    streamed = tmp_path / "streamed.zip"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder.parent, capture_output=True, check=True)
    streamed.write_bytes(done.stdout)
    with open_delivery(str(streamed)) as contents:
        assert [name for name, _ in contents.sounds] == ["Stems/bass.wav", "Stems/keys.wav"]
        assert [finding.check.status for finding in contents.findings] == ["pass"]
        paths = [path for _, path in contents.sounds]
        assert all(os.path.dirname(path).startswith(tempfile.gettempdir()) for path in paths)
        assert all(Path(path).read_bytes() == wav for path in paths)
    assert not any(map(os.path.exists, paths))


@pytest.mark.parametrize("content", [b"", b"RIFFxxxx", b"not a zip at all"])
def test_what_is_no_zip_cannot_be_judged(content, tmp_path):
    (tmp_path / "x.zip").write_bytes(content)
    with (
        pytest.raises(StemwrightError, match="neither a folder nor a zip"),
        open_delivery(str(tmp_path / "x.zip")),
    ):
        pass


def test_a_truncated_zip_is_refused(wav, tmp_path):
    source = packed(tmp_path / "x.zip", [("a.wav", wav)])
    source.write_bytes(source.read_bytes()[:-30])
    assert refused(source) == ["end"]


def test_a_manifest_gives_roles_and_garbage_none(wav, tmp_path):
    text = '{"files": [{"name": "a.wav", "role": "master"}]}'
    for manifest, roles in ((text, {"a.wav": "master"}), ("[" * 100_000, {}), ('{"files": 3}', {})):
        source = packed(tmp_path / "x.zip", [("a.wav", wav), ("manifest.json", manifest)])
        with open_delivery(str(source)) as contents:
            assert contents.roles == roles


def test_a_manifest_is_looked_at_alone(wav, tmp_path, monkeypatch):
    """That of a zip with damaged sounds too; of a manifest that is too long, nothing is taken."""
    (tmp_path / "bag/data").mkdir(parents=True)
    (tmp_path / "bag/data/manifest.json").write_text("{}")
    source = packed(tmp_path / "x.zip", [("a.wav", wav), ("manifest.json", "{}")])
    source.write_bytes(source.read_bytes().replace(wav[-99:], bytes(99)))
    assert [peek_manifest(str(each)) for each in (source, tmp_path / "bag")] == [b"{}", b"{}"]
    assert peek_manifest(str(tmp_path)) == b""
    (tmp_path / "no.zip").write_bytes(b"no zip")
    assert peek_manifest(str(tmp_path / "no.zip")) == b""
    monkeypatch.setattr("stemwright.inspection.unpacking._LARGEST_MANIFEST", 2)
    assert [peek_manifest(str(each)) for each in (source, tmp_path / "bag")] == [b"", b""]


def test_a_manifest_in_a_bag_gives_roles_and_a_version_is_no_master(wav, tmp_path):
    text = '{"files": [{"name": "a.wav", "role": "master"}, {"name": "b.wav", "role": "master", "version": "30s"}]}'
    source = packed(
        tmp_path / "x.zip", [("data/a.wav", wav), ("data/b.wav", wav), ("data/manifest.json", text)]
    )
    (tmp_path / "x" / "data").mkdir(parents=True)
    (tmp_path / "x" / "data" / "manifest.json").write_text(text)
    for given in (source, tmp_path / "x"):
        with open_delivery(str(given)) as contents:
            assert contents.roles == {"data/a.wav": "master", "data/b.wav": "version"}
