"""Check a delivery that was made elsewhere: python scripts/verify_delivery.py FOLDER|ZIP

Formats, sums of stems, names, loudness and every file are judged without a song. Exit codes: 0 nothing is refused
(there may be warnings), 1 something is, 2 it could not be judged, or the command was wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # read when NumPy is imported; more threads would only wait

from stemwright.base.errors import StemwrightError
from stemwright.base.memory import keep_freed_memory
from stemwright.inspection.delivery import Options, inspect_delivery
from stemwright.inspection.report import format_report, write_report_json, write_report_junit
from stemwright.inspection.templates import parse
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, parse_preset
from stemwright.workflow.command_line import Parser, format_error, prepare_output, quiet_libraries

PASSED, REFUSED, NOT_JUDGED = 0, 1, 2


def _preset(text: str) -> str:
    try:
        return parse_preset(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(__doc__)
    parser.add_argument("source", metavar="FOLDER|ZIP", help="the delivery")
    parser.add_argument(
        "--mix", metavar="FILE", default="", help="which file is the mix; it may be one from elsewhere"
    )
    parser.add_argument("--master", metavar="FILE", default="", help="which file is the master, likewise")
    parser.add_argument(
        "--preset",
        type=_preset,
        metavar="NAME",
        help=f"a preset for the master, else the mix, else every file: {', '.join(LOUDNESS_TARGETS)}",
    )
    parser.add_argument(
        "--names",
        metavar="TEMPLATE",
        default="",
        help="names of files, such as {artist}_{title}_{stem}_{bpm}_{key}",
    )
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON, too")
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit XML, too")
    parser.add_argument("--all", action="store_true", help="show the checks that passed, too")
    options = parser.parse_args(arguments)
    prepare_output()
    keep_freed_memory()
    if options.names:
        try:
            parse(options.names)
        except ValueError as error:
            parser.error(f"--names {options.names}: {error}")
    try:
        asked = Options(options.mix, options.master, options.preset or "", options.names)
        with quiet_libraries():
            report = inspect_delivery(options.source, asked)
        if options.json:
            write_report_json(report, options.json)
        if options.junit:
            write_report_junit(report, options.junit)
    except (StemwrightError, OSError) as error:
        print(format_error(error, options.source), file=sys.stderr)
        return NOT_JUDGED
    print(format_report(report, options.all))
    return PASSED if report.passed else REFUSED


if __name__ == "__main__":
    sys.exit(main())
