"""Precision, recall and F-measure of our onsets on annotated sets: PYTHONPATH=scripts python bench/onsets.py FOLDER

Measured with mir_eval at +-50 ms; with --librosa, librosa's onsets instead of ours (pip install mir_eval librosa; see
bench/rhythms.py for the kits). The sets are made once, in FOLDER. "tune" is what the detector was made with; "held
out" are other seeds and other kits. Strokes that lie within 30 ms of each other are one.
"""

import json
import sys
from pathlib import Path

import mir_eval
import numpy as np
import rhythms
import soundfile as sf

from stemwright.measure import measure
from stemwright.measure.onsets import Onsets

BASE = {"tune": 0, "held out": 10_000}
KITS = {"tune": [0, 8, 16, 24, 25, 40], "held out": ["black-pearl", "red-zeppelin", "rock"]}
RATES = (8_000, 8_001, 9_999, 11_111, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000)
WINDOW_S, ONE_S, SECONDS = 0.05, 0.03, 16.0


def sets():
    """(name, one of the set) of every file to make: a function that returns samples, rate and times."""
    for split, base in BASE.items():
        for i in range(44):
            yield f"{split}/own drums", lambda i=i, base=base: drums(base + i, "own", RATES[i % len(RATES)])
        for i in range(44):
            kit = KITS[split][i % len(KITS[split])]
            yield (
                f"{split}/recorded drums",
                lambda i=i, base=base, kit=kit: drums(base + 100 + i, kit, 44_100),
            )
        for i in range(30):
            kit = [*KITS[split], "own"][i % (1 + len(KITS[split]))]
            yield f"{split}/mixes", lambda i=i, base=base, kit=kit: mix(base + 200 + i, kit)


def drums(seed, kit, rate):
    rng = np.random.default_rng(seed)
    kind = rhythms.KINDS[seed % len(rhythms.KINDS)]
    line = rhythms.rhythm(kind, rng, human_ms=float(rng.choice([0, 5, 10])))
    sound = rhythms.play(line.strokes, line.bpm, kit, rate, SECONDS)
    if rng.random() < 0.4:
        sound = rhythms.room(sound, rate, rng, wet=0.15)
    return 0.7 * sound / np.abs(sound).max() + 1e-5 * rng.normal(size=len(sound)), rate, line.seconds


def mix(seed, kit):
    rng, rate = np.random.default_rng(seed), 44_100
    line = rhythms.rhythm(
        rhythms.KINDS[seed % len(rhythms.KINDS)], rng, human_ms=float(rng.choice([0, 5, 10]))
    )
    beats = SECONDS * line.bpm / 60
    heard, pad = rhythms.band(rng, beats)
    programs = {
        0: int(rng.choice([32, 33, 38])),
        1: int(rng.choice([0, 4, 25, 27])),
        2: int(rng.choice([73, 80, 11])),
        3: 89,
    }
    parts = [
        rhythms.play(line.strokes, line.bpm, kit, rate, SECONDS),
        rhythms.fluidsynth(heard, line.bpm, rhythms.GM, programs, rate, SECONDS),
        rhythms.fluidsynth(pad, line.bpm, rhythms.GM, programs, rate, SECONDS),
    ]
    levels = 10 ** (np.array([0, rng.uniform(-8, 0), rng.uniform(-18, -8)]) / 20)
    sound = sum(g * p / (np.sqrt(np.mean(p**2)) + 1e-9) for g, p in zip(levels, parts, strict=True))
    sound = rhythms.room(sound, rate, rng, wet=float(rng.uniform(0.05, 0.3)))
    sound = 0.7 * sound / np.abs(sound).max() + 10 ** (rng.uniform(-70, -45) / 20) * rng.normal(
        size=len(sound)
    )
    return sound, rate, np.sort(np.concatenate((line.seconds, [n[0] * 60 / line.bpm for n in heard])))


def make(folder):
    """The files, with their times, made once: yields (set, path, times)."""
    Path(folder).mkdir(exist_ok=True)
    for number, (name, one) in enumerate(sets()):
        path = Path(folder, f"{number:03}.wav")
        times = path.with_suffix(".json")
        if not times.exists():
            sound, rate, seconds = one()
            sf.write(path, sound, rate, "FLOAT")
            seconds = seconds[seconds < SECONDS - WINDOW_S]
            kept = []
            for at in seconds:
                if not kept or at - kept[-1] > ONE_S:
                    kept.append(float(at))
            times.write_text(json.dumps(kept))
        yield name, path, np.array(json.loads(times.read_text()))


def ours(path):
    meter = Onsets()
    measure(str(path), [meter])
    return meter.seconds


def theirs(path):
    import librosa

    samples, rate = sf.read(path)
    return librosa.onset.onset_detect(y=samples, sr=rate, units="time", hop_length=max(1, round(rate / 100)))


def main():
    folder = sys.argv[1]
    detectors = {"librosa": theirs} if "--librosa" in sys.argv else {"ours": ours}
    scores = {}
    for name, path, times in make(folder):
        for detector, find in detectors.items():
            f, p, r = mir_eval.onset.f_measure(times, find(path), window=WINDOW_S)
            scores.setdefault((name, detector), []).append((p, r, f))
    for (name, detector), rows in sorted(scores.items()):
        p, r, f = np.mean(rows, axis=0)
        worst = min(row[2] for row in rows)
        print(
            f"{name:24}{detector:9} P {p:.3f}  R {r:.3f}  F {f:.3f}  worst F {worst:.3f}  {len(rows)} files"
        )


main()
