"""Check audio files with gates, without a song: python scripts/verify_audio.py FILE... --gates master

The gates are those of one stage of a build, with their default limits (see docs/reference.md). Gates that need a song
(its format, length or stems) are skipped, with the reason. The result is a table for each file, or JSON.
Exit codes: 0 all passed, 1 some were refused, 2 some could not be read as audio, or the command was wrong.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # read when NumPy is imported; more threads would only wait for each other

from stemwright.audio import FORMATS
from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable
from stemwright.gates import AUDIO_STAGES, format_table
from stemwright.inspection.files import judge_file
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS
from stemwright.workflow.command_line import (
    Parser,
    format_error,
    format_sound,
    prepare_output,
    quiet_libraries,
)

PASSED, REFUSED, NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help=f"a sound file: {FORMATS}")
    parser.add_argument("--gates", choices=AUDIO_STAGES, required=True, help="the stage whose gates are used")
    parser.add_argument(
        "--target",
        metavar="PRESET",
        choices=LOUDNESS_TARGETS,
        help=f"a loudness target for --gates master or delivered: {', '.join(LOUDNESS_TARGETS)}",
    )
    parser.add_argument(
        "--source",
        metavar="FILE",
        help="the recording that FILE was conformed from, for --gates reference: as in a build, its sizes, length and "
        "sample rate count",
    )
    parser.add_argument(
        "--compare",
        metavar="FILE",
        help="a finished song, whose sound FILE is compared with, for --gates mix or master",
    )
    parser.add_argument("--json", action="store_true", help="a JSON list of verdicts instead of tables")
    options = parser.parse_args(arguments)
    if options.target and options.gates not in ("master", "delivered"):
        parser.error("--target needs --gates master or delivered: nothing else has a target")
    if options.source and options.gates != "reference":
        parser.error("--source needs --gates reference: nothing else is conformed from a recording")
    if options.compare and options.gates not in ("mix", "master"):
        parser.error("--compare needs --gates mix or master: nothing else is compared with a finished song")
    inputs = {role: [path] for role in ("source", "compare") if (path := getattr(options, role))}
    prepare_output()
    code, records = PASSED, []
    for path in options.files:
        try:
            with quiet_libraries():
                verdict = judge_file(path, options.gates, options.target, inputs)
        except (StemwrightError, OSError) as error:
            code = NOT_RUN
            print(format_error(error, path), file=sys.stderr)
            continue
        code = max(code, PASSED if verdict.passed else REFUSED)
        if options.json:
            records.append({**verdict.record(), "passed": verdict.passed})
        else:
            result = "passed" if verdict.passed else "REFUSED"
            form = _format_format(verdict.format)
            print(f"{printable(path)}: {result}\n{form}\n{format_table(verdict.checks)}\n")
    if options.json:
        print(json.dumps(records, indent=1, allow_nan=False))
    return code


def _format_format(form: Mapping | None) -> str:
    """A line with the format of a file that could be read, "" for another."""
    return f"{format_sound(form)} ({form['frames']:,} frames)\n" if form else ""


if __name__ == "__main__":
    sys.exit(main())
