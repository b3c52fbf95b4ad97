"""The benchmarks of docs/benchmarks.md, in under ten minutes on 2 quiet cores: make bench

    python bench/run.py [--seed WORKFLOW.md] [--only PART ...]
    python bench/run.py --markdown

Runs each part in turn, prints one table, and writes it as JSON to logs/bench.json. --seed is the document whose script
is compared with (five_stems.py says more). A part that fails has a row that says so, and the others run. --markdown
runs nothing: it prints what the last run has found, as docs/benchmarks.md has it between its markers.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import catalogue
import effects
import five_stems
import lengths
import profile_build
import verify
from rows import Row, as_markdown, as_text

JSON = five_stems.ROOT / "logs/bench.json"
PROGRAMS = {
    "Snakemake": "snakemake --version",
    "GNU Make": "make --version",
    "SoX": "sox --version",
    "FFmpeg": "ffmpeg -version",
    "zip": "zip -v",
}


def parts(seed):
    """What is measured, by name, in its order."""
    return {
        "five-stems": lambda: five_stems.rows(seed, runs=3),
        "catalogues": catalogue.rows,
        "effects": lambda: effects.rows(minutes=2, runs=3),
        "meters": lambda: verify.rows(runs=3),
        "memory": lengths.rows,
        "profile": profile_build.rows,
    }


def taken(name, part):
    """(the rows of a part, how long it took in s); of one that fails, a row that says so."""
    start = time.perf_counter()
    try:
        found = list(part())
    except (Exception, SystemExit) as error:
        said = getattr(error, "stderr", None) or str(error)
        said = said.decode(errors="replace") if isinstance(said, bytes) else said
        print(f"{name}: {said}", file=sys.stderr, flush=True)
        found = [Row(name, note="failed")]
    return found, time.perf_counter() - start


def machine():
    """What the figures were taken on, and when."""
    return {
        "date": datetime.now(UTC).strftime("%B %Y"),
        "machine": f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
        "versions": {"Python": platform.python_version(), **dict(versions())},
    }


def versions():
    """The first number with a point that each program says of itself."""
    for name, command in PROGRAMS.items():
        with contextlib.suppress(OSError):
            said = subprocess.run(command.split(), capture_output=True, text=True).stdout
            yield name, (re.findall(r"\d+\.\d[\w.+-]*", said) or ["unknown"])[0]


def report(seed, only):
    """What is found, as it is written to the JSON file."""
    about, found = machine(), {}
    for name, part in parts(seed).items():
        if not only or name in only:
            rows, took = taken(name, part)
            found[name] = [row.as_json() for row in rows]
            print(f"{name}: {took:.0f} s", file=sys.stderr, flush=True)
    return {"about": about, "parts": found}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=Path, default=five_stems.DOCUMENT)
    parser.add_argument("--only", nargs="+", choices=parts(None), metavar="PART", help=", ".join(parts(None)))
    parser.add_argument("--markdown", action="store_true", help="print the last run, for the document")
    args = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if not args.markdown:
        JSON.parent.mkdir(exist_ok=True)
        JSON.write_text(json.dumps(report(args.seed, args.only), indent=2) + "\n", encoding="utf-8")
    last = json.loads(JSON.read_text(encoding="utf-8"))
    tables = {name: list(map(Row.from_json, rows)) for name, rows in last["parts"].items()}
    print(as_page(last["about"], tables) if args.markdown else as_screen(last["about"], tables))


def as_screen(about, tables):
    """One table, and what it was taken on."""
    return f"{as_text([row for rows in tables.values() for row in rows])}\n{in_words(about)}"


def as_page(about, tables):
    """A table for each part, under what they were taken on."""
    parts = [f"### {name.capitalize()}\n\n{as_markdown(rows)}" for name, rows in tables.items()]
    return "\n\n".join([in_words(about), *parts])


def in_words(about):
    used = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return f"{about['date']}, {about['machine']}, load {about['load']} at the start; {used}."


if __name__ == "__main__":
    main()
