"""Deliveries in every kind of format, in a real build: read by other programs, and judged when decoded."""

import json
import subprocess

import pytest
from workdirs import Workdir

RATE = 16_000
DELIVERIES = {
    "mp3": {"container": "MP3", "bitrate_kbps": 64, "contents": ["master", "stems"]},
    "ogg": {"container": "OGG", "quality": 2},
    "opus": {"container": "OPUS", "bitrate_kbps": 48, "sample_rate": 48_000},
    "aac": {"container": "AAC", "bitrate_kbps": 64},
    "alac": {"container": "ALAC", "subtype": "PCM_16"},
    "aiff": {"container": "AIFF", "subtype": "FLOAT", "channels": 1, "sample_rate": 11_025},
    "split": {"container": "WAV", "subtype": "PCM_32", "channels": "split"},
}
SONG = {
    "bpm": 120,
    "length": "1 bar",
    "stems": {
        "hum": {"source": {"tone": {"note": "A3"}}, "gain_db": -9, "pan": 0.2},
        "drums": {"source": {"drums": {"patterns": {"*": {"kick": "x---", "hat": "x-x-"}}}}},
    },
    "gates": {"placeholder": False},
    "master": {"target": {"integrated_lufs": -16}, "dual_mono": True},  # of the mono file
    "deliveries": {name: {"contents": ["master"]} | keys for name, keys in DELIVERIES.items()},
}
FILES = {
    "mp3/tune_master.mp3": ("mp3", RATE, 2),
    "mp3/tune_drums.mp3": ("mp3", RATE, 2),
    "ogg/tune_master.ogg": ("vorbis", RATE, 2),
    "opus/tune_master.opus": ("opus", 48_000, 2),
    "aac/tune_master.m4a": ("aac", RATE, 2),
    "alac/tune_master.m4a": ("alac", RATE, 2),
    "aiff/tune_master.aiff": ("pcm_f32be", 11_025, 1),
    "split/tune_master.L.wav": ("pcm_s32le", RATE, 1),
    "split/tune_master.R.wav": ("pcm_s32le", RATE, 1),
}
CONVERTED = ("conversion.likeness", "conversion.gain")


@pytest.fixture
def work(tmp_path, code):
    work = Workdir(tmp_path, code)
    work.write("config.yaml", {"songs": ["tune"], "session": {"sample_rate": RATE}})
    work.write("songs/tune.yaml", SONG)
    return work


@pytest.mark.parametrize("names", [["mp3", "aiff"], pytest.param(list(DELIVERIES), marks=pytest.mark.long)])
def test_formats(work, needs, names):
    files = {
        f"build/tune/delivery/{file}": form for file, form in FILES.items() if file.split("/")[0] in names
    }
    work.snakemake(*(f"{file}.ok" for file in files), "build/tune/tune-mp3.zip.ok")
    for file, expected in files.items():
        command = [needs("ffprobe"), "-v", "error", "-show_streams", "-of", "json", work / file]
        (stream,) = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["streams"]
        assert (stream["codec_name"], int(stream["sample_rate"]), stream["channels"]) == expected
        checks = {c["id"]: c for c in json.loads((work / f"{file}.ok").read_text())["checks"]}
        assert checks["frames"]["measured"] == 2 * expected[1]  # 2 s
        if "alac" in file:
            assert checks["null"]["status"] == "pass"
            continue
        assert {checks[name]["status"] for name in CONVERTED} == {"pass"} and "null" not in checks
        if "master" in file and "split" not in file:
            turned_down = checks["conversion.gain"]["measured"]
            assert checks["loudness"]["measured"] == pytest.approx(-16 + turned_down, abs=0.3)
            assert checks["true_peak"]["measured"] <= -1
