"""A song with two voices and music, brought to a loudness of its dialogue."""

import json
import re
import subprocess
import zipfile

import numpy as np
import pytest
import soundfile as sf
from routed_sounds import OFF, RATE
from workdirs import Workdir

SONG = """
bpm: 120
sections: [{talk: 4 s}, {ben: {length: 4 s, title: "Ben: replies"}}]
stems:
  anna: {source: {audio: {file: audio/anna.wav}}, dialogue: true, gain_db: -3}
  ben: {source: {audio: {file: audio/ben.wav}}, dialogue: true, gain_db: {like: anna}}
  music: {source: {audio: {file: audio/music.wav}}, gain_db: -6}
master:
  target: netflix
delivery: {chapters: true}
"""


@pytest.fixture(scope="module")
def built(code, tmp_path_factory, needs):
    """Anna speaks from 1 s to 3 s, Ben from 4 s to 6 s; loud music only after 6.5 s."""
    needs("ffmpeg")  # which measures
    work = Workdir(tmp_path_factory.mktemp("dialogue"), code)
    off = dict.fromkeys((*OFF, "grid", "tempo"), False)
    work.write("config.yaml", {"songs": ["song"], "session": {"sample_rate": RATE}, "gates": off})
    work.write("songs/song.yaml", SONG)
    (work / "audio").mkdir()
    t = np.arange(8 * RATE) / RATE
    rng = np.random.default_rng(4)
    sounds = {
        "anna": 0.1 * np.sin(2 * np.pi * 440 * t) * ((t > 1) & (t < 3)),
        "ben": 0.02 * np.sin(2 * np.pi * 220 * t) * ((t > 4) & (t < 6)),
        "music": 0.3 * np.sin(2 * np.pi * 660 * t) * (t > 6.5) + 1e-5 * rng.standard_normal(len(t)),
    }
    for name, sound in sounds.items():
        sf.write(work / f"audio/{name}.wav", np.stack([sound, sound], axis=1), RATE, "FLOAT")
    work.snakemake()
    return work


def checks(work, file):
    record = json.loads((work / f"build/song/{file}.ok").read_text())
    return {check["id"]: check for check in record["checks"]}


def lufs(samples, path):
    sf.write(path, samples, RATE, "FLOAT")
    told = subprocess.run(
        ["ffmpeg", "-hide_banner", "-i", path, "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return float(re.findall(r"I:\s+(-[\d.]+) LUFS", told)[-1])


def test_the_master_has_the_loudness_of_its_dialogue(built, tmp_path):
    """By ffmpeg, of the master up to the music, which does not count: the gates of BS.1770 leave out the pauses."""
    master = sf.read(built / "build/song/master/master.wav")[0]
    assert lufs(master[: round(6.45 * RATE)], tmp_path / "spoken.wav") == pytest.approx(-27, abs=0.15)
    assert lufs(master, tmp_path / "all.wav") > -25
    for file in ("master/master.wav", "delivery/song_master.wav"):
        check = checks(built, file)["loudness"]
        assert check["status"] == "pass" and check["measured"] == pytest.approx(-27, abs=0.1)


def test_sections_are_chapters(built):
    with zipfile.ZipFile(built / "build/song/song.zip") as archive:
        assert archive.read("chapters.txt").decode() == "00:00:00.000 talk\n00:00:04.000 Ben: replies\n"
        assert "chapters.txt" in archive.read("README.txt").decode()
    assert checks(built, "song.zip")["archive.members"]["status"] == "pass"


def test_voices_that_are_equally_loud_pass_and_others_are_named(built):
    assert checks(built, "mix/mix.wav")["voices"]["status"] == "pass"
    assert checks(built, "mix/mix.wav")["gap"]["status"] == "pass"
    built.write("songs/song.yaml", SONG.replace("{like: anna}", "0"))
    built.snakemake("build/song/mix/mix.wav.ok")
    check = checks(built, "mix/mix.wav")["voices"]
    assert check["status"] == "warn" and "raise the gain_db of ben" in check["remedy"]
    anna, ben = (sf.read(built / f"build/song/processed/{name}.wav")[0] for name in ("anna", "ben"))
    expected = lufs(anna, built / "a.wav") - 3 - lufs(ben, built / "b.wav")
    assert check["measured"] == pytest.approx(expected, abs=0.2)
