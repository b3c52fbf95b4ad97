"""Peak memory of every job on a short and on a long song: python bench/memory.py [MINUTES ...]

Builds a song with every source of sound that lasts, every effect of ours, a side-chain, buses, a send and stems that
are delivered through the master, at each length (2 and 10 minutes), and prints for each job the highest resident
memory in MB, as the kernel counted it. Jobs that took 10 % and 5 MB more for the longest than for the shortest are
marked. At 44.1 kHz, which some effects need: 10 minutes are 420 MB as float64, of which nothing may be held. It takes
five minutes and 8 GB of disk.
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile as sf
import yaml
from long_song import ROOT, built

sys.path.insert(0, str(ROOT / "scripts"))

from stemwright.validation import registry

RATE = 44_100
PROGRAMS = ("insert", "vst3")
# Music is what gates are for; these chains make none. They measure it, and are not to stop the build.
MEASURED = (
    "bandwidth",
    "click",
    "clipping",
    "dropout",
    "duplicate",
    "edges",
    "grid",
    "loudness",
    "mono_fold_down",
)
MEASURED += (
    "balance",
    "dc",
    "placeholder",
    "reference_in_mix",
    "section_key",
    "stereo",
    "tempo",
    "true_peak",
)
EQ = {"bands": [{"peak": {"frequency_hz": 900, "gain_db": 2, "q": 1}}]}
ADAPTED = {
    "convolution": {"file": "hall.wav", "wet_level": 0.3},
    "ducker": {"key": "drums"},
    "eq": EQ,
    "lowpass": {"cutoff_hz": 6_000, "zero_phase": True},
    "match_eq": {"file": "reference.flac"},
}
LINEAR = [{"eq": EQ}, {"compressor": {"threshold_db": -20}}]


def every_effect():
    kinds = [kind for kind in registry.kinds("stemwright.effects") if kind not in PROGRAMS]
    keys = {
        kind: ADAPTED.get(kind) or yaml.safe_load(registry.load("stemwright.effects", kind).example)
        for kind in kinds
    }
    return [{kind: keys[kind]} for kind in kinds]


def song(minutes):
    bars = 30 * minutes  # at 120 BPM
    moving = [{"at": "bar 1", "value": -24}, {"at": "b", "value": -12}]
    chords = "| Am7 | Fmaj7 | Dm7 G7 | Am7 |"
    return {
        "bpm": 120,
        "key": "A minor",
        "tail": "2 s",
        "session": {"sample_rate": RATE},
        "sections": [
            {"a": {"length": f"{bars // 2} bars", "chords": chords}},
            {"b": {"length": f"{bars - bars // 2} bars", "chords": chords}},
        ],
        "reference": {"file": "reference.flac"},
        "stems": {
            "drums": {
                "source": {"drums": {"patterns": {"*": {"kick": "x---", "hat": "xxxx"}}}},
                "output": "band",
            },
            "bass": {
                "source": {
                    "play": {
                        "instrument": {"preset": {"name": "mini-bass"}},
                        "parts": {"*": {"degrees": {"pattern": "1 . 5, 1 - . 7, .", "octave": 2}}},
                    }
                },
                "output": "band",
            },
            "take": {
                "source": {"audio": {"file": "reference.flac"}},
                "effects": every_effect(),
                "gain_db": -24,
            },
            "loop": {
                "source": {"audio": {"file": "loop.wav", "loop_bars": 4}},
                "gain_db": moving,
                "sends": {"hall": -6},
            },
            "guide": {"source": {"reference": {}}, "gain_db": -12},
            "tone": {"source": {"tone": {"note": "A2"}}, "sections": ["b"], "gain_db": -18, "pan": 0.3},
        },
        "buses": {
            "band": {"effects": LINEAR, "gain_db": -6},
            "hall": {"effects": [{"reverb": {"wet_level": 1, "dry_level": 0}}]},
        },
        "master": {"effects": LINEAR, "target": {"integrated_lufs": -16}},
        "delivery": {"stems": {"buses": "printed", "through": "master"}},
        "gates": {name: {"severity": "warn"} for name in MEASURED},
    }


def write_song(folder, minutes):
    """The song, what it is made from, and its config."""
    rng = np.random.default_rng(1)
    with sf.SoundFile(folder / "reference.flac", "w", 22_050, 2, "PCM_16") as file:
        for _ in range(minutes * 60):
            file.write(0.1 * rng.standard_normal((22_050, 2)))
    sf.write(folder / "loop.wav", 0.1 * rng.standard_normal((RATE * 9, 1)), RATE)
    decay = np.exp(-np.arange(RATE) / 3_000)[:, None]
    sf.write(folder / "hall.wav", 0.02 * rng.standard_normal((RATE, 2)) * decay, RATE)
    (folder / "songs").mkdir()
    (folder / "songs/long.yaml").write_text(yaml.safe_dump(song(minutes), sort_keys=False), encoding="utf-8")
    (folder / "config.yaml").write_text("songs: [long]\n", encoding="utf-8")


def main():
    peaks = defaultdict(dict)
    lengths = [int(word) for word in sys.argv[1:]] or [2, 10]
    for minutes in lengths:
        with tempfile.TemporaryDirectory(prefix="memory-") as name:
            write_song(Path(name), minutes)
            *_, jobs = built(ROOT, Path(name), cores=2)
            for job, (_, memory) in jobs.items():
                peaks[job][minutes] = memory
    print("job".ljust(40), *(f"{m} min".rjust(8) for m in lengths))
    for job, found in sorted(peaks.items()):
        shortest, longest = found[min(lengths)], found[max(lengths)]
        grows = "  grows" if longest > 1.1 * shortest + 5 else ""
        print(job.ljust(40), *(f"{found[m]:8.0f}" for m in lengths), grows)


main()
