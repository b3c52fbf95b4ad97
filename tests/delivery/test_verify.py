"""verify.py, which a client runs on a delivery: whole ones pass, and whatever is wrong is named."""

from __future__ import annotations

import ast
import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from deliveries import digest

from stemwright.delivery import bagit, verify

RATE, FRAMES = 8_000, 2_500
FORMATS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": None}
NOISE = np.random.default_rng(1).uniform(-0.2, 0.2, (2, FRAMES, 2))


def rounded(signal, subtype, steps=0):
    """A signal as integers of 32 bits or floats, `steps` of its format too high."""
    if not (bits := FORMATS[subtype]):
        return signal.astype(np.float32)
    return (np.rint(signal * (1 << bits - 1)) + steps).astype(np.int32) << 32 - bits


def deliver(folder, subtype="PCM_24", total="PCM_24", steps=0, container="WAV", **mix):
    """Two stems and their mix, which is `steps` too high, with a manifest and checksums."""
    signals = {"bass.wav": NOISE[0], "lead.wav": NOISE[1], "mix.wav": NOISE[0] + NOISE[1]}
    entries = []
    for name, signal in signals.items():
        form = total if name == "mix.wav" else subtype
        off = steps if name == "mix.wav" else 0
        sf.write(folder / name, rounded(signal, form, off), RATE, form, format=container)
        known = {"sample_rate": RATE, "channels": 2, "subtype": form, "frames": FRAMES}
        roundings = int(FORMATS[form] is None)
        entries.append({"name": name, **known, "bits": FORMATS[form], "roundings": roundings})
    stems = [{"stem": name[:4], "file": name, "is_part": True} for name in ("bass.wav", "lead.wav")]
    mix = {"delivered_stems_give": "mix", "sum_files": ["mix.wav"], "stems": stems, **mix}
    write_papers(folder, {"files": entries, "mix": mix})


