"""What jobs take of a machine: enough for what was used, and no more than some times that where it is much."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile as sf
import yaml
from workdirs import ROOT

from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

RATE, SECONDS = 48_000, 10
# What a job of a stem does, and the memory of its process at the most, in MB.
RENDER = """
import re
from stemwright import sources
from stemwright.music.render_context import RenderContext
source = sources.make({"audio": {"file": "take.wav", "pitch": {"semitones": 3}}})
for _ in source.render(RenderContext(48_000, 2, 10 * 48_000, files={"file": "take.wav"})):
    pass
print(int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) * 1024 / 1e6)
"""


def plan(folder, monkeypatch):
    """The plan of a song with a stem that is held in memory, and one that is not."""
    monkeypatch.chdir(folder)
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (RATE * SECONDS, 2))
    sf.write("take.wav", noise, RATE, subtype="PCM_16")
    stems = {
        "held": {"source": {"audio": {"file": "take.wav", "pitch": {"semitones": 3}}}},
        "read": {"source": {"audio": {"file": "take.wav"}}},
    }
    song = {"sections": [{"all": f"{SECONDS} s"}], "stems": stems}
    Path("songs").mkdir()
    Path("songs/long.yaml").write_text(yaml.safe_dump(song), encoding="utf-8")
    house = load_house({"songs": ["long"], "session": {"sample_rate": RATE, "channels": 2}}, [])
    return Plan(load_song("long", house, "songs/long.yaml", "build", lambda path: False), "build")


def test_what_is_held_in_memory_is_asked_for(tmp_path, monkeypatch):
    """Against what the kernel counts of a process that does the same."""
    song = plan(tmp_path, monkeypatch)
    asked = song.job_needs(song.graph.get("stem", "held"))["mem_mb"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run([sys.executable, "-c", RENDER], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < asked < 3 * float(done.stdout) + 400
    assert song.job_needs(song.graph.get("stem", "read"))["mem_mb"] == 400
    assert song.verification_needs(song.graph.get("stem", "held"))["mem_mb"] == 400


def test_time_and_room_grow_with_what_is_read_and_written(tmp_path, monkeypatch):
    song = plan(tmp_path, monkeypatch)
    mix, archive = (song.job_needs(song.graph.get(stage)) for stage in ("mix", "archive"))
    written = RATE * SECONDS * 2 * 4 / 1e6  # MB of a file of 32-bit float
    assert 3 * written < mix["disk_mb"] < 7 * written
    assert archive["disk_mb"] > 3 * written
    assert 1 <= mix["runtime"] <= 4
