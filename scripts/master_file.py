"""Master a finished recording, without a song: python scripts/master_file.py FILE --target TARGET --out OUT

FILE is brought to a loudness by a gain and a true-peak limiter, written in the format that the ending of OUT names,
with the tags that are given, and judged by the gates of a delivered file before OUT is there. What was done is printed:
loudness, true peak and loudness range before and after, the gain, and how much the limiter works.
For effects, limits of gates and a zip, make a song of it: README, "Mastering a file".
Exit codes: 0 OUT is written, 1 it was refused and nothing is written, 2 FILE could not be read or the command is wrong.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported

from pydantic import ValidationError

from stemwright.audio import FORMATS as READABLE
from stemwright.audio import AudioFile
from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable
from stemwright.delivery.formats import FORMATS
from stemwright.delivery.metadata._base import TAGS
from stemwright.gates import format_line
from stemwright.mixing.gain_reduction import AUDIBLE_DB
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, limits, parse_preset
from stemwright.song.delivery_format import DeliveryFormat, format_mistakes
from stemwright.song.metadata import (
    parse_date,
    parse_genre,
    parse_isrc,
    parse_language,
    parse_track,
    parse_upc,
)
from stemwright.validation.messages import describe_errors
from stemwright.validation.names import parse_line, parse_text
from stemwright.workflow.command_line import (
    Parser,
    format_error,
    format_sound,
    prepare_output,
    quiet_libraries,
)
from stemwright.workflow.mastered_file import Mastered, Wanted, master_file

WRITTEN, REFUSED, NOT_RUN = 0, 1, 2

_READERS: dict[str, Callable[[object], object]] = {
    "track": parse_track,
    "isrc": parse_isrc,
    "upc": parse_upc,
    "date": parse_date,
    "language": parse_language,
    "genre": parse_genre,
    "comment": parse_text,
}
"""The readers of tags that are more than a line of text."""

_OPTIONS = {
    "container": "--format",
    "subtype": "--subtype",
    "bitrate_kbps": "--bitrate",
    "quality": "--quality",
    "sample_rate": "--rate",
}
"""The option of each key of a format."""

_QUANTITIES = (
    ("integrated_lufs", "loudness", "LUFS"),
    ("true_peak_dbtp", "true peak", "dBTP"),
    ("range_lu", "loudness range", "LU"),
    ("rms_dbfs", "RMS", "dBFS"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    prepare_output()
    try:
        with quiet_libraries():
            done = _master(options)
    except (StemwrightError, OSError) as error:
        print(format_error(error, options.file), file=sys.stderr)
        return NOT_RUN
    if options.json:
        print(json.dumps(_record(options, done), indent=1, allow_nan=False))
    else:
        print("\n".join(_lines(options, done)))
    return WRITTEN if done.passed else REFUSED


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = Parser(__doc__)
    parser.add_argument("file", metavar="FILE", help=f"a sound file: {READABLE}")
    parser.add_argument(
        "--target",
        metavar="TARGET",
        required=True,
        type=_target,
        help=f"a loudness in LUFS, or a preset: {', '.join(LOUDNESS_TARGETS)}",
    )
    endings = {name: encoder.ending for name, encoder in FORMATS.items()}
    ends = ", ".join(dict.fromkeys(endings.values()))
    parser.add_argument("--out", metavar="OUT", required=True, help=f"the file to write: {ends}")
    parser.add_argument(
        "--format", choices=FORMATS, help="its format, by default by its ending; of .m4a, AAC"
    )
    parser.add_argument(
        "--subtype", help="the sample format of a lossless file, such as PCM_16; by default PCM_24"
    )
    parser.add_argument("--bitrate", metavar="KBPS", type=int, help="the bit rate of a lossy file, in kbit/s")
    parser.add_argument("--quality", metavar="Q", type=float, help="its quality instead, 0 to 10, the best")
    parser.add_argument("--rate", metavar="HZ", type=int, help="the sample rate; by default that of FILE")
    parser.add_argument(
        "--ceiling",
        metavar="DBTP",
        type=float,
        default=-1.0,
        help="the highest true peak, if the target has no lower one; by default -1",
    )
    parser.add_argument(
        "--dual-mono",
        action="store_true",
        help="measure a mono file as it is heard from two loudspeakers, 3.01 LU louder",
    )
    tags = parser.add_argument_group("tags", "what OUT says about itself; those of FILE are not taken over")
    for tag in TAGS:
        tags.add_argument(f"--{tag}", metavar="TEXT", type=_tag(tag))
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    options = parser.parse_args(arguments)
    suffix = Path(options.out).suffix.lower()
    named = [name for name, ending in endings.items() if ending == suffix]
    if not named or options.format not in (None, *named):
        wanted = endings[options.format] if options.format else f"one of {ends}"
        parser.error(f"--out must end in {wanted} (is {options.out!r})")
    options.format = options.format or named[0]
    if options.rate is not None and not 8_000 <= options.rate <= 192_000:
        parser.error(f"--rate must be from 8,000 to 192,000 Hz (is {options.rate:,})")
    if not -24 <= options.ceiling <= 0:
        parser.error(f"--ceiling must be from -24 to 0 dBTP (is {options.ceiling:g})")
    if os.path.exists(options.out):
        if os.path.exists(options.file) and os.path.samefile(options.file, options.out):
            parser.error("--out is FILE itself, which would be lost: give OUT another name")
        if not options.overwrite:
            parser.error(f"{options.out} exists: give another --out, or --overwrite to replace it")
    return options


def _tag(name: str) -> Callable[[str], str]:
    """The reader of a tag's option."""
    parse = _READERS.get(name, parse_line)

    def read(text: str) -> str:
        try:
            return str(parse(text))
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from None

    return read


