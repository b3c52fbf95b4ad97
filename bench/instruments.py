"""CPU seconds of a dense three-minute stereo stem of every instrument: python bench/instruments.py [NAME ...]

Four-note chords in eighths at 140 BPM (3,360 notes), written to a WAV file, in a process of its own with its
imports. "song" plays velocities that spread as a player's do over eight chords; "no two alike" gives every note a
pitch of its own (cents off) and a length that few others have, so that nothing is found among what was made before.
The limit is a tenth: 18 s.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHORDS = [(0, 4, 7, 11), (9, 12, 16, 19), (2, 5, 9, 12), (7, 11, 14, 17)] * 2
RATE, MINUTES, BPM = 48_000, 3, 140


def render(entry, alike):
    """Runs in a process of its own: prints CPU seconds and the peak of memory."""
    sys.path.insert(0, str(ROOT / "scripts"))
    from stemwright import instruments
    from stemwright.audio import fit, write_audio
    from stemwright.music.render_context import RenderContext

    dice, step = random.Random(1), 30 * RATE / BPM
    context = RenderContext(RATE, 2, MINUTES * 60 * RATE, "bench")
    base = 33 if "bass" in json.dumps(entry) else 52
    notes = []
    for eighth in range(int(context.frames / step)):
        for degree in CHORDS[eighth // 8 % len(CHORDS)]:
            pitch = base + degree + (0 if alike else len(notes) * 1e-5)
            velocity = round(127 * min(1, max(0.1, dice.gauss(0.75, 0.06)))) / 127
            frames = round(0.9 * step) + (0 if alike else len(notes) % 100)
            notes.append(instruments.Note(round(eighth * step), frames, pitch, velocity))
    with tempfile.TemporaryDirectory() as folder:
        stream = fit(instruments.make(entry).play(notes, context), context.frames, 2)
        write_audio(f"{folder}/stem.wav", stream, rate=RATE, channels=2, frames=context.frames)
    print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main():
    if sys.argv[1:2] == ["--render"]:
        return render(json.loads(sys.argv[2]), sys.argv[3] == "alike")
    sys.path.insert(0, str(ROOT / "scripts"))
    from stemwright.instruments.preset import NAMES

    entries = {kind: {kind: {}} for kind in ("fm", "organ", "plucked", "subtractive")}
    entries |= {name: {"preset": {"name": name}} for name in NAMES}
    print("CPU seconds for 180 s".ljust(24), "song".rjust(8), "no two alike".rjust(14), "peak MB".rjust(9))
    for name in sys.argv[1:] or entries:
        figures = []
        for how in ("alike", "different"):
            command = [sys.executable, __file__, "--render", json.dumps(entries[name]), how]
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            figures.append(tuple(map(float, out.split())))
        (song, _), (alone, peak) = figures
        print(f"{name:24} {song:8.1f} {alone:14.1f} {peak:9.0f}", flush=True)


main()
