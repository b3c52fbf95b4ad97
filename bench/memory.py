"""Peak memory of every job on a long song: python bench/memory.py [MINUTES ...]

Builds a song with every source and effect at each length (5 and 30 minutes) and prints, by rule, the highest
max_rss that Snakemake's `benchmark:` saw, in MB.
"""

import csv
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile as sf
import yaml

ROOT = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
RATE = 48_000
REPORTED = (
    "grid",
    "tempo",
    "stereo",
    "duplicate",
    "reference_in_mix",
    "click",
    "bandwidth",
    "mono_fold_down",
)


def song(minutes):
    bars = 30 * minutes  # at 120 BPM
    effects = [
        {"lowpass": {"cutoff_hz": 9000, "zero_phase": True}},
        {"highpass": {"cutoff_hz": 40}},
        {"compressor": {"threshold_db": -20}},
        {"delay": {"delay_length": "1/8."}},
        {"reverb": {}},
        {"fade": {"fade_in": "2 bars", "fade_out": "4 bars"}},
    ]
    return {
        "bpm": 120,
        "sections": [{"a": f"{bars // 2} bars"}, {"b": f"{bars - bars // 2} bars"}],
        "reference": {"file": "reference.flac"},
        "stems": {
            "tone": {
                "source": {"tone": {"note": "A2"}},
                "sections": ["b"],
                "effects": effects,
                "gain_db": -12,
            },
            "drums": {
                "source": {"drums": {"patterns": {"*": {"kick": "x---", "hat": "xxxx"}}}},
                "gain_db": -6,
            },
            "long": {"source": {"audio": {"file": "reference.flac"}}, "gain_db": -12},
            "loop": {"source": {"audio": {"file": "loop.wav", "loop_bars": 4}}, "gain_db": -12},
            "guide": {"source": {"reference": {}}, "gain_db": -12},
        },
        "master": {"target": {"integrated_lufs": -14}},
        # Noise is no music: the gates measure it, and are not to stop the build.
        "gates": {name: {"severity": "warn"} for name in REPORTED},
    }


def main():
    peaks = defaultdict(dict)
    lengths = [int(word) for word in sys.argv[1:]] or [5, 30]
    for minutes in lengths:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rng = np.random.default_rng(1)
            with sf.SoundFile(folder / "reference.flac", "w", 44_100, 2, "PCM_16") as file:
                for _ in range(minutes * 60):
                    file.write(0.1 * rng.standard_normal((44_100, 2)))
            sf.write(folder / "loop.wav", 0.1 * rng.standard_normal((44_100 * 9, 1)), 44_100)
            (folder / "songs").mkdir()
            (folder / "songs/long.yaml").write_text(yaml.safe_dump(song(minutes)), encoding="utf-8")
            (folder / "config.yaml").write_text("songs: [long]\n", encoding="utf-8")
            subprocess.run(
                [SNAKEMAKE, "-s", ROOT / "Snakefile", "--cores", "2", "-q"], cwd=folder, check=True
            )
            for path in (folder / "benchmarks").rglob("*.tsv"):
                (row,) = csv.DictReader(path.open(), delimiter="\t")
                if row["max_rss"] not in ("NA", "-"):
                    place = str(path.relative_to(folder / "benchmarks/long")).removesuffix(".tsv")
                    peaks[place][minutes] = float(row["max_rss"])
    print("job".ljust(40), *(f"{m} min".rjust(8) for m in lengths))
    for place in sorted(peaks):
        print(place.ljust(40), *(f"{peaks[place].get(m, float('nan')):8.0f}" for m in lengths))


main()
