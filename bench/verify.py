"""CPU time of the gates against ffmpeg's EBU R128 meter: python bench/verify.py [RUNS] [FILE]

Two minutes of music-like 48 kHz stereo, as the build's master is (32-bit float WAV), or FILE. Each process runs
whole, in turn with ffmpeg; figures are medians of user and system time; what counts is their ratio to ffmpeg's.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf
from rows import Row, as_text

ROOT = Path(__file__).resolve().parents[1]
RATE, SECONDS = 48_000, 120
STAGES = ("master", "mix", "delivered", "stem")
PARTS = {  # of the master's gates, some alone: what a process of Python costs, and what loudness does
    "no gates": [],
    "loudness gates": ["loudness", "momentary", "short_term", "loudness_range", "true_peak", "plr"],
}
SOME = """
import os, sys
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from stemwright.gates import Subject, make, verify
verify(Subject(sys.argv[1], "master", alone=True), make({name: {} for name in sys.argv[2:]}))
"""


def music(path):
    """Kicks, a chord with pauses, and hiss, under a slow swell."""
    rng = np.random.default_rng(1)
    with sf.SoundFile(path, "w", RATE, 2, "FLOAT") as file:
        for second in range(SECONDS):
            t = second + np.arange(RATE) / RATE
            kick = np.sin(2 * np.pi * 55 * t) * np.exp(-(t % 0.5) / 0.1)
            chord = sum(np.sin(2 * np.pi * f * t + f) for f in (196.0, 246.94, 293.66, 1_567.98)) * (
                t % 4 < 3
            )
            hiss = rng.normal(0, 1, (RATE, 2)) * np.exp(-((t + 0.25) % 0.5) / 0.03)[:, None]
            swell = 0.6 + 0.4 * np.sin(2 * np.pi * t / 40)
            file.write((0.4 * kick + 0.12 * chord)[:, None] * swell[:, None] + 0.1 * hiss)


def cpu(command):
    before = os.times()
    subprocess.run(
        list(map(str, command)), capture_output=True, env={**os.environ, "PYTHONPATH": ROOT / "scripts"}
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def rows(runs=7, file=None):
    """The table."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        path = file or Path(folder, "music.wav")
        if not file:
            music(path)
        ffmpeg = ["ffmpeg", "-nostdin", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"]
        commands = {
            f"all gates of a {kind}": [ROOT / "scripts/verify_audio.py", path, "--gates", kind]
            for kind in STAGES
        }
        commands |= {name: ["-c", SOME, path, *gates] for name, gates in PARTS.items()}
        theirs, ours = [], {name: [] for name in commands}
        for _ in range(runs):
            theirs.append(cpu(ffmpeg))
            for name, command in commands.items():
                ours[name].append(cpu([sys.executable, *command]))
    return [
        Row.of(name, "ffmpeg ebur128=peak=true", times, theirs, unit="CPU-s") for name, times in ours.items()
    ]


if __name__ == "__main__":
    print(as_text(rows(int(sys.argv[1]) if len(sys.argv) > 1 else 7, *map(Path, sys.argv[2:3]))))
