"""The program that measures recordings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile as sf

PROGRAM = Path(__file__).parents[1] / "scripts" / "measure_audio.py"


def test_text_json_and_files_that_are_none(tmp_path):
    sf.write(tmp_path / "a.wav", np.random.default_rng(0).uniform(-0.5, 0.5, 8_000), 8_000)
    (tmp_path / "\x1bb.wav").write_bytes(b"text")
    command = [sys.executable, PROGRAM, "a.wav", "\x1bb.wav", "--json"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    (found,) = json.loads(run.stdout)
    assert run.returncode == 2 and found["file"] == "a.wav" and found["frames"] == 8_000
    assert run.stderr.startswith("\\x1bb.wav: ") and "Traceback" not in run.stderr
    run = subprocess.run([*command[:3]], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.startswith(
        "a.wav:\n  format      WAV, PCM_16; 8,000 Hz, mono\n"
    )
