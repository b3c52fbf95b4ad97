"""Put audio files through gates, without a song: python scripts/verify_audio.py FILE... --gates master

The gates are those of a kind of artifact, with their limits as they are by default (config.yaml lists them). What only
a song could say (its format, length, stems) is skipped, with the reason. A table for each file, or JSON.
Exit codes: 0 all passed, 1 some were refused, 2 some could not be read as audio, or the command was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # read when NumPy is loaded; more would only wait for each other

from stemwright.audio import AudioFile
from stemwright.base.errors import StemwrightError
from stemwright.gates import AUDIO_STAGES, Gate, Subject, Verdict, format_table, make, verify
from stemwright.validation import registry

PASSED, REFUSED, NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    what, _, more = __doc__.partition(":")
    parser = argparse.ArgumentParser(description=what, epilog=more.partition("\n\n")[2])
    parser.add_argument("files", nargs="+", metavar="FILE", help="any sound file that libsndfile reads")
    parser.add_argument("--gates", choices=AUDIO_STAGES, required=True, help="of which kind of artifact")
    parser.add_argument("--json", action="store_true", help="a JSON list of verdicts instead of tables")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is no error
    sys.stdout.reconfigure(errors="backslashreplace")  # nor is a file's name that is not UTF-8
    code, records = PASSED, []
    for path in options.files:
        try:
            verdict = judged(path, options.gates)
        except (StemwrightError, OSError) as error:
            code = NOT_RUN
            print(_clean(error), file=sys.stderr)
            continue
        code = max(code, PASSED if verdict.passed else REFUSED)
        if options.json:
            records.append({**verdict.record(), "passed": verdict.passed})
        else:
            said = "passed" if verdict.passed else "REFUSED"
            print(f"{path}: {said}\n\n{format_table(verdict.checks)}\n")
    if options.json:
        print(json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False))
    return code


def judged(path: str, kind: str) -> Verdict:
    """The verdict on a file as one of a kind. Raises StemwrightError or OSError if it is no audio."""
    with AudioFile(path, lenient=True) as file:
        is_integer = file.subtype.startswith("PCM")
    gates = make({name: {} for name, gate in _gates() if _applies(gate, kind, is_integer)})
    return verify(Subject(path, kind, context={"integer": is_integer}, alone=True), gates)


def _gates() -> Iterator[tuple[str, type[Gate]]]:
    for name in registry.kinds("stemwright.gates"):
        yield name, registry.load("stemwright.gates", name)


def _applies(gate: type[Gate], kind: str, is_integer: bool) -> bool:
    """In a song only delivered files have integer samples; elsewhere any may, and be clipped."""
    as_delivered = is_integer and "delivered" in gate.stages and gate.stems_too and not gate.needs
    return kind in gate.stages or as_delivered


def _clean(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: cannot be read: {error.strerror}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
