"""What every script of a rule does around its one call: log, tell users' errors plainly, fail cleanly."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stemwright.canvas import Canvas
from stemwright.errors import StemwrightError
from stemwright.made import write_made
from stemwright.timeline import Timeline


@contextmanager
def job(snakemake) -> Iterator[dict]:
    """Run a rule's script: gives its spec, and sends all that is printed to its log.

    A user's error ends the job with its text and no traceback; so does a full disk or a lost file.
    """
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)
    try:
        yield snakemake.params.job["spec"]
        if made := snakemake.output.get("made"):
            write_made(made, [file for file in snakemake.output if file != made])
    except StemwrightError as error:
        print(error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{where}{error.strerror or error}")
    except MemoryError:
        print("out of memory: give the job more, or run fewer at once (snakemake --cores)")
    except Exception:
        traceback.print_exc()
    else:
        return
    sys.stdout.flush()
    sys.exit(1)


def canvas_of(spec: dict, seed: str = "", files: dict[str, str] | None = None) -> Canvas:
    """The canvas that a job's spec describes."""
    facts = dict(spec["canvas"])
    timeline = facts.pop("timeline", None)
    return Canvas(**facts, seed=seed, timeline=timeline and Timeline.from_facts(timeline), files=files or {})
