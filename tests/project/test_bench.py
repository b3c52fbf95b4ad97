"""The benchmarks: their table, and the pipeline of GNU Make, SoX and FFmpeg, which makes what it is compared for."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from stemwright.measure.loudness import Loudness

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bench(monkeypatch):
    """`run` and `rows` of bench/, which are no package."""
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import rows
    import run

    return run, rows


def test_a_part_that_fails_has_a_row(bench):
    run, rows = bench
    found = {}

    def broken():
        subprocess.run(
            [sys.executable, "-c", "raise SystemExit('no song')"], check=True, stderr=subprocess.PIPE
        )

    found["broken"], _ = run.taken("broken", broken)
    found["whole"], _ = run.taken(
        "whole", lambda: [rows.Row.of("build", "make", [3, 1, 2], [8, 4, 1], goal=0.6)]
    )
    lines = rows.as_markdown([row for part in found.values() for row in part]).splitlines()
    assert lines[2:] == ["| broken |  |  |  | failed |  |  |", "| build | make | 2 s | 4 s | 0.5 | 0.6 | 3 |"]
    written = json.loads(json.dumps(found["whole"][0].as_json()))
    assert written["ratio"] == 0.5 and rows.Row.from_json(written) == found["whole"][0]


def test_the_pipeline_makes_the_song(tmp_path):
    """Two seconds of it, beside its mix in closed form: tones at their levels, and the drums as they are."""
    shutil.copytree(ROOT / "bench/make_pipeline", tmp_path, dirs_exist_ok=True)
    for file in (tmp_path / "song").glob("*.stem"):
        text = file.read_text().replace("synth 137", "synth 2").replace("pad 40", "pad 1")
        file.write_text(text)
    make = ["make", "-j2", "SECONDS=2"]
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    build = tmp_path / "build"
    sounds = {file.stem: sf.read(file)[0] for file in (*build.glob("*.wav"), *build.glob("[dp]*/*.wav"))}
    assert {len(sound) for sound in sounds.values()} == {2 * 48_000}

    t = np.arange(2 * 48_000) / 48_000
    tones = {
        "bass": (0.8, 110, 0),
        "guitars": (0.6, 440, 0),
        "synths": (0.5, 880, 0),
        "bridge": (0.7, 220, 1),
    }
    mix = 0.4 * sounds["drums"]
    for level, hertz, at in tones.values():
        mix += 0.4 * level * np.sin(2 * np.pi * hertz * t) * (t >= at)
    expected = np.sqrt(np.mean(mix**2))
    assert np.sqrt(np.mean(sounds["mix"] ** 2)) == pytest.approx(expected, rel=0.01)
    said = (build / "master.ebur128").read_text()
    meter = Loudness()
    meter.start(48_000, 1)
    meter.feed(sounds["master"][:, None])
    assert float(re.findall(r"I: +(\S+)", said)[-1]) == pytest.approx(meter.integrated, abs=0.1)
    assert float(re.findall(r"Peak: +(\S+)", said)[-1]) <= -1

    assert (
        "up to date" in subprocess.run(make, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    )
