"""Albums, built for real: one folder of tiny songs, an album, and an edit."""

import hashlib
import io
import json
import re
import subprocess
import zipfile

import mutagen
import numpy as np
import pytest
import soundfile as sf
import soxr
from workdirs import Workdir

SONG = (
    "title: {title}\nlength: {length}\nstems:\n  lead: {{source: {{tone: {{note: {note}, level_db: -9}}}}}}\n"
)
CONFIG = """\
songs: [one, two]
albums: [night]
session: {sample_rate: 8000}
gates: {placeholder: false, plr: false, stereo: false}
"""
ALBUM = """\
title: Night "Lines"
artist: Nobody
upc: "036000291452"
songs:
  - one
  - two: {gap: 0 s, title: "Zwei é"}
delivery: {container: FLAC}
"""
TEXTS = ["manifest.json", "README.txt", "verify.py", "SHA256SUMS"]
OF_THE_ALBUM = ["pack the album", "verify the album", "verify the disc", "write the disc"]


@pytest.fixture(scope="module")
def lines(tmp_path_factory, code):
    """The album, built by the name of its zip: the folder, and the jobs."""
    work = Workdir(tmp_path_factory.mktemp("albums"), code)
    work.write("config.yaml", CONFIG)
    work.write("albums/night.yaml", ALBUM)
    for name, note, length in (("one", "A2", "0.513 s"), ("two", "C3", "0.7 s")):
        work.write(f"songs/{name}.yaml", SONG.format(title=name.title(), note=note, length=length))
    return work, work.snakemake("build/albums/night/night.zip.ok").jobs


def test_an_album_and_an_edit_of_one_song(lines, needs):
    work, jobs = lines
    assert {"verify track 02_Zwei é.flac", "verify the cue sheet", *OF_THE_ALBUM} <= set(jobs)
    assert not [job for job in jobs if "deliver" in job]  # the songs' own deliveries were not asked for
    members = check_archive((work / "build/albums/night/night.zip").read_bytes())
    check_split(needs, work)
    track = json.loads(members["manifest.json"])["tracks"][1]
    assert (track["title"], track["number"], track["song"]) == ("Zwei é", 2, "two")
    assert mutagen.File(io.BytesIO(members["02_Zwei é.flac"])).tags.as_dict() == {
        "title": ["Zwei é"],
        "artist": ["Nobody"],
        "album": ['Night "Lines"'],
        "albumartist": ["Nobody"],
        "tracknumber": ["2"],
        "tracktotal": ["2"],
        "barcode": ["036000291452"],
    }

    work.edit("stems", "lead", "source", "tone", "note", value="D3", song="two")
    planned = work.snakemake("-n", "build/albums/night/night.zip.ok").jobs
    expected = [
        "render lead",
        "verify lead",
        "process lead",
        "verify lead, processed",
        "mix",
        "verify the mix",
    ]
    expected += [
        "master",
        "verify the master",
        "track 02_Zwei é.flac",
        "verify track 02_Zwei é.flac",
        *OF_THE_ALBUM,
    ]
    assert planned == sorted(expected)


def check_archive(data):
    """The members of the zip, each as SHA256SUMS says."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    tracks = ["01_One.flac", "02_Zwei é.flac"]
    assert list(members) == [*tracks, "night.wav", "night.cue", *TEXTS]
    sums = dict(line.split("  ")[::-1] for line in members["SHA256SUMS"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != "SHA256SUMS"
    }
    assert members["README.txt"].decode().startswith('Night "Lines", by Nobody\n')
    return members


def check_split(needs, work):
    """The disc is the masters at 44.1 kHz as one sound, to within the dither of 16 bits; cuetools cuts it at the seam."""
    cue = work / "build/albums/night/disc/night.cue"
    said = subprocess.run([needs("cuebreakpoints"), cue], capture_output=True, text=True, check=True).stdout
    ((minutes, seconds, sectors),) = re.findall(r"(\d+):(\d+).(\d+)", said)
    point = (60 * int(minutes) + int(seconds)) * 44_100 + int(sectors) * 588
    disc, rate = sf.read(work / "build/albums/night/disc/night.wav")
    assert (rate, len(disc) % 588, disc.shape[1]) == (44_100, 0, 2)
    masters = [sf.read(work / f"build/{name}/master/master.wav")[0] for name in ("one", "two")]
    whole = soxr.resample(np.concatenate(masters), 8_000, 44_100, "VHQ")
    seam = len(masters[0]) * 44_100 / 8_000
    assert 0 <= seam - point < 588  # the sector in which the second begins
    assert np.abs(disc[: len(whole)] - whole).max() <= 1.5 / 2**15 and not disc[len(whole) :].any()


@pytest.mark.long
def test_the_edit_is_built_and_what_is_asked_of_albums_is_told_in_words(lines):
    work, _ = lines
    work.snakemake("build/albums/night/night.zip.ok")  # after the edit
    check_archive((work / "build/albums/night/night.zip").read_bytes())
    assert work.snakemake("-n", "albums").jobs == []
    said = work.fails("-n", "build/albums/night/nigt.zip").text
    assert "album night has no such target; did you mean build/albums/night/night.zip?" in said
    assert (
        "night: is an album, not a target; to build all of it: snakemake build/albums/night/night.zip.ok"
        in (work.fails("-n", "night").text)
    )
    assert "there is no album nite in this run" in work.fails("-n", "build/albums/nite/nite.zip").text
    run = work.snakemake("-n", "prune", "--config", 'songs=["one"]')
    left_out = "albums/night.yaml:6: songs[1]: the album is left out of this run, since two is not in `songs`"
    assert left_out in run.text and "0 files would be removed" in run.text
    work.write("config.yaml", CONFIG.replace("albums: [night]\n", ""))
    assert "0 files would be removed" in work.snakemake("-n", "prune").text  # its YAML is there
    (work / "albums/night.yaml").rename(work / "albums/day.yaml")
    assert "would remove build/albums/night/tracks/02_Zwei é.flac\n" in work.snakemake("-n", "prune").text
