"""The benchmarks of docs/benchmarks.md, in under ten minutes on 2 quiet cores: make bench

    python bench/run.py [--seed WORKFLOW.md] [--only PART ...] [--markdown]

Runs each part in turn, prints one table, and writes it as JSON to logs/bench.json. --seed is the document whose script
is compared with (five_stems.py says more). --markdown prints what docs/benchmarks.md has between its markers. A part
that fails has a row that says so, and the others run.
"""

import argparse
import contextlib
import json
import os
import platform
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
    """The first number that each program says of itself."""
    for name, command in PROGRAMS.items():
        with contextlib.suppress(OSError):
            said = subprocess.run(command.split(), capture_output=True, text=True).stdout
            yield (
                name,
                next(
                    (word.strip("v,") for word in said.split() if word.strip("v,")[:1].isdigit()), "unknown"
                ),
            )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=Path, default=five_stems.DOCUMENT)
    parser.add_argument("--only", nargs="+", metavar="PART", help=f"of {', '.join(parts(None))}")
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    about, found = machine(), {}
    for name, part in parts(args.seed).items():
        if not args.only or name in args.only:
            found[name], took = taken(name, part)
            print(f"{name}: {took:.0f} s", file=sys.stderr, flush=True)
    JSON.parent.mkdir(exist_ok=True)
    report = about | {name: [row.as_json() for row in rows] for name, rows in found.items()}
    JSON.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    used = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    line = f"{about['date']}, {about['machine']}, load {about['load']} at the start; {used}."
    if args.markdown:
        print(
            line
            + "".join(f"\n\n### {name.capitalize()}\n\n{as_markdown(rows)}" for name, rows in found.items())
        )
    else:
        print(as_text([row for rows in found.values() for row in rows]), line, sep="\n")


if __name__ == "__main__":
    main()
