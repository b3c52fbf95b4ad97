"""Speed of five-stems against the script it began from: python bench/five_stems.py WORKFLOW.md [RUNS]

WORKFLOW.md is the document whose last script is run as it stands. Both run in turn, from nothing, in temporary
folders; the figures are medians, and what counts is their ratio. Also: a build with nothing to do against an
empty Snakemake workflow.
"""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")


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


def report(name, ours, theirs):
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{name}: {a:.2f} s against {b:.2f} s, ratio {a / b:.2f} (medians of {len(ours)})")


def main():
    document, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "workflow.py").write_text(workflow_script(document), encoding="utf-8")
        (folder / "Snakefile").write_text("rule all:\n    input: []\n", encoding="utf-8")
        (folder / "songs").mkdir()
        shutil.copy(ROOT / "songs/five-stems.yaml", folder / "songs")
        (folder / "config.yaml").write_text(
            "songs: [five-stems]\nreport: false\ndelivery: {subtype: FLOAT}\n", encoding="utf-8"
        )
        build = [SNAKEMAKE, "-s", ROOT / "Snakefile", "--cores", "2"]
        ours, theirs, idle, empty = [], [], [], []
        for _ in range(runs):
            for name in ("build", "logs", "benchmarks", ".snakemake"):
                shutil.rmtree(folder / name, ignore_errors=True)
            ours.append(seconds(build, folder))
            theirs.append(seconds([sys.executable, "workflow.py"], folder))
            idle.append(seconds(build, folder))
            empty.append(seconds([SNAKEMAKE, "--cores", "2"], folder))
        report("full build of five-stems, against the workflow's script", ours, theirs)
        report("nothing to do, against an empty workflow", idle, empty)


main()
