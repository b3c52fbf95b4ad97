"""How the key gate judges music of known keys: python bench/keys.py [SONGS] [FOLDER]

Progressions made here are rendered by FluidSynth with instruments of Debian's timgm6mb-soundfont, with and without
drums. FOLDER may have pairs of NAME.wav and NAME.key (a line such as `G major`), such as chorales of the corpus of
music21. For each it prints how often the best key is right or has the same scale, and how often the gate warns of the
right key and of wrong ones.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile as sf

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from stemwright.gates import Subject, make, verify
from stemwright.measure import measure
from stemwright.measure.chroma import NAMES, Chroma, best_key, same_scale

FONT, RATE = "/usr/share/sounds/sf2/TimGM6mb.sf2", 24_000
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
LOOPS = {
    "major": ("1564", "1645", "2511", "1415", "6415", "1345", "4156"),
    "minor": ("1637", "1451", "1671", "1641", "1471", "1765"),
    "dorian": ("1414", "1741", "1437"),
    "mixolydian": ("1741", "1471", "1717"),
}
PADS, LEADS, BASSES = (0, 4, 16, 19, 24, 27, 48, 61, 81, 88), (0, 11, 25, 40, 56, 65, 73, 80), (32, 33, 38)


def midi(path, rng):
    """Eight bars with bass, chords, a melody and perhaps drums: its key."""
    mode = str(rng.choice(list(SCALES), p=(0.4, 0.36, 0.12, 0.12)))
    tonic, scale, loop = int(rng.integers(12)), SCALES[mode], str(rng.choice(LOOPS[mode]))
    harmonic = mode == "minor" and rng.random() < 0.4  # a major dominant
    events = []

    def play(channel, pitch, start, length, velocity):
        events.append((start, mido.Message("note_on", channel=channel, note=pitch, velocity=int(velocity))))
        events.append((start + length, mido.Message("note_off", channel=channel, note=pitch)))

    def step(degree, octave):
        raised = harmonic and degree % 7 == 6 and chord == 4
        return 12 * (octave + degree // 7) + tonic + scale[degree % 7] + raised

    for bar in range(8):
        chord, at = int(loop[bar % 4]) - 1, 4 * bar
        for beat in range(4):
            play(0, step(chord, 3), at + beat, 0.9, 90)
            degree = chord + 2 * int(rng.integers(3)) if rng.random() < 0.65 else int(rng.integers(7))
            play(2, step(degree, 5), at + beat, 0.9, 80)
        for degree in (0, 2, 4, *((6,) if rng.random() < 0.25 else ())):
            play(1, step(chord + degree, 4), at, 3.9, 75)
        for beat in np.arange(0, 4, 0.5):
            play(9, 42, at + beat, 0.2, 60)
            play(9, 36 if beat % 2 == 0 else 38, at + beat, 0.2, 100 if beat % 1 == 0 else 1)
    track, now = mido.MidiTrack(), 0
    for channel, programs in ((0, BASSES), (1, PADS), (2, LEADS)):
        track.append(mido.Message("program_change", channel=channel, program=int(rng.choice(programs))))
    drums = rng.random() < 0.6
    for at, message in sorted(events, key=lambda e: e[0]):
        if message.channel != 9 or drums:
            tick = round(at * 480)
            track.append(message.copy(time=tick - now))
            now = tick
    mido.MidiFile(type=0, tracks=[track]).save(path)
    return f"{NAMES[tonic]} {mode}"


def made_here(folder, songs):
    for seed in range(songs):
        path = Path(folder, f"{seed}.mid")
        key = midi(path, np.random.default_rng(seed))
        wav = path.with_suffix(".wav")
        command = ["fluidsynth", "-ni", "-q", "-g", "0.4", "-r", RATE, "-F", wav, "-O", "s16", FONT, path]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        yield wav, key


def warns(path, key):
    frames = sf.info(path).frames
    subject = Subject(str(path), "mix", {}, {"keys": [["song", 0, frames, key]]})
    return verify(subject, make({"section_key": {}})).checks[0].status


def report(name, files):
    found, wrong, statuses = [], [], {}
    for path, key in files:
        meter = Chroma()
        measure(str(path), [meter])
        best = best_key(meter.chroma.sum(axis=0))
        found.append((best == key, same_scale(best, key)))
        statuses.setdefault(warns(path, key), []).append((Path(path).stem, key, best))
        tonic, mode = key.split()
        for steps in (1, 2, 6, 7, 11):
            wrong.append((steps, warns(path, f"{NAMES[(NAMES.index(tonic) + steps) % 12]} {mode}") == "warn"))
    right, alike = np.mean(found, axis=0)
    print(f"{name}: {len(found)} files, best key right {right:.0%}, of the same scale {alike:.0%}")
    print(f"  the right key: { ({status: len(which) for status, which in statuses.items()}) }")
    print(f"  warned: {statuses.get('warn', [])[:8]}")
    for steps in (1, 2, 6, 7, 11):
        told = np.mean([warned for s, warned in wrong if s == steps])
        print(f"  a key {steps:2} semitones higher is warned of: {told:.0%}")


def main():
    songs = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as folder:
        report("made here", made_here(folder, songs))
    for folder in sys.argv[2:]:
        keys = {
            path: path.with_suffix(".key").read_text().strip() for path in sorted(Path(folder).glob("*.wav"))
        }
        report(folder, keys.items())


if __name__ == "__main__":
    main()