def _by_options(message: str) -> str:
    """What is said of the keys of a format, said of the options."""
    for key in ("bitrate_kbps", "quality"):
        message = message.replace(f"{key} (", f"{_OPTIONS[key]} (")
    for rest in (" if the house rules or the profile set it", ", or write null"):
        message = message.replace(rest, "")
    return message.replace("bitrate_kbps", _OPTIONS["bitrate_kbps"])


def _format(options: Namespace, rate: int, channels: int) -> DeliveryFormat:
    """The format of OUT. Raises StemwrightError, naming the option, for one that cannot be."""
    keys = {"subtype": options.subtype, "bitrate_kbps": options.bitrate, "quality": options.quality}
    given = {key: value for key, value in keys.items() if value is not None}
    try:
        form = DeliveryFormat(container=options.format, **given)
    except ValidationError as error:
        problems = describe_errors(error, DeliveryFormat)
    else:
        problems = format_mistakes(form, rate, channels)
    for path, message in problems:
        raise StemwrightError(f"{_OPTIONS[path[0]]}: {_by_options(message)}")
    if lacks := form.encoder.lacks():
        raise StemwrightError(f"{options.out}: {lacks}")
    return form


def _master(options: Namespace) -> Mastered:
    """Master FILE to OUT. Raises StemwrightError or OSError if it cannot be read, or OUT not be written."""
    with AudioFile(options.file) as file:
        rate, channels = options.rate or file.rate, file.channels
    tags = {tag: text for tag in TAGS if (text := getattr(options, tag)) is not None}
    form = _format(options, rate, channels)
    wanted = Wanted(options.target, options.ceiling, form, rate, tags, options.dual_mono)
    return master_file(options.file, options.out, wanted)


def _target(text: str) -> dict[str, Any]:
    """A preset or a loudness, as `limits` gives it."""
    try:
        loudness = float(text)
    except ValueError:
        try:
            return limits(parse_preset(text), None, None, None)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from None
    if not -60 <= loudness <= 0:
        raise ArgumentTypeError(f"must be from -60 to 0 LUFS (is {text})")
    return limits(None, loudness, None, None)


def _lines(options: Namespace, done: Mastered) -> list[str]:
    """What was done, for a terminal."""
    result = "written" if done.passed else "REFUSED, and not written"
    lines = [f"{printable(options.file)}: mastered to {printable(options.out)}: {result}", ""]
    lines.append(f"{'':16}{'before':>9}{'after':>9}")
    for key, words, unit in _QUANTITIES:
        if key in done.after:
            figures = "".join(
                f"{'-' if value is None else format(value, '.2f'):>9}"
                for value in (done.before[key], done.after[key])
            )
            lines.append(f"{words:16}{figures} {unit}")
    master, form = done.master, done.verdict.format
    turned = f"; turned down by {done.lowered_db:.2f} dB for the codec" if done.lowered_db else ""
    lines += ["", f"gain {master.gain_db:+.2f} dB, {_limiter_in_words(done)}{turned}"]
    if form:
        lines.append(f"{options.format}, {format_sound(form)}")
    marks = {"fail": "REFUSED", "warn": "warning"}
    lines += [f"{marks[c.status]}: {format_line(c)}" for c in done.verdict.checks if c.status in marks]
    return lines


def _limiter_in_words(done: Mastered) -> str:
    limiter, work = done.master.limiter, done.reduction
    if not done.master.limited or limiter is None:
        return "no limiter needed"
    return (
        f"limiter at {limiter.ceiling_db:.2f} dB: reduces the gain by at most {work.max_db:.1f} dB, "
        f"by more than {AUDIBLE_DB:g} dB for {100 * work.share:.1f} % of the time"
    )


def _record(options: Namespace, done: Mastered) -> dict[str, Any]:
    """What was done, as plain data for JSON."""
    limiter = done.master.limiter if done.master.limited else None
    return {
        "file": options.file,
        "out": options.out,
        "written": done.passed,
        "target": options.target,
        "before": done.before,
        "after": done.after,
        "gain_db": done.master.gain_db,
        "limiter": asdict(limiter) if limiter else None,
        "gain_reduction": done.reduction._asdict(),
        "missed": done.missed,
        "turned_down_db": done.lowered_db,
        "container": options.format,
        "format": done.verdict.format,
        "checks": [check.record() for check in done.verdict.checks],
    }


if __name__ == "__main__":
    sys.exit(main())
