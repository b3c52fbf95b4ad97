"""The songs that `make` builds, built for real and heard by measurement: only from what is in their zips."""

import json
import shutil
import zipfile

import numpy as np
import pytest
import soundfile as sf
from marks import long_but
from workdirs import ROOT, Workdir, once


@pytest.fixture(scope="module")
def built_song(tmp_path_factory, code):
    """The folder in which a song has been built, as a function of its name. The flagship has a file of tests of its own."""

    def built(song):
        def build(folder):
            work = Workdir(folder, code)
            work.write("config.yaml", (ROOT / "config.yaml").read_text())
            shutil.copytree(ROOT / "songs", work / "songs", ignore=shutil.ignore_patterns("drums.wav"))
            work.snakemake("--config", f'songs=["{song}"]')

        return Workdir(once(tmp_path_factory, song, build), code)

    return built


@pytest.fixture(scope="module")
def unpacked(built_song, tmp_path_factory):
    def unpack(song):
        folder = tmp_path_factory.mktemp(song)
        with zipfile.ZipFile(built_song(song) / f"build/{song}/{song}.zip") as archive:
            archive.extractall(folder)
        return folder, json.loads((folder / "manifest.json").read_text())

    return unpack


def strongest(samples, rate):
    """The frequency of the strongest line of the spectrum, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.argmax(spectrum) * rate / len(samples)


@pytest.mark.parametrize("song", long_but(("five-stems",), ["five-stems", "first-light"]))
def test_no_gate_warns(built_song, song):
    sentinels = list((built_song(song) / "build").rglob("*.ok"))
    assert len(sentinels) > 10
    for sentinel in sentinels:
        statuses = {check["id"]: check["status"] for check in json.loads(sentinel.read_text())["checks"]}
        assert "warn" not in statuses.values(), (sentinel, statuses)


def test_five_stems_is_the_workflow_done_right(unpacked):
    folder, manifest = unpacked("five-stems")
    assert [f["name"] for f in manifest["files"]] == [
        f"five-stems_{name}.wav" for name in ("master", "bass", "bridge", "drums", "guitars", "synths")
    ]
    lengths = {s["name"]: s["end"]["seconds"] - s["start"]["seconds"] for s in manifest["sections"]}
    assert lengths == {"intro": 8, "verse": 16, "chorus": 16, "bridge": 8, "outro": 8, "hold": 81}
    stems = {}
    for name, hertz, peak in (
        ("bass", 110, 0.8),
        ("guitars", 440, 0.6),
        ("synths", 880, 0.5),
        ("bridge", 220, 0.7),
    ):
        samples, rate = sf.read(folder / f"five-stems_{name}.wav")
        assert rate == 48_000 and samples.shape == (137 * 48_000,)
        assert abs(strongest(samples[41 * rate : 47 * rate], rate) - hertz) < 0.2
        assert abs(np.abs(samples[41 * rate : 47 * rate]).max() - 0.4 * peak) < 0.001
        stems[name] = samples
    bridge = stems["bridge"]
    assert not bridge[: 40 * rate].any() and np.abs(bridge[48 * rate + 2000 :]).max() < 1e-6
    drums, _ = sf.read(folder / "five-stems_drums.wav")
    for beat in range(1, 200, 7):  # a kick or a snare begins on every beat: quiet before it, loud after
        at = beat * rate // 2
        assert np.abs(drums[at : at + 500]).max() > 5 * np.abs(drums[at - 500 : at - 5]).max()
    master, _ = sf.read(folder / "five-stems_master.wav")
    assert 0.5 < np.abs(master).max() < 0.9


@pytest.mark.long
def test_first_light_is_made_to_its_reference(built_song, unpacked):
    folder, manifest = unpacked("first-light")
    assert [f["stem"] for f in manifest["files"]] == [None, "bass", "drone", "keys", "percussion"]
    assert {f["subtype"] for f in manifest["files"]} == {"FLOAT"}
    master, rate = sf.read(folder / "first-light_master.wav")
    grid = np.rint(master * 2**23) / 2**23
    assert np.array_equal(grid, master)  # 24-bit values in 32-bit float
    reference, _ = sf.read(built_song("first-light") / "build/first-light/reference/reference.wav")
    assert len(master) == len(reference) == manifest["files"][0]["frames"]
    # The drums of the master are the reference's: no lag, at the head and at the tail.
    for start in (3 * rate, 26 * rate):
        a, b = (x[start : start + 4 * rate].mean(axis=1) for x in (master, reference))
        spectrum = np.fft.rfft(a, 8 * rate) * np.conj(np.fft.rfft(b, 8 * rate))
        lag = np.argmax(np.fft.irfft(spectrum))
        assert min(lag, 8 * rate - lag) <= 0.010 * rate
