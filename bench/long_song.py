"""What a long song costs: python bench/long_song.py [--seconds 300] [--against FOLDER] [--runs 1] [--jobs] [--lean]

Four stems in 48 kHz stereo (drums, bass, an imported recording, a tone) with effects, a bus, a reverb on a send and a
master with a target are built with snakemake for real, in a temporary folder: CPU-seconds of all processes, the
highest resident memory of a job, and the bytes of build/ by stage (a file under two names is counted once). With
--against, the same song is built in turn by another working tree; what counts is the ratio. --jobs: also CPU-seconds
and memory of each job, as the kernel counted them when it ended (those in benchmarks/ are samples, and miss what is
short). --keep: the folder in which to build, and to leave all. --lean: this tree makes no page, and keeps
deliveries only.
"""

import argparse
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile as sf
import yaml

ROOT = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
RATE, BPM = 48_000, 120
CHORDS = "| Am7 | Fmaj7 | Dm7 G7 | Am7 |"
PR_SET_CHILD_SUBREAPER = (
    36  # linux/prctl.h: the process that jobs are forked from becomes ours when Snakemake ends
)
# Python runs a module of this name at its start. Jobs end by os._exit.
AT_EXIT = """
import json, os, resource, sys
leave = os._exit
def note_and_leave(status):
    job = sys.modules.get("stemwright.workflow.job")
    if job and job._work:
        used = resource.getrusage(resource.RUSAGE_SELF)
        with open(os.environ["JOB_COSTS"], "a") as file:
            cost = job._work._output, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
            file.write(json.dumps(cost) + "\\n")
    leave(status)
os._exit = note_and_leave
"""


def song(seconds):
    bars = seconds * BPM // 240
    return {
        "bpm": BPM,
        "key": "A minor",
        "tail": "4 s",
        "sections": [
            {"verse": {"length": f"{bars // 2} bars", "chords": CHORDS}},
            {"chorus": {"length": f"{bars - bars // 2} bars", "chords": CHORDS}},
        ],
        "stems": {
            "drums": {
                "source": {
                    "drums": {"patterns": {"*": {"kick": "x---x---x---x---", "hat": "--x---x---x---x-"}}}
                },
                "effects": [{"compressor": {"threshold_db": -18, "ratio": 3}}],
                "output": "band",
            },
            "bass": {
                "source": {
                    "play": {
                        "instrument": {"preset": {"name": "mini-bass"}},
                        "parts": {"*": {"degrees": {"pattern": "1 . 5, 1 - . 7, .", "octave": 2}}},
                    }
                },
                "effects": [{"ducker": {"key": "drums", "depth_db": 4, "release_ms": 120}}],
                "output": "band",
            },
            "take": {
                "source": {"audio": {"file": "take.wav"}},
                "effects": [
                    {
                        "eq": {
                            "bands": [
                                {"highpass": {"frequency_hz": 80}},
                                {"peak": {"frequency_hz": 2500, "gain_db": 2}},
                            ]
                        }
                    }
                ],
                "gain_db": -6,
                "pan": -0.2,
                "sends": {"hall": -9},
            },
            "drone": {"source": {"tone": {"note": "A2"}}, "sections": ["chorus"], "gain_db": -18},
        },
        "buses": {
            "band": {"gain_db": -3},
            "hall": {"effects": [{"reverb": {"wet_level": 1, "dry_level": 0, "room_size": 0.7}}]},
        },
        "master": {"effects": [{"highpass": {"cutoff_hz": 25}}], "target": "spotify"},
        # A song of noise and a tone is no music: what gates say of that does not stop the build.
        "gates": {
            name: {"severity": "warn"} for name in ("click", "grid", "stereo", "bandwidth", "mono_fold_down")
        },
    }


