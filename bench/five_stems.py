"""Speed of five-stems against the script it began from: python bench/five_stems.py WORKFLOW.md [RUNS]

WORKFLOW.md is the document whose last script is run as it stands. In each round, all commands run in turn, in
temporary folders: the script and the full build from nothing; then a build with nothing to do, and one after each of
some edits of the song. The figures are medians, and what counts is their ratio. A build with nothing to do is compared
with a Snakemake workflow of as many files that does nothing either.
"""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
MASTER, ARCHIVE = "build/five-stems/master/master.wav.ok", "build/five-stems/five-stems.zip.ok"
FLOOR = """
rule all:
    input: expand("made/{n}", n=range(60))

rule make:
    output: "made/{n}"
    shell: "touch {output}"
"""
NOTES = ("B2", "C3", "D3", "E3", "F3", "G3")
"""Of the bass, whose tone is A2: with some of them, the master needs its limiter, with others it does not."""

GOALS = {
    "full build": 0.6,
    "one-stem edit, to the verified zip": 0.4,
    "one-stem edit, to the verified master": 0.3,
    "fader edit, to the verified zip": 0.35,
}


def seconds(command, folder):
    start = time.perf_counter()
    subprocess.run(list(map(str, command)), cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def workflow_script(document):
    """The last script of the document: from its first line to the end of its `if __name__` block."""
    text = document.read_text(encoding="utf-8")
    start = text.rindex("#!/usr/bin/env python3")
    match = re.compile(r"^    sys\.exit\(run_workflow\(\)\)$", re.MULTILINE).search(text, start)
    return text[start : match.end()] + "\n"


def write_song(folder, note="A2", gain_db=-7.9588):
    """The song with another note of the bass, and its guitars at another gain."""
    text = (ROOT / "songs/five-stems.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("note: A2", f"note: {note}"),
        ("    effects: *dull\n    gain_db: *forty", f"    effects: *dull\n    gain_db: {gain_db}"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "songs/five-stems.yaml").write_text(text, encoding="utf-8")


def report(name, ours, theirs, goal):
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{name}: {a:.2f} s against {b:.2f} s, ratio {a / b:.2f}{goal} (medians of {len(ours)})")


def main():
    document, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "workflow.py").write_text(workflow_script(document), encoding="utf-8")
        floor = folder / "floor"
        floor.mkdir()
        (floor / "Snakefile").write_text(FLOOR, encoding="utf-8")
        seconds([SNAKEMAKE, "--cores", "2"], floor)
        (folder / "songs").mkdir()
        (folder / "config.yaml").write_text(
            "songs: [five-stems]\nreport: false\ndelivery: {subtype: FLOAT}\n", encoding="utf-8"
        )
        build = [SNAKEMAKE, "-s", ROOT / "Snakefile", "--cores", "2"]
        times = defaultdict(list)
        for run in range(runs):
            for name in ("build", "logs", "benchmarks", ".snakemake"):
                shutil.rmtree(folder / name, ignore_errors=True)
            one, other = NOTES[2 * run % len(NOTES)], NOTES[(2 * run + 1) % len(NOTES)]
            write_song(folder)
            times["full build"].append(seconds(build, folder))
            times["script"].append(seconds([sys.executable, "workflow.py"], folder))
            times["nothing to do"].append(seconds(build, folder))
            times["floor"].append(seconds([SNAKEMAKE, "--cores", "2"], floor))
            write_song(folder, one)
            times["one-stem edit, to the verified zip"].append(seconds([*build, ARCHIVE], folder))
            write_song(folder, one, gain_db=-9)
            times["fader edit, to the verified zip"].append(seconds([*build, ARCHIVE], folder))
            write_song(folder, other, gain_db=-9)
            times["one-stem edit, to the verified master"].append(seconds([*build, MASTER], folder))
        for name, goal in GOALS.items():
            report(f"{name}, against the workflow's script", times[name], times["script"], f", goal {goal}")
        report(
            "nothing to do, against Snakemake's own floor",
            times["nothing to do"],
            times["floor"],
            ", goal 1.25",
        )


main()
