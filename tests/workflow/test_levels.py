"""A song whose faders are found: by a rough mix, a loudness, a peak and another stem."""

import json
import shutil
import zipfile

import numpy as np
import pytest
import soundfile as sf
from contract import next_run
from routed_sounds import OFF, RATE, write_sounds
from workdirs import Workdir

SONG = """
bpm: 120
sections: [{a: 1 bar}]
stems:
  kick: {source: {audio: {file: audio/kick.wav}}, gain_db: {match: audio/rough.wav}, output: rhythm}
  bass: {source: {audio: {file: audio/bass.wav}}, gain_db: {match: audio/rough.wav}}
  pad: {source: {audio: {file: audio/pad.wav}}, gain_db: {peak_dbfs: -12}}
  lead: {source: {audio: {file: audio/lead.wav}}, gain_db: {like: pad}}
buses:
  rhythm: {}
"""


@pytest.fixture(scope="module")
def built(code, tmp_path_factory):
    work = Workdir(tmp_path_factory.mktemp("levels"), code)
    house = {"songs": ["song"], "session": {"sample_rate": RATE}, "gates": dict.fromkeys(OFF, False)}
    work.write("config.yaml", house)
    work.write("songs/song.yaml", SONG)
    write_sounds(work / "audio")
    kick, bass, pad = (sf.read(work / f"audio/{name}.wav")[0] for name in ("kick", "bass", "pad"))
    sf.write(work / "audio/rough.wav", 0.5 * kick + 0.25 * bass + 0.8 * pad, RATE, "FLOAT")
    work.snakemake()
    return work


def gains(work):
    found = {path.stem: json.loads(path.read_text()) for path in (work / "build/song/levels").glob("*.json")}
    assert all(found[name]["stem"] == name for name in found)
    return {name: found[name]["gain_db"] for name in sorted(found)}


def test_the_numbers_are_found_heard_and_delivered(built):
    found = gains(built)
    assert found["kick"] == pytest.approx(-6.0206, abs=0.01)
    assert found["bass"] == pytest.approx(-12.0412, abs=0.01)
    assert found["pad"] == pytest.approx(20 * np.log10(0.25118864 / 0.3), abs=0.001)
    processed = {name: sf.read(built / f"build/song/processed/{name}.wav")[0] for name in found}
    total = sum(10 ** (gain / 20) * processed[name] for name, gain in found.items())
    assert np.abs(sf.read(built / "build/song/mix/mix.wav")[0] - total).max() < 1e-6
    with zipfile.ZipFile(built / "build/song/song.zip") as archive:
        strips = json.loads(archive.read("manifest.json"))["mix"]["stems"]
        readme = archive.read("README.txt").decode()
    assert {strip["stem"]: strip["fader_db"] for strip in strips} == {**found, "rhythm": 0.0}
    assert f"fader {found['kick']:g} dB (as in rough.wav)" in readme
    assert f"fader {found['lead']:g} dB (as loud as pad)" in readme


@pytest.mark.long
def test_an_edit_finds_anew_what_depends_on_it_and_nothing_else(built, tmp_path):
    shutil.copytree(built.path, tmp_path / "work")
    work, before = Workdir(tmp_path / "work", built.code), gains(built)
    work.write("songs/song.yaml", SONG.replace("peak_dbfs: -12", "peak_dbfs: -15"))
    jobs = next_run(work)
    levels = [job for job in jobs if job.startswith("level of")]
    assert sorted(levels) == ["level of lead", "level of pad"]
    assert gains(work) == {
        **before,
        **{name: pytest.approx(before[name] - 3, abs=0.001) for name in ("lead", "pad")},
    }
    assert not [
        job for job in jobs if "render" in job or "process" in job or "kick" in job or "rhythm" in job
    ]
