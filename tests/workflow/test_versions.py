"""Versions of a song, built: an instrumental and its complement, a cut-down, and what an edit makes again."""

import numpy as np
import pytest
import soundfile as sf
from routed_sounds import OFF, RATE, write_sounds
from workdirs import Workdir

SONG = """
bpm: 120
meter: 2/4
sections: [{a: 1 bar}, {b: 1 bar}]
stems:
  kick: {source: {audio: {file: audio/kick.wav}}, output: rhythm}
  bass: {source: {audio: {file: audio/bass.wav}}, gain_db: -6, output: rhythm}
  pad:
    source: {audio: {file: audio/pad.wav}}
    effects: [{ducker: {key: kick, depth_db: 6}}]
    sends: {hall: -6}
  lead: {source: {audio: {file: audio/lead.wav}}, sends: {hall: -6}}
buses:
  rhythm: {effects: [{compressor: {threshold_db: -20, ratio: 3}}]}
  hall: {effects: [{reverb: {room_size: 0.4, dry_level: 0, wet_level: 0.5}}, {compressor: {threshold_db: -40, ratio: 2}}]}
master: {target: {integrated_lufs: -18, severity: warn}}
versions:
  backing: {without: [lead]}
  melody: {only: [lead], target: {integrated_lufs: -23, severity: warn}}
  rhythms: {only: [rhythm]}
  short: {sections: [b], length: 0.75 s}
"""


def samples(work, name, file="mix"):
    return sf.read(work / f"build/song/versions/{name}/{file}.wav")[0]


@pytest.mark.long
def test_versions(code, tmp_path):
    work = Workdir(tmp_path, code)
    off = dict.fromkeys(OFF, False)
    work.write("config.yaml", {"songs": ["song"], "session": {"sample_rate": RATE}, "gates": off})
    work.write("songs/song.yaml", SONG)
    write_sounds(work / "audio")
    names = ("backing", "melody", "rhythms", "short")
    targets = [f"build/song/versions/{name}/{file}.wav.ok" for name in names for file in ("mix", "master")]
    work.snakemake(*targets)
    whole = sf.read(work / "build/song/mix/mix.wav")[0]
    both = samples(work, "backing") + samples(work, "melody")
    assert np.abs(both - whole).max() < 1e-6 < np.abs(samples(work, "melody")).max()
    assert len(samples(work, "short")) == len(samples(work, "short", "master")) == 6_000

    before = work.tree("build/song/versions")
    work.edit(
        "stems", "lead", "gain_db", value=-3, song="song"
    )  # it is in the hall, whose dynamics all of it drives
    edited = work.snakemake(*targets).jobs
    mixed = {job.removeprefix("mix version ") for job in edited if job.startswith("mix version")}
    assert mixed == {"backing", "melody", "short"}
    after = work.tree("build/song/versions")
    kept = {file for file in before if "/rhythms/" in file}
    assert kept and all(before[file] == after[file] for file in kept)
    assert work.snakemake(*targets).jobs == []
