"""Measure recordings: python scripts/measure_audio.py FILE... [--json]

For each: format, length and levels, tempo with its folds, first beat, first bar line and key, what it has lost before
it came here, and the YAML that aligns a song with it. `snakemake measure --config file=FILE` prints the same.
Exit codes: 0 all were measured, 2 some could not be read as audio, or the command was wrong.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported

from stemwright.audio import FORMATS
from stemwright.base.errors import StemwrightError
from stemwright.measure.recording import examine
from stemwright.workflow.command_line import Parser, format_error, prepare_output, quiet_libraries


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help=f"a sound file: {FORMATS}")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of text")
    options = parser.parse_args(arguments)
    prepare_output()
    code, records = 0, []
    for path in options.files:
        try:
            with quiet_libraries():
                found = examine(path)
        except (StemwrightError, OSError) as error:
            code = 2
            print(format_error(error, path), file=sys.stderr)
            continue
        if options.json:
            records.append(found.record())
        else:
            print(found.text())
    if options.json:
        print(json.dumps(records, indent=1, allow_nan=False))
    return code


if __name__ == "__main__":
    sys.exit(main())
