"""Peak memory of a job on a song of 2 minutes, 30 minutes and 2 hours: python bench/lengths.py [MINUTES ...]

One stem, drums through an equaliser, a compressor and a low-pass, in a master with a loudness target, is built with all
of its gates, at 8 kHz in mono so that two hours take a minute. What is compared is the highest resident memory of a
job, as the kernel counted it, with that on the shortest. `bench/memory.py` does the same with every source and effect,
`bench/long_song.py` with four stems at 48 kHz in stereo.
"""

import ctypes
import sys
import tempfile
from pathlib import Path

import yaml
from long_song import PR_SET_CHILD_SUBREAPER, ROOT, built
from rows import Row, as_text

RATE = 8_000
# Drums alone are no music: what gates say of that does not stop the build.
MEASURED = ("bandwidth", "click", "duplicate", "placeholder", "loudness")


def write_song(folder, minutes):
    """The song, which is called `long`, and its config, in a folder."""
    song = {
        "bpm": 120,
        "length": f"{30 * minutes} bars",
        "session": {"sample_rate": RATE, "channels": 1},
        "stems": {
            "drums": {
                "source": {
                    "drums": {"patterns": {"*": {"kick": "x---x---x---x---", "hat": "--x---x---x---x-"}}}
                },
                "effects": [
                    {"eq": {"bands": [{"peak": {"frequency_hz": 900, "gain_db": 2}}]}},
                    {"compressor": {"threshold_db": -18, "ratio": 3}},
                    {"lowpass": {"cutoff_hz": 3_000}},
                ],
            }
        },
        "master": {"target": {"integrated_lufs": -20}},
        "gates": {name: {"severity": "warn"} for name in MEASURED},
    }
    (folder / "songs").mkdir()
    (folder / "songs/long.yaml").write_text(yaml.safe_dump(song, sort_keys=False), encoding="utf-8")
    (folder / "config.yaml").write_text("songs: [long]\nreport: false\n", encoding="utf-8")


def rows(lengths=(2, 30, 120)):
    """The highest memory of a job at each length, beside that at the shortest."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    peaks = {}
    for minutes in lengths:
        with tempfile.TemporaryDirectory(prefix="lengths-") as name:
            write_song(Path(name), minutes)
            cpu, _, _, jobs = built(ROOT, Path(name), cores=1)
            peaks[minutes] = max((memory, job) for job, (_, memory) in jobs.items())
            print(
                f"{minutes} min: {cpu:.1f} CPU-s, most memory: {peaks[minutes][1]}",
                file=sys.stderr,
                flush=True,
            )
    shortest = min(lengths)
    for minutes in lengths[1:]:
        yield Row(
            f"largest job of a song of {minutes} min, 8 kHz mono",
            f"of {shortest} min",
            peaks[minutes][0],
            peaks[shortest][0],
            unit="MB",
            goal=1.1,
        )


if __name__ == "__main__":
    print(as_text(list(rows(tuple(map(int, sys.argv[1:])) or (2, 30, 120)))))
