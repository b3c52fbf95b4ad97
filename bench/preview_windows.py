"""How near windows of a song are to the same stretches of its mix, and how long one takes after an edit.

    python bench/preview_windows.py --songs five-stems first-light praia-neon --scratch /tmp/windows
    python bench/preview_windows.py --kinds          # every effect, source and instrument, a strip each
    python bench/preview_windows.py --time           # from an edit of a stem of first-light to its eight bars

The residual is the peak of the difference to the stretch of the mix (or of the processed strip), in dB relative to the
peak of that stretch: the stricter reading of -80 dB, where full scale is the other one.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import soundfile as sf
import yaml

ROOT = Path(__file__).resolve().parents[1]
LIMIT_DB = -80.0


def snakemake(folder: Path, *words: str) -> None:
    """Run Snakemake in a folder; what it says is shown if it fails."""
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--cores",
        "2",
        *words,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}:\n{done.stdout}{done.stderr}")


def residual_db(part: np.ndarray, whole: np.ndarray) -> float:
    """The peak of a difference in dB relative to that of the whole; -inf where they are equal."""
    peak, rest = np.abs(whole).max(), np.abs(part - whole).max()
    return 20 * math.log10(rest / peak) if rest and peak else -math.inf


def start_of(folder: Path, song: str, window: str) -> int:
    """The frame with which a window begins, by the timeline that is built."""
    timeline = json.loads((folder / f"build/{song}/timeline.json").read_text())
    if window[0].isdigit():
        return round(float(window.split("s")[0]) * timeline["sample_rate"])
    for section in timeline["sections"]:
        if section["name"] == window:
            return section["start_frame"]
    bar = int(window.removeprefix("bar").split("-")[0])
    return next(beat["frame"] for beat in timeline["beats"] if beat["bar"] == bar and beat["beat"] == 1)
