"""Archives as a client gets them: what is in them can be checked and built again by someone who has only that."""

import hashlib
import json
import logging
import subprocess
import sys
import zipfile

import bagit
import numpy as np
import pytest
import soundfile as sf
from contract import next_run
from workdirs import Workdir

SONG = """
bpm: 120
length: 1 bar
metadata: {date: 2024-05-31}
stems:
  bass: {source: {tone: {note: A2}}, gain_db: -12}
  take: {source: {audio: {file: takes/take 1.wav}}, gain_db: -6}
deliveries:
  archive: {}
"""


@pytest.fixture(scope="module")
def built(code, tmp_path_factory):
    work = Workdir(tmp_path_factory.mktemp("archives"), code)
    work.write("config.yaml", {"songs": ["song"], "session": {"sample_rate": 8_000}})
    work.write("songs/song.yaml", SONG)
    (work / "takes").mkdir()
    sound = np.random.default_rng(1).normal(0, 0.1, (16_000, 2))
    sf.write(work / "takes/take 1.wav", sound, 8_000, "PCM_16")
    work.snakemake("archives")
    return work


def verified(*args):
    run = subprocess.run([sys.executable, "-I", *args], capture_output=True, text=True)
    return run.returncode, run.stdout


def test_a_client_can_check_it(built, tmp_path):
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    with zipfile.ZipFile(built / "build/song/song-archive.zip") as archive:
        archive.extractall(tmp_path / "bag")
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert bag.info["Bagging-Date"] == "2024-05-31"
    status, said = verified(tmp_path / "bag/data/verify.py")
    assert status == 0 and "ok    the 2 stems add up to song_mix.wav within " in said
    again = verified(tmp_path / "bag/data/verify.py", built / "build/song/song-archive.zip")
    assert (again[0], again[1].splitlines()[1:]) == (0, said.splitlines()[1:])
    status, said = verified(tmp_path / "bag/data/verify.py", built / "build/song/song.zip")
    assert status == 0 and "is not checkable: the mix is not one file of this archive" in said
    (tmp_path / "bag/data/song_bass.wav").unlink()
    assert verified(tmp_path / "bag/data/verify.py")[0] == 1


def test_it_says_what_it_was_made_from(built):
    with zipfile.ZipFile(built / "build/song/song.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    take = hashlib.sha256((built / "takes/take 1.wav").read_bytes()).hexdigest()
    assert manifest["made_from"]["inputs"] == [{"name": "take 1.wav", "sha256": take}]
    assert {file["stem"]: file["inputs"] for file in manifest["files"]} == {
        None: [take],
        "bass": [],
        "take": [take],
    }
    assert {"stemwright", "numpy", "soundfile"} <= manifest["versions"].keys()


@pytest.mark.long
def test_what_it_was_made_from_is_a_reason_to_pack_it_again(built):
    """The take gets a chunk of text: its samples, and so all files that are made of it, stay as they are."""
    before = {name: (built / f"build/song/{name}.zip").read_bytes() for name in ("song", "song-archive")}
    take = built / "takes/take 1.wav"
    original = take.read_bytes()
    text = b"LIST\x10\0\0\0INFOICMT\x04\0\0\0two\0"
    take.write_bytes(b"RIFF" + (len(original) - 8 + len(text)).to_bytes(4, "little") + original[8:] + text)
    packing = [
        "pack song.zip",
        "pack song-archive.zip",
        "verify song.zip",
        "verify song-archive.zip",
    ]
    runs = [next_run(built), next_run(built)]
    assert set(packing) <= set(runs[0]) and "mix the stems" not in runs[0] and not runs[1]
    for name, zipped in before.items():
        with zipfile.ZipFile(built / f"build/song/{name}.zip") as archive:
            found = json.loads(
                archive.read(next(n for n in archive.namelist() if n.endswith("manifest.json")))
            )
        assert found["made_from"]["inputs"][0]["sha256"] == hashlib.sha256(take.read_bytes()).hexdigest()
        assert (built / f"build/song/{name}.zip").read_bytes() != zipped
    take.write_bytes(original)
    built.snakemake("--cores", "1", "archives")
    assert before == {name: (built / f"build/song/{name}.zip").read_bytes() for name in before}
