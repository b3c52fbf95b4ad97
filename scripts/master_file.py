"""Master a finished recording, without a song: python scripts/master_file.py FILE --target TARGET --out OUT

FILE is brought to a loudness by a gain and a true-peak limiter, written in the format that the ending of OUT names, and
judged by the gates of a delivered file before OUT is there. What was done is printed: loudness, true peak and loudness
range before and after, the gain, and how much the limiter works.
For effects, limits of gates and a zip, make a song of it: README, "Mastering a file".
Exit codes: 0 OUT is written, 1 it was refused and nothing is written, 2 FILE could not be read or the command is wrong.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported

from stemwright.audio import FORMATS, AudioFile, Stream, resample, resampled_frames, write_audio
from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write
from stemwright.base.printable import printable
from stemwright.delivery import formats
from stemwright.effects import Chain
from stemwright.effects.gain import Gain
from stemwright.effects.limiter import Limiter
from stemwright.gates import Subject, Verdict, format_line, make, verify
from stemwright.measure.loudness import Loudness
from stemwright.measure.rms import Rms
from stemwright.measure.true_peak import TruePeak
from stemwright.mixing.gain_reduction import AUDIBLE_DB, GainReduction, gain_reduction
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, limits, master_aim, max_peak, parse_preset
from stemwright.mixing.master import MasterResult, master_stream
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry
from stemwright.workflow.command_line import Parser, format_error, quiet_libraries

WRITTEN, REFUSED, NOT_RUN = 0, 1, 2
_PLANNED = ("format", "frames")
"""Gates that need a plan, which the options are."""

_QUANTITIES = (
    ("integrated_lufs", "loudness", "LUFS"),
    ("true_peak_dbtp", "true peak", "dBTP"),
    ("range_lu", "loudness range", "LU"),
    ("rms_dbfs", "RMS", "dBFS"),
)


@dataclass(frozen=True)
class Mastered:
    """What was done to a file: measurements before and after by name, the master, its limiter's work, the verdict."""

    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    master: MasterResult
    reduction: GainReduction
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether it is as asked for: it passed its gates, and is not silent."""
        return self.verdict.passed and self.master.missed != "silent"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # no traceback with `| head`
    sys.stdout.reconfigure(errors="backslashreplace")  # a locale that lacks a character
    try:
        with quiet_libraries():
            done = master_file(options)
    except (StemwrightError, OSError) as error:
        print(format_error(error, options.file), file=sys.stderr)
        return NOT_RUN
    if options.json:
        print(json.dumps(_record(options, done), indent=1, allow_nan=False))
    else:
        print("\n".join(_lines(options, done)))
    return WRITTEN if done.passed else REFUSED


def _options(arguments: Sequence[str] | None) -> Namespace:
    what, _, more = __doc__.partition(":")
    parser = Parser(description=what, epilog=more.partition("\n\n")[2])
    parser.add_argument("file", metavar="FILE", help=f"a sound file: {FORMATS}")
    parser.add_argument(
        "--target",
        metavar="TARGET",
        required=True,
        type=_target,
        help=f"a loudness in LUFS, or a preset: {', '.join(LOUDNESS_TARGETS)}",
    )
    endings = ", ".join(each.ending for each in formats.FORMATS.values())
    parser.add_argument("--out", metavar="OUT", required=True, help=f"the file to write: {endings}")
    parser.add_argument("--subtype", help="the sample format, such as PCM_16; by default PCM_24")
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
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    options = parser.parse_args(arguments)
    named = formats.NAMES.get(Path(options.out).suffix.lower().removeprefix("."))
    if named is None:
        parser.error(f"--out must end in one of {endings} (is {options.out!r})")
    options.container, subtypes = named, formats.FORMATS[named].subtypes
    options.subtype = options.subtype or ("PCM_24" if "PCM_24" in subtypes else subtypes[0])
    if options.subtype not in subtypes:
        parser.error(f"--subtype must be one of {', '.join(subtypes)} for {named} (is {options.subtype!r})")
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


def master_file(options: Namespace) -> Mastered:
    """Master a file. OUT is written if the result `passed`, and untouched otherwise.

    Raises StemwrightError or OSError if FILE cannot be read or OUT not be written.
    """
    aim = master_aim(options.target)
    meters = [Loudness(options.dual_mono), TruePeak(), *([Rms()] if "rms_dbfs" in aim else [])]
    with AudioFile(options.file) as file:
        rate = options.rate or file.rate
        frames = resampled_frames(file.frames, file.rate, rate)
        if not frames:
            raise StemwrightError(f"{options.file}: has no sound left at {rate:,} Hz: it is too short")
        context = RenderContext(rate, file.channels, frames)

        def blocks() -> Stream:
            """FILE at the rate of OUT."""
            return resample(file.finite_blocks(), file.frames, file.channels, file.rate, rate)

        before = _measured(file.finite_blocks(), file.rate, file.channels, meters)
        peak = max_peak(options.target)
        limiter = Limiter(ceiling_db=options.ceiling if peak is None else min(options.ceiling, peak))
        master = master_stream(
            blocks, Chain([]), context, gain_db=0.0, limiter=limiter, target=aim, dual_mono=options.dual_mono
        )
        reduction = GainReduction(0.0, 0.0)
        if master.limited and master.limiter:
            reduction = gain_reduction(
                Gain(master.gain_db).process(blocks(), context), master.limiter, context
            )
    after = _measured(master.audio.blocks(), rate, context.channels, meters)
    return Mastered(before, after, master, reduction, _write(options, master, context))


def _measured(blocks: Stream, rate: int, channels: int, meters: Sequence[Any]) -> dict[str, float | None]:
    """What is measured of a file, by name; None where it cannot be."""
    loudness, peak, *levels = meters
    for meter in meters:
        meter.start(rate, channels)
    for block in blocks:
        for meter in meters:
            meter.feed(block)
    return {
        "integrated_lufs": loudness.integrated,
        "true_peak_dbtp": peak.true_peak,
        "range_lu": loudness.range,
    } | ({"rms_dbfs": levels[0].rms if peak.true_peak is not None else None} if levels else {})


def _write(options: Namespace, master: MasterResult, context: RenderContext) -> Verdict:
    """Write a master and judge it. It gets its name only if it passed."""
    verdict: Verdict | None = None
    with suppress(_RefusedError), atomic_write(options.out) as part:
        write_audio(
            part,
            master.audio.blocks(),
            rate=context.rate,
            channels=context.channels,
            frames=context.frames,
            subtype=options.subtype,
            container=options.container,
        )
        verdict = _judge(str(part), options, master, context)
        if not verdict.passed or master.missed == "silent":
            raise _RefusedError
    assert verdict is not None
    return verdict


class _RefusedError(StemwrightError):
    """What was written was refused."""


def _judge(path: str, options: Namespace, master: MasterResult, context: RenderContext) -> Verdict:
    form = {
        "sample_rate": context.rate,
        "channels": context.channels,
        "subtype": options.subtype.replace("FLOAT_24", "FLOAT"),
        "container": options.container,
        "frames": context.frames,
    }
    known = {
        "integer": options.subtype != "FLOAT",
        "target": options.target,
        "dual_mono": options.dual_mono,
    }
    kinds = {name: registry.load("stemwright.gates", name) for name in registry.kinds("stemwright.gates")}
    gates = {
        name: {}
        for name, gate in kinds.items()
        if "delivered" in gate.stages and (not gate.needs or name in _PLANNED)
    }
    gates["true_peak"] = {"max_dbtp": options.ceiling}
    verdict = verify(Subject(path, "delivered", form, known), make(gates))
    if not (why := _why_missed(options, master)):
        return verdict
    told = (
        replace(check, reason=why, remedy="") if check.id in ("loudness", "rms") else check
        for check in verdict.checks
    )
    return replace(verdict, checks=tuple(told))


def _why_missed(options: Namespace, master: MasterResult) -> str:
    """Why the target is missed, with what can be met instead; "" if it is met."""
    if not master.missed:
        return ""
    if master.missed == "silent":
        return "the file is silent: no gain makes it louder"
    ((quantity, wanted),) = master_aim(options.target).items()
    found = getattr(master, quantity)
    if found is None:
        return "nothing in the file is above -70 LUFS, even with the greatest gain, 60 dB"
    unit = "LU" if quantity == "integrated_lufs" else "dB"
    by = f"{abs(found - wanted):.2f} {unit} too {'quiet' if found < wanted else 'loud'}"
    reason = {
        "quiet": "even the greatest gain, 60 dB, is too little",
        "limiter": f"the limiter lets no gain bring it closer than {master.gain_db:+.2f} dB does, to {found:.2f}",
    }[master.missed]
    return f"{by}: {reason}. Compress the recording first, or choose another --target" + (
        f", such as {found:.1f}" if quantity == "integrated_lufs" else ""
    )


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
    lines += ["", f"gain {master.gain_db:+.2f} dB, {_limiter_in_words(done)}"]
    if form:
        channels = "mono" if form["channels"] == 1 else "stereo"
        seconds = form["frames"] / form["sample_rate"]
        lines.append(
            f"{options.container}, {form['sample_rate']:,} Hz, {channels}, {options.subtype}, {seconds:.3f} s"
        )
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
        "missed": _why_missed(options, done.master),
        "container": options.container,
        "format": done.verdict.format,
        "checks": [check.record() for check in done.verdict.checks],
    }


if __name__ == "__main__":
    sys.exit(main())
