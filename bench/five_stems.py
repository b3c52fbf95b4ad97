"""Speed of five-stems, from nothing and after edits: python bench/five_stems.py [WORKFLOW.md [RUNS]]

It is compared with the script that it began from, the last one of the document WORKFLOW.md, which is run as it stands;
with a pipeline of GNU Make, SoX and FFmpeg that does the same audio work (make_pipeline/Makefile); and where there is
nothing to do, with a Snakemake workflow of as many files that has nothing to do either. In each round, all commands run
in turn, in temporary folders, on 2 cores and on 1. The figures are medians, and what counts is their ratio.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from rows import Row, as_text

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT.parent / "shared/seed/incremental-audio-workflow.md"
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
MASTER, ARCHIVE = "build/five-stems/master/master.wav.ok", "build/five-stems/five-stems.zip.ok"
FLOOR = """
rule all:
    input: expand("made/{n}", n=range(60))

rule make:
    output: "made/{n}"
    shell: "touch {output}"
"""
NOTES = {"B2": 123.47, "C3": 130.81, "D3": 146.83, "E3": 164.81, "F3": 174.61, "G3": 196.0}
"""Of the bass, whose tone is A2: with some of them, the master needs its limiter, with others it does not."""

FULL, NOTHING = "full build", "nothing to do"
STEM, TO_MASTER = "one-stem edit, to the verified zip", "one-stem edit, to the verified master"
FADER = "fader edit, to the verified zip"
GOALS = {FULL: 0.6, STEM: 0.4, TO_MASTER: 0.3, FADER: 0.35}
SCRIPT, PIPELINE, ITS_FLOOR = "the seed's script", "GNU Make, SoX, FFmpeg", "Snakemake's floor"


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


def lay_out(folder):
    """The song, its config and what it is compared with, in a folder."""
    (folder / "floor").mkdir()
    (folder / "floor/Snakefile").write_text(FLOOR, encoding="utf-8")
    shutil.copytree(ROOT / "bench/make_pipeline", folder / "pipeline")
    (folder / "songs").mkdir()
    (folder / "config.yaml").write_text(
        "songs: [five-stems]\nreport: false\ndelivery: {subtype: FLOAT}\n", encoding="utf-8"
    )


def take_ours(folder, run, cores, times):
    """A build from nothing, one with nothing to do, and one after each edit."""
    for name in ("build", "logs", "benchmarks", ".snakemake"):
        shutil.rmtree(folder / name, ignore_errors=True)
    build = [SNAKEMAKE, "-s", ROOT / "Snakefile", "--cores", cores]
    names = list(NOTES)
    one, other = names[2 * run % len(names)], names[(2 * run + 1) % len(names)]
    write_song(folder)
    times[FULL, cores].append(seconds(build, folder))
    times[NOTHING, cores].append(seconds(build, folder))
    write_song(folder, one)
    times[STEM, cores].append(seconds([*build, ARCHIVE], folder))
    write_song(folder, one, gain_db=-9)
    times[FADER, cores].append(seconds([*build, ARCHIVE], folder))
    write_song(folder, other, gain_db=-9)
    times[TO_MASTER, cores].append(seconds([*build, MASTER], folder))


def take_pipeline(folder, run, cores, times):
    """The same, by GNU Make."""
    shutil.rmtree(folder / "build", ignore_errors=True)
    build = ["make", f"-j{cores}"]
    one, other = [list(NOTES.values())[(2 * run + i) % len(NOTES)] for i in (0, 1)]

    def write(hertz=110.0, gain=0.4):
        for name, text in (("bass.stem", f"synth 137 sine {hertz} vol 0.8"), ("guitars.gain", f"{gain}")):
            if (folder / "song" / name).read_text().strip() != text:
                (folder / "song" / name).write_text(f"{text}\n")

    write()
    times[PIPELINE, FULL, cores].append(seconds(build, folder))
    times[PIPELINE, NOTHING, cores].append(seconds(build, folder))
    write(one)
    times[PIPELINE, STEM, cores].append(seconds(build, folder))
    write(one, 0.355)
    times[PIPELINE, FADER, cores].append(seconds(build, folder))
    write(other, 0.355)
    times[PIPELINE, TO_MASTER, cores].append(seconds([*build, "build/master.wav.ok"], folder))


def rows(document=DOCUMENT, runs=3):
    """The table. Without the document, rows say that they are left out."""
    times = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="five-stems-") as name:
        folder = Path(name)
        lay_out(folder)
        if document.exists():
            (folder / "workflow.py").write_text(workflow_script(document), encoding="utf-8")
        seconds([SNAKEMAKE, "--cores", "2"], folder / "floor")
        for run in range(runs):
            for cores in (2, 1):
                take_ours(folder, run, cores, times)
                take_pipeline(folder / "pipeline", run, cores, times)
                times[ITS_FLOOR, cores].append(seconds([SNAKEMAKE, "--cores", cores], folder / "floor"))
            if document.exists():
                times[SCRIPT].append(seconds([sys.executable, "workflow.py"], folder))
    return list(_compared(times))


def _compared(times):
    for cores in (2, 1):
        on = "2 cores" if cores == 2 else "1 core"
        for name in GOALS:
            goal = GOALS[name] if cores == 2 else None
            if times[SCRIPT]:
                yield Row.of(f"{name}, {on}", SCRIPT, times[name, cores], times[SCRIPT], goal=goal)
            else:
                yield Row(f"{name}, {on}", SCRIPT, goal=goal, note="left out: its document is not there")
        for name in (*GOALS, NOTHING):
            yield Row.of(f"{name}, {on}", PIPELINE, times[name, cores], times[PIPELINE, name, cores])
        goal = 1.25 if cores == 2 else None
        yield Row.of(f"{NOTHING}, {on}", ITS_FLOOR, times[NOTHING, cores], times[ITS_FLOOR, cores], goal=goal)
    yield Row.of("full build, 2 cores", "1 core", times[FULL, 2], times[FULL, 1])


if __name__ == "__main__":
    print(as_text(rows(*map(Path, sys.argv[1:2]), *map(int, sys.argv[2:3]))))
