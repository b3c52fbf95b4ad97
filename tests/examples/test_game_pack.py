"""The pack for a game in examples/, judged from its delivered files by ffmpeg, NumPy and SciPy: half of its songs."""

import csv
import json
import re
import runpy
import shutil
import subprocess
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import soundfile as sf
from scipy.signal import correlate
from workdirs import ROOT, Workdir, once

EXAMPLE = ROOT / "examples/game-pack"
RATE = 32_000
LOOPS, FOOTSTEPS, ITEMS = ["menu", "battle"], ["footstep-1", "footstep-2"], ["set-1", "set-6"]
LENGTHS = {
    "loop": (16, "0"),
    "stinger": (4, "1.5"),
    "footstep": (0, "0.35"),
    "item": (8, "0.5"),
}  # beats, and s


@pytest.fixture(scope="module")
def pack(tmp_path_factory, code, needs):
    needs("ffmpeg")

    def build(folder):
        shutil.copytree(EXAMPLE / "songs", folder / "songs")
        shutil.copyfile(EXAMPLE / "config.yaml", folder / "config.yaml")
        Workdir(folder, code).snakemake("--config", f"songs=[{','.join(LOOPS + FOOTSTEPS + ITEMS)}]")

    return once(tmp_path_factory, "game-pack", build)


@pytest.fixture(scope="module")
def table():
    with open(EXAMPLE / "songs.csv", encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def delivered(pack, song, name="master"):
    audio, rate = sf.read(pack / f"build/{song}/delivery/{song}_{name}.wav", always_2d=True)
    assert rate == RATE
    return audio


def ebur128(pack, song):
    """Integrated loudness in LUFS, the highest momentary one, and true peak in dBTP; silence follows the sound."""
    file = pack / f"build/{song}/delivery/{song}_master.wav"
    chain = "apad=pad_dur=1,ebur128=peak=true:framelog=verbose"
    command = ["ffmpeg", "-hide_banner", "-v", "verbose", "-i", file, "-af", chain, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    momentary = max(float(value) for value in re.findall(r"M: *(\S+)", said))
    summary = said.rpartition("Summary:")[2]
    integrated, peak = re.search(r"I: +(\S+) LUFS", summary)[1], re.search(r"Peak: +(\S+) dBFS", summary)[1]
    return float(integrated), momentary, float(peak)


def test_the_songs_are_those_of_the_table(tmp_path, table):
    """What is in songs/ is what the script writes, and config.yaml has them all."""
    for name in ("make_songs.py", "songs.csv"):
        shutil.copyfile(EXAMPLE / name, tmp_path / name)
    (tmp_path / "songs").mkdir()
    runpy.run_path(str(tmp_path / "make_songs.py"), run_name="__main__")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "songs").iterdir()}
    assert written == {p.name: p.read_text(encoding="utf-8") for p in (EXAMPLE / "songs").glob("*.yaml")}
    listed = re.search(r"songs: \[(.*)\]", (EXAMPLE / "config.yaml").read_text(encoding="utf-8"))[1]
    assert listed.split(", ") == list(table)


@pytest.mark.long
@pytest.mark.parametrize("song", LOOPS + FOOTSTEPS + ITEMS)
def test_lengths_are_exact(pack, table, song):
    beats, seconds = LENGTHS[table[song]["template"]]
    exact = (beats * Fraction(60, int(table[song]["bpm"])) + Fraction(seconds)) * RATE
    assert {len(sf.read(file)[0]) for file in (pack / f"build/{song}/delivery").glob("*.wav")} == {
        round(exact)
    }


@pytest.mark.long
@pytest.mark.parametrize("song", LOOPS)
def test_loops_begin_again_without_a_click(pack, song):
    loop = delivered(pack, song)

    def bend(before, after):
        """How sharply the sound bends where the one is joined to the other, dBFS: a click is a jump."""
        return 20 * np.log10(np.max(np.abs(np.diff(np.concatenate([before[-3:], after[:3]]), 2, axis=0))))

    strokes = [
        bend(loop[:at], loop[at:]) for at in len(loop) * np.arange(1, 4) // 4
    ]  # on its other bar lines
    assert bend(loop, loop) <= max(strokes) + 1.5 < bend(loop[: -RATE // 2], loop)  # the last is a bad loop
    assert np.max(np.abs(loop[-32:])) < 0.001


@pytest.mark.long
@pytest.mark.parametrize("song", LOOPS)
def test_loops_are_as_loud_as_games_on_the_go_are(pack, song):
    integrated, _, peak = ebur128(pack, song)
    assert integrated == pytest.approx(-18, abs=2)
    assert peak <= -1


@pytest.mark.long
def test_footsteps_differ_and_are_as_loud(pack):
    loudness = [ebur128(pack, song)[1] for song in FOOTSTEPS]
    assert loudness == pytest.approx([-24] * len(FOOTSTEPS), abs=0.5)
    for one, other in combinations([delivered(pack, song)[:, 0] for song in FOOTSTEPS], 2):
        assert np.max(correlate(one, other)) < 0.99 * np.sqrt(np.sum(one**2) * np.sum(other**2))
        assert abs(10 * np.log10(np.sum(one**2) / np.sum(other**2))) < 2


@pytest.mark.long
@pytest.mark.parametrize("song", LOOPS + ITEMS)
def test_stems_add_up_to_the_master(pack, song):
    stems = [delivered(pack, song, name) for name in ("drums", "bass", "keys")]
    assert np.max(np.abs(sum(stems) - delivered(pack, song))) <= 4 * 1.5 * 2**-15  # each rounded and dithered


@pytest.mark.long
@pytest.mark.parametrize("song", ITEMS)
def test_drums_are_heard_on_the_beats_of_the_timeline(pack, table, song):
    beats = [
        beat["frame"] for beat in json.loads((pack / f"build/{song}/timeline.json").read_text())["beats"]
    ]
    assert beats == [round(Fraction(60 * n, int(table[song]["bpm"])) * RATE) for n in range(8)]
    drums = np.pad(delivered(pack, song, "drums")[:, 0], (RATE, 0))
    energy = np.convolve(drums**2, np.ones(32), "valid")  # of the ms that begins there
    for beat in beats:
        near = np.arange(beat - 1280, beat + 1280)  # 40 ms
        rise = energy[RATE + near] / (energy[RATE + near - 64] + 1e-6)
        assert abs(near[np.argmax(rise)] - beat) <= 0.005 * RATE