def write_papers(folder, manifest):
    shutil.copy(verify.__file__, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    sums = [f"{digest(path.read_bytes())}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "FRAMES", 1_000)  # that are added at a time
    (tmp_path / "delivery").mkdir()
    return tmp_path / "delivery"


@pytest.fixture
def check(folder, capsys):
    """Run it on something: (its exit status, what it says)."""

    def run(path=folder):
        status = verify.main([str(path)])
        said = capsys.readouterr().out
        assert said.isascii() or all(line.isprintable() for line in said.splitlines())
        return status, said

    return run


def zipped(folder):
    with zipfile.ZipFile(folder.parent / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return folder.parent / "a.zip"


def test_a_whole_delivery_passes_as_a_folder_and_as_a_zip(folder, check):
    deliver(folder)
    status, said = check()
    assert status == 0
    assert "ok    all 5 files have the sha256 of SHA256SUMS\n" in said
    assert "ok    bass.wav: 8,000 Hz, 2 channels, PCM_24, 2,500 frames\n" in said
    assert "ok    the 2 stems add up to mix.wav within " in said
    again = check(zipped(folder))
    assert (again[0], again[1].splitlines()[1:]) == (0, said.splitlines()[1:])


def test_it_needs_only_python_3_8_and_nothing_else(folder):
    source = Path(verify.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names
    assert "audioop" not in imported  # Python 3.13 has none
    deliver(folder)
    environment = {"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]}
    run = [sys.executable, "-I", "-S", "verify.py"]
    done = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "add up to mix.wav" in done.stdout
    assert sorted(os.listdir(folder)) == sorted(
        ["SHA256SUMS", "bass.wav", "lead.wav", "manifest.json", "mix.wav", "verify.py"]
    )


@pytest.mark.parametrize(
    ("subtype", "total", "allowed"),
    [("PCM_16", "PCM_16", 4), ("PCM_24", "PCM_24", 4), ("PCM_32", "PCM_32", 4), ("FLOAT", "PCM_24", 1)],
)
def test_what_rounding_explains_passes_and_no_step_more(folder, check, subtype, total, allowed):
    """Three files of integers may differ by 4.5 steps, of which half a step is the noise's own rounding."""
    own = 1.5 if subtype == total else 0.5
    deliver(folder, subtype, total, allowed - int(own))
    assert check()[0] == 0
    deliver(folder, subtype, total, allowed + 2)
    status, said = check()
    assert status == 1 and "FAULT the 2 stems do not add up to mix.wav, only within " in said
    with sf.SoundFile(folder / "mix.wav") as file:
        difference = np.abs(file.read() - sum(sf.read(folder / name)[0] for name in ("bass.wav", "lead.wav")))
    assert f"only within {difference.max():.3g} of full scale" in said


def test_floats_and_what_is_not_a_number(folder, check):
    deliver(folder, "FLOAT", "FLOAT")
    assert check()[0] == 0
    sound, _ = sf.read(folder / "lead.wav", dtype="float32")
    sound[FRAMES // 2, 1] = np.nan
    sf.write(folder / "lead.wav", sound, RATE, "FLOAT")
    write_papers(folder, json.loads((folder / "manifest.json").read_text()))
    status, said = check()
    assert status == 1 and "do not add up to mix.wav, only within inf" in said


def test_what_is_long_is_rf64(folder, check):
    deliver(folder, container="RF64")
    assert (folder / "mix.wav").read_bytes()[:4] == b"RF64"
    assert check()[0] == 0


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        ({"sum_files": []}, "is not checkable: the mix is not one file of this archive"),
        (
            {
                "stems": [
                    {"stem": "a", "file": "bass.wav", "is_part": True},
                    {"stem": "b", "file": None, "is_part": True},
                ]
            },
            "is not checkable: b is not delivered",
        ),
        ({"stems": []}, ""),
    ],
)
def test_what_is_not_there_cannot_be_added(folder, check, mix, said):
    deliver(folder, **mix)
    status, text = check()
    assert status == 0 and said in text and "add up to" not in text


def test_other_formats_are_only_hashed(folder, check):
    deliver(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    sf.write(folder / "lead.wav", NOISE[1], RATE, "PCM_24", format="FLAC")
    write_papers(folder, manifest)
    status, said = check()
    assert status == 0 and "note  lead.wav is no WAV file: only its sha256 is checked\n" in said
    assert "is not checkable: lead.wav is no WAV file that this program can add" in said


def test_a_manifest_that_knows_no_stems(folder, check):
    """As that of an album."""
    deliver(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    write_papers(folder, {"files": manifest["files"][:1]})
    status, said = check()
    assert status == 0 and "bass.wav: 8,000 Hz" in said and "add up" not in said


def flip(path, at=-1):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


FAULTS = {
    "lead.wav has changed: its sha256 is ": lambda folder: flip(folder / "lead.wav"),
    "lead.wav is missing": lambda folder: (folder / "lead.wav").unlink(),
    "stems/new.wav does not belong here": lambda folder: (
        (folder / "stems").mkdir(),
        (folder / "stems/new.wav").write_text(""),
    ),
    r"\x1b[2J\u202ea.wav does not belong here": lambda folder: (folder / "\x1b[2J\u202ea.wav").write_text(""),
    "link.wav is a link, or no regular file": lambda folder: (folder / "link.wav").symlink_to("/etc/passwd"),
    "manifest.json has changed": lambda folder: flip(folder / "manifest.json", 2),
    "verify.py has changed": lambda folder: flip(folder / "verify.py"),
}


@pytest.mark.parametrize("told", FAULTS, ids=ascii)
def test_what_is_wrong_is_named(folder, check, told):
    deliver(folder)
    FAULTS[told](folder)
    status, said = check()
    assert (
        status == 1 and f"FAULT {told}" in said and said.splitlines()[-1].startswith("Not as it was made: ")
    )
    (folder / "Thumbs.db").write_text("")
    assert "note  Thumbs.db was put there by a file manager\n" in check()[1]


def other_format(folder, entry):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0].update(entry)
    write_papers(folder, manifest)


def header(folder, at, value):
    data = bytearray((folder / "bass.wav").read_bytes())
    data[at : at + len(value)] = value
    (folder / "bass.wav").write_bytes(data)
    write_papers(folder, json.loads((folder / "manifest.json").read_text()))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: other_format(f, {"frames": 9}), "bass.wav: frames is 2500, in manifest.json 9"),
        (lambda f: other_format(f, {"sample_rate": 9}), "bass.wav: sample_rate is 8000, in manifest.json 9"),
        (lambda f: other_format(f, {"channels": "\x1b" * 999}), r"bass.wav: channels is 2, in manifest.json \x1b"),
        (lambda f: other_format(f, {"subtype": "PCM_16"}), "bass.wav: subtype is PCM_24, in manifest.json PCM_16"),
        (lambda f: other_format(f, {"name": "../a.wav"}), "../a.wav is in manifest.json, but missing"),
        (lambda f: other_format(f, {"bits": "many"}), "manifest.json cannot be understood: "),
        (lambda f: other_format(f, {"bits": -1e9}), "manifest.json cannot be understood: OverflowError"),
        (lambda f: header(f, 24, struct.pack("<I", 9)), "bass.wav: sample_rate is 9, in manifest.json 8000"),
        (lambda f: header(f, 32, b"\0\0"), "bass.wav is no WAV file that can be read: its format is damaged"),
        (lambda f: header(f, 12, b"junk"), "bass.wav is no WAV file that can be read: its format is damaged"),
        (lambda f: header(f, 16, b"\xff\xff\xff\x7f"), "bass.wav is no WAV file that can be read: it is truncated"),
        (lambda f: write_papers(f, [[]]), "manifest.json cannot be understood: "),
        (lambda f: write_papers(f, {"files": [], "mix": {}}), "manifest.json cannot be understood: "),
    ],
    ids=count(),
)  # fmt: skip
def test_a_file_that_is_not_what_the_manifest_says(folder, check, spoil, told):
    deliver(folder)
    spoil(folder)
    status, said = check()
    assert status == 1 and f"FAULT {told}" in said


def test_a_damaged_zip(folder, check):
    deliver(folder)
    path = zipped(folder)
    with zipfile.ZipFile(path) as archive:
        flip(path, archive.getinfo("lead.wav").header_offset + 1_000)
    status, said = check(path)
    assert status == 1 and "FAULT lead.wav " in said
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bass.wav", b"")
    assert "FAULT bass.wav is there 2 times\n" in check(path)[1]


def test_a_bag(folder, check):
    data = folder / "data"
    data.mkdir()
    deliver(data)
    payload = [bagit.PayloadFile(p.name, digest(p.read_bytes()), p.stat().st_size) for p in data.iterdir()]
    for name, content in bagit.tag_files(payload).items():
        (folder / name).write_bytes(content)
    for path in (folder, data, zipped(folder)):
        status, said = check(path)
        assert status == 0 and "ok    all 9 files have the sha256 of SHA256SUMS\n" in said
    (folder / "bag-info.txt").write_text("Payload-Oxum: 1.1\n")
    (folder / "new.txt").write_text("")
    status, said = check(data)
    assert (
        status == 1 and "FAULT bag-info.txt has changed" in said and "FAULT new.txt does not belong" in said
    )
    sums = folder / "manifest-sha256.txt"
    sums.write_text(sums.read_text().replace(digest((data / "bass.wav").read_bytes()), "0" * 64))
    assert "FAULT data/bass.wav has two checksums that differ\n" in check()[1]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "SHA256SUMS").unlink(), "there is no SHA256SUMS: is this the folder of a delivery?"),
        (lambda folder: (folder / "SHA256SUMS").write_text(""), "SHA256SUMS is empty"),
        (lambda folder: (folder / "SHA256SUMS").write_text("\x1b[2J"), r"SHA256SUMS: line 1 is no checksum: \x1b[2J"),
        (lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff"), "SHA256SUMS cannot be read: "),
        (lambda folder: shutil.rmtree(folder), "there is no such file or folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked(folder, check, spoil, told):
    deliver(folder)
    spoil(folder)
    status, said = check()
    assert status == 2 and f"This cannot be checked: {told}" in said


def test_its_arguments(check, tmp_path, capsys):
    (tmp_path / "no.zip").write_text("no zip")
    assert check(tmp_path / "no.zip") == (
        2,
        f"{tmp_path}/no.zip\nThis cannot be checked: File is not a zip file\n",
    )
    assert verify.main(["a", "b"]) == verify.main(["--what"]) == 2
    assert verify.main(["--help"]) == 0 and "The exit status is 0" in capsys.readouterr().out