def write_song(folder, seconds, config):
    """The song, its recording and its config, in a folder."""
    rng = np.random.default_rng(1)
    with sf.SoundFile(folder / "take.wav", "w", RATE, 2, "PCM_24") as file:
        for second in range(seconds):
            t = second + np.arange(RATE) / RATE
            swell = 0.5 - 0.4 * np.cos(2 * np.pi * t / 8)
            chord = sum(np.sin(2 * np.pi * f * t + f) for f in (220.0, 261.63, 329.63, 1_318.5)) * 0.06
            file.write((chord[:, None] + 0.02 * rng.standard_normal((RATE, 2))) * swell[:, None])
    (folder / "songs").mkdir()
    (folder / "songs/long.yaml").write_text(yaml.safe_dump(song(seconds), sort_keys=False), encoding="utf-8")
    (folder / "config.yaml").write_text(f"songs: [long]\n{config}", encoding="utf-8")


def sizes(folder):
    """The bytes on disk of each stage; of a file with two names, of the first of these."""
    found, seen = Counter(), set()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if path.is_file() and status.st_ino not in seen:
            seen.add(status.st_ino)
            parts = path.relative_to(folder).parts
            found[parts[0] if len(parts) > 1 else "SONG.zip" if path.suffix == ".zip" else "other"] += (
                status.st_blocks * 512
            )
    return found


def built(tree, folder, cores):
    """Builds the song in a folder: (CPU-seconds, seconds, bytes by stage, (CPU-seconds, peak MB) by job)."""
    (folder / "at_exit").mkdir()
    (folder / "at_exit/sitecustomize.py").write_text(AT_EXIT, encoding="utf-8")
    costs = folder / "costs.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(folder / "at_exit"), "JOB_COSTS": str(costs)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [SNAKEMAKE, "-s", tree / "Snakefile", "--cores", cores]
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    with suppress(ChildProcessError):
        while True:
            os.wait()
    after, elapsed = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    jobs = {job.removeprefix("build/long/"): cost for job, *cost in map(json.loads, costs.open())}
    return cpu, elapsed, sizes(folder / "build/long"), jobs


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--against", type=Path, help="another working tree")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--jobs", action="store_true")
    parser.add_argument("--lean", action="store_true")
    parser.add_argument("--keep", type=Path, help="where the song is built, and stays")
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    trees = [ROOT, *([args.against.resolve()] if args.against else [])]
    results = defaultdict(list)
    for _ in range(args.runs):
        for tree in reversed(trees):
            with tempfile.TemporaryDirectory(prefix="long-song-") as name:
                folder = (args.keep / tree.name).resolve() if args.keep else Path(name)
                folder.mkdir(parents=True, exist_ok=True)
                is_lean = args.lean and tree == ROOT
                write_song(folder, args.seconds, "report: false\nkeep: deliveries\n" if is_lean else "")
                results[tree].append(built(tree, folder, args.cores))
    medians = {}
    for tree, runs in results.items():
        cpu, elapsed = (statistics.median(run[i] for run in runs) for i in (0, 1))
        *_, stages, jobs = runs[-1]
        peak = max(memory for _, memory in jobs.values())
        total = stages.total()
        medians[tree] = cpu, total, peak
        print(f"{tree}: {args.seconds} s of song, {args.runs} runs")
        print(
            f"  {cpu:.1f} CPU-s, {elapsed:.1f} s, build/ {total / 1e6:.0f} MB, highest memory of a job {peak:.0f} MB"
        )
        print("  MB:", ", ".join(f"{stage} {size / 1e6:.0f}" for stage, size in sorted(stages.items())))
        if args.jobs:
            for job, (seconds, memory) in sorted(jobs.items(), key=lambda item: -item[1][0]):
                print(f"    {seconds:7.2f} CPU-s {memory:6.0f} MB  {job}")
    if len(trees) == 2:
        ours, theirs = (medians[tree] for tree in trees)
        print(
            "ratio: "
            + ", ".join(
                f"{what} {a / b:.2f}"
                for what, a, b in zip(("CPU", "bytes", "memory"), ours, theirs, strict=True)
            )
        )


if __name__ == "__main__":
    main()
