"""Speed of effects against the libraries that do them, file to file: python bench/effects.py [MINUTES [RUNS]]

Each is a process of its own that reads a stereo file of noise at 48 kHz (5 minutes) in blocks and writes the result:
ours as a job does it, theirs the library's calls between soundfile's reading and writing. Figures are medians of CPU
seconds (3 runs), imports included; what counts is their ratio.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf
from rows import Row

ROOT = Path(__file__).resolve().parents[1]
RATE = 48_000
OURS = """
import sys
sys.path.insert(0, {scripts!r})
from stemwright.audio import AudioFile, write_audio
from stemwright.effects import Chain
from stemwright.music.render_context import RenderContext

with AudioFile("in.wav") as file:
    context = RenderContext(file.rate, file.channels, file.frames, files={{"0.convolution.file": "response.wav"}})
    processed = Chain.make([{entry!r}]).process(file.blocks(), context)
    write_audio("ours.wav", processed, rate=file.rate, channels=file.channels, frames=file.frames)
"""
THEIRS = """
import numpy as np, soundfile as sf, pedalboard
plugin = pedalboard.{plugin}
with sf.SoundFile("in.wav") as file, sf.SoundFile("theirs.wav", "w", 48_000, 2, "FLOAT") as out:
    for block in file.blocks(1 << 16, dtype="float32"):
        out.write(plugin.process(np.ascontiguousarray(block.T), 48_000, reset=False).T)
"""
ENTRIES = (
    ({"delay": {"delay_seconds": 0.3, "feedback": 0.4}}, "Delay(0.3, 0.4, 0.5)"),
    ({"reverb": {}}, "Reverb(0.5, 0.5, 0.33, 0.4, 1.0)"),
    ({"distortion": {}}, "Distortion(25)"),
    ({"bitcrush": {}}, "Bitcrush(8)"),
    ({"compressor": {"threshold_db": -30, "link": False}}, "Compressor(-30, 4, 1, 100)"),
    ({"limiter": {}}, "BrickwallLimiter(-1, 100, 5, True)"),
    ({"convolution": {"file": "input"}}, 'Convolution("response.wav")'),
    ({"reverb": {"pre_delay_ms": 20.0}}, None),
    ({"delay": {"delay_seconds": 0.3, "feedback": 0.4, "ping_pong": True, "lowpass_hz": 4000.0}}, None),
    ({"lowpass": {"cutoff_hz": 8000}}, None),
    ({"saturation": {}}, None),
    ({"pitch_shift": {"semitones": 3.0}}, None),
)


def cpu_seconds(program, folder):
    child = subprocess.Popen([sys.executable, "-c", program], cwd=folder)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"failed: {program}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def median(program, folder, runs):
    return [
        statistics.median(each)
        for each in zip(*(cpu_seconds(program, folder) for _ in range(runs)), strict=True)
    ]


def measured(minutes, runs, entries):
    """For each entry: it, what the library has for it, our CPU-seconds and memory in MB, its CPU-seconds."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory(prefix="effects-") as folder:
        with sf.SoundFile(Path(folder) / "in.wav", "w", RATE, 2, "FLOAT") as file:
            for _ in range(60 * minutes):
                file.write(rng.normal(0, 0.1, (RATE, 2)))
        decay = np.exp(-np.arange(3 * RATE) / RATE * 2)[:, None]
        sf.write(Path(folder) / "response.wav", rng.normal(0, 0.1, (3 * RATE, 2)) * decay, RATE, "FLOAT")
        for entry, plugin in entries:
            ours, memory = median(OURS.format(scripts=str(ROOT / "scripts"), entry=entry), folder, runs)
            theirs, _ = median(THEIRS.format(plugin=plugin), folder, runs) if plugin else (None, None)
            yield entry, plugin, ours, memory, theirs


def rows(minutes, runs):
    """The table of those that a library has, too."""
    for entry, plugin, ours, _, theirs in measured(minutes, runs, [pair for pair in ENTRIES if pair[1]]):
        (kind,), library = entry, f"pedalboard.{plugin.partition('(')[0]}"
        yield Row(f"{kind}, file to file, {minutes} min", library, ours, theirs, unit="CPU-s", runs=runs)


def main():
    minutes, runs = [*map(int, sys.argv[1:]), *[5, 3][len(sys.argv) - 1 :]]
    for entry, _, ours, memory, theirs in measured(minutes, runs, ENTRIES):
        line = f"{entry}: {60 * minutes / ours:.0f} times real time, {memory:.0f} MB"
        if theirs:
            line += f"; {ours:.2f} s against {theirs:.2f} s, ratio {ours / theirs:.2f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
