"""Whether the stems sum to the mix, and if not, which stem is at fault, in words and figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.base.errors import StemwrightError
from stemwright.gates import Check
from stemwright.gates._base import Status
from stemwright.inspection import remedies
from stemwright.inspection.comparison import Comparison, Sums
from stemwright.inspection.diagnosis import Diagnosis, allowed_power, diagnose, silent_stems
from stemwright.inspection.finding import Finding
from stemwright.inspection.hypotheses import Hypothesis
from stemwright.inspection.sounds import Sound

_CLAUSE = "our own rule: stems at unity gain, from one start, add up to the mix"
_NOTHING = 0.03  # a gain below it is none
_NEAR_UNITY = 0.01
_SAME = 0.003  # gains within 0.3 % (0.03 dB) are equal
_PLAIN = 1e-5  # what a plain gain may leave of the difference
_EXPORT = "export it again from the session of the mix, alone, with the master bus bypassed"


def judge_sum(
    whole: Sound | None, stems: Sequence[Sound], role: str, copies: Sequence[tuple[str, str]] = ()
) -> list[Finding]:
    """Judge whether stems sum to a mix.

    Parameters
    ----------
    whole : Sound or None
        The mix, or the master; None if there is none.
    stems : sequence of Sound
        What it should be the sum of.
    role : str
        `mix` or `master`.
    copies : sequence of (str, str)
        Pairs of names of files with the same samples.

    Returns
    -------
    list of Finding
        `sum` for the whole, and `sum.…` for each stem at fault.
    """
    if whole is None:
        return [
            _skipped(role, "no file is a mix by its name or by what sums to it: name one with --mix FILE")
        ]
    if not stems:
        return [_skipped(role, "there are no stems")]
    rates = {sound.rate for sound in (whole, *stems)}
    if len(rates) > 1:
        odd = [s.name for s in stems if s.rate != whole.rate]
        return [
            _skipped(
                role, f"cannot be added: {', '.join(odd)} has another sample rate than {whole.name}, see rate"
            )
        ]
    comparison = Comparison(whole, stems)
    try:
        sums = comparison.measure()
        if not math.isfinite(sums.peak):
            return [_skipped(role, "a sample is not finite, see finite")]
        found = diagnose(comparison, sums)
    except StemwrightError as error:
        reason = str(error)
        for sound in (whole, *stems):
            reason = reason.replace(sound.path, sound.name)
        return [_skipped(role, f"cannot be read to its end: {reason}")]
    return _findings(comparison, sums, found, role, copies)


def _skipped(role: str, reason: str) -> Finding:
    return Finding(Check("sum", "skip", reason=reason, limit=f"stems add up to the {role}"))


def _findings(
    comparison: Comparison, sums: Sums, found: Diagnosis, role: str, copies: Sequence[tuple[str, str]]
) -> list[Finding]:
    level = round(10 * math.log10(sums.power), 1) if sums.power else "-inf"
    allowed = 10 * math.log10(allowed_power(sums))
    limit = f"<= {allowed:.1f} (rounding of {len(comparison.stems) + 1} files + 3 dB)"

    def whole(status: Status, reason: str, remedy: str = "") -> Finding:
        check = Check("sum", status, level, "dBFS RMS", limit, reason, remedy)
        return Finding(check, comparison.whole.name, _CLAUSE)

    name = comparison.whole.name
    if found.holds == "exact":
        return [whole("pass", f"{len(comparison.stems)} stems add up to {name}")]
    if found.holds == "noise":
        return [
            whole(
                "pass", f"the stems add up to {name} but for steady noise that is of no stem: shaped dither"
            )
        ]
    if found.holds == "lossy":
        return [
            whole(
                "warn",
                "the stems add up to it but for what a lossy codec changes",
                "deliver WAV or FLAC stems",
            )
        ]
    every = len(comparison.stems)
    if found.rest == "master chain" or any(
        each.index == every and each.kind == "moving gain" for each in found.faults
    ):
        return [whole("warn", *_through_chain(comparison, found, role))]
    if found.faults and all(each.index == every for each in found.faults):
        if found.faults[0].left > _PLAIN and not found.faults[0].late:
            return [whole("warn", *_through_chain(comparison, found, role))]
        return [whole(*_all_alike(comparison, found.faults[0], role))]
    if role == "master" and not any(each.left < 1e-3 for each in found.faults):
        reason = "the sum of the stems differs from the master, by its chain or by a fault that this hides"
        return [whole("warn", reason, "deliver the mix before mastering too: then the stems can be checked")]
    if found.rest:
        detail, name, reason, remedy = _unexplained(comparison, sums, found, copies)
        findings = [
            Finding(Check(f"sum.{detail}", "fail", None, "", "as in the mix", reason, remedy), name, _CLAUSE)
        ]
        return [whole("fail", f"{name}: {reason}" if name else reason, remedy), *findings]
    findings = [_of_stem(comparison, each, copies) for each in found.faults]
    named = "; ".join(f"{each.file}: {each.check.reason}" for each in findings)
    return [whole("fail", named, "see the stems that are named"), *findings]


def _through_chain(comparison: Comparison, found: Diagnosis, role: str) -> tuple[str, str]:
    moving = [each.gains_db for each in found.faults if each.gains_db]
    how = (
        f"a gain that moves from {moving[0][0]:+.1f} to {moving[0][1]:+.1f} dB"
        if moving
        else "filters or more"
    )
    chain = "the master chain" if role == "master" else "processing on the master bus"
    return (
        f"the stems are before {chain}: all of them together are in {comparison.whole.name} through {how}, "
        "the same for all",
        f"if they are to add up to it exactly, export the {role} with the master bus bypassed",
    )


def _all_alike(comparison: Comparison, fault: Hypothesis, role: str) -> tuple[Status, str, str]:
    whole = comparison.whole
    if fault.late:
        moved = f"{_frames(abs(fault.late), comparison.rate)} {'later' if fault.late > 0 else 'earlier'}"
        return (
            "warn",
            f"the stems lie in line with each other, but all {moved} than in {whole.name}",
            f"export the {role} and the stems from one start, with delay compensation on",
        )
    gain = float(np.trace(fault.matrix)) / len(fault.matrix) if fault.matrix is not None else 1.0
    if gain < 0:
        return "fail", f"{whole.name} is the stems' sum with its polarity inverted", f"invert {whole.name}"
    status: Status = "warn" if role == "master" else "fail"
    text = f"the stems add up to {whole.name} at another gain: it is {decibels(gain):+.2f} dB from their sum"
    return status, text, f"turn {whole.name} by {-decibels(gain):+.2f} dB, or export all without normalising"


def _unexplained(
    comparison: Comparison, sums: Sums, found: Diagnosis, copies: Sequence[tuple[str, str]]
) -> tuple[str, str, str, str]:
    """(name of the check, file or "", reason, remedy) for a difference that no stem explains."""
    where = _span(comparison, found.span)
    sound = f"sound of {found.level_dbfs:.1f} dBFS RMS{where}"
    name = comparison.stems[found.stem].name if found.stem is not None else ""
    export = f"{name}: {_EXPORT}" if name else ""
    pair = next(((a, b) for a, b in copies if not name or name in (a, b)), None)
    if pair and found.rest in ("other take", "missing"):
        other = pair[0] if name == pair[1] else pair[1]
        reason = (
            f"it has the same sound as {other if name else pair[0]}, and the mix has other {sound} instead"
        )
        return (
            "copy",
            name or pair[1],
            reason,
            f"export {pair[0]} and {pair[1]} again: one has the sound of the other",
        )
    if found.rest == "other take":
        reason = f"it is another take or version: its sound is not in the mix{where}, which has other {sound} instead"
        return "other_take", name, reason, export
    if found.rest == "processed":
        reason = f"it is another version: a filter or effect is between it and its sound in the mix{where}"
        return "processed", name, reason, export
    if found.rest == "mono":
        return "mono", name, f"it is mono, and the mix has {sound} in its stereo difference (L - R)", export
    if found.rest == "silent":
        others = [comparison.stems[i].name for i in silent_stems(comparison, sums) if i != found.stem]
        also = f", as {' and '.join(others)} is" if others else ""
        return "silent", name, f"it is silent{also}, and the mix has {sound} that is in no other stem", export
    reason = f"a stem is missing: the mix has {sound} that is in none of the {len(comparison.stems)} stems"
    return "missing", "", reason, "export the missing stem: solo what is not among them in the session"


def _of_stem(comparison: Comparison, fault: Hypothesis, copies: Sequence[tuple[str, str]]) -> Finding:
    sound = comparison.stems[fault.index]
    detail, measured, unit, reason, command = _words(comparison, sound, fault)
    if detail == "not_in_mix":
        others = [a if b == sound.name else b for a, b in copies if sound.name in (a, b)]
        if others:
            detail, reason = "doubled", f"it has the same sound as {others[0]}, and the mix has them once"
    remedy = "the command mends it; better, find the cause in the session" if command else _EXPORT
    check = Check(f"sum.{detail}", "fail", measured, unit, "as in the mix", reason, remedy)
    return Finding(check, sound.name, _CLAUSE, command)


def _words(
    comparison: Comparison, sound: Sound, fault: Hypothesis
) -> tuple[str, float | int | str | None, str, str, str]:
    """(name of the check, measured, unit, reason, command) for a fault of a stem."""
    rate = comparison.rate
    if fault.kind == "cut":
        first, end = fault.places[0][0], fault.places[-1][1]
        seconds = ", ".join(f"{a / rate:.3f} s ({1000 * (b - a) / rate:.1f} ms)" for a, b in fault.places[:5])
        if fault.is_end:
            text = f"it ends at {first / rate:.3f} s (frame {first:,}); in the mix it goes on to {end / rate:.3f} s"
            return "truncated", round(first / rate, 3), "s", text, ""
        return (
            "dropout",
            round(first / rate, 3),
            "s",
            f"it is silent where the mix has its sound: at {seconds}",
            "",
        )
    if fault.gains_db:
        low, high = fault.gains_db
        text = (
            f"its level moves against the mix, from {-high:+.1f} to {-low:+.1f} dB: it went through dynamics "
            "(the master bus, a compressor or limiter) or automation that the mix did not, or the reverse"
        )
        return "master_bus", round(high - low, 1), "dB of movement", text, ""
    assert fault.matrix is not None
    matrix = fault.matrix
    words: list[str] = []
    measured: float | int | str | None = None
    detail = command = unit = ""
    if fault.late:
        late = fault.late
        detail = "late" if late > 0 else "early"
        words.append(f"{_frames(abs(late), rate)} {detail}")
        measured, unit = (int(abs(late)) if late == round(late) else round(abs(late), 2)), "samples"
        if late == round(late):
            command = remedies.shifted(sound, int(late), comparison.whole.frames)
    if fault.late and np.abs(np.abs(matrix) - np.eye(len(matrix))).max() < _NEAR_UNITY:
        matrix = np.sign(matrix) * np.eye(len(matrix))  # what a shift loses at the ends of a file
    gains, level, unit_2, text, mend = _gains(sound, matrix)
    if text:
        words.append(text)
        detail, command = detail or gains, command or mend
        if measured is None:
            measured, unit = level, unit_2
        elif mend:
            command = ""
    return detail or "gain", measured, unit, ", ".join(words), command


def _gains(sound: Sound, matrix: np.ndarray) -> tuple[str, float | str | None, str, str, str]:
    """(name of the check, measured, unit, text, command) for gains from a stem's channels to those of the mix."""
    size = len(matrix)
    own, cross = np.diag(matrix), matrix[~np.eye(size, dtype=bool)]
    largest = np.abs(matrix).max()
    if largest < _NOTHING:
        return "not_in_mix", "-inf", "dB", "the mix does not have it", ""
    if cross.size and np.abs(cross).max() > _NOTHING * largest:
        if np.abs(own).max() < _NOTHING and np.abs(cross - 1).max() < _NOTHING:
            return "swapped", "L/R", "", "its left and right channels are exchanged", remedies.swapped(sound)
        shown = "; ".join(" ".join(f"{gain:+.2f}" for gain in row) for row in matrix)
        return "pan", None, "", f"its channels are mixed otherwise in the mix (rows L, R: {shown})", ""
    if np.ptp(own) > _SAME * largest:
        inverted = [("left", "right")[i] for i, gain in enumerate(own) if gain < 0]
        flips = f"its {inverted[0]} channel is inverted, " if inverted else ""
        if np.ptp(np.abs(own)) <= _SAME * largest:
            return "inverted", inverted[0], "channel", flips.rstrip(", "), ""
        sides = [-decibels(abs(float(gain))) for gain in own]
        texts = " and ".join(
            f"{side} {'not in the mix' if math.isinf(db) or db > 60 else f'{db:+.2f} dB'}"
            for side, db in zip(("left", "right"), sides, strict=True)
        )
        return (
            "pan",
            round(sides[0] - sides[1], 2),
            "dB L-R",
            f"{flips}its pan or balance differs: {texts}",
            "",
        )
    gain = float(own.mean())
    over = round(-decibels(abs(gain)), 2) + 0.0
    flip = "inverted" if gain < 0 else ""
    if abs(over) < 0.01:
        return (
            ("inverted", "inverted", "", flip, remedies.inverted(sound)) if flip else ("", None, "", "", "")
        )
    text = f"{abs(over):.2f} dB too {'loud' if over > 0 else 'quiet'}"
    if abs(gain - 2) < 0.002:
        text += ": the mix has it twice"
    mend = "" if flip else remedies.gain(sound, -over)
    return ("inverted" if flip else "gain"), over, "dB", ", ".join(filter(None, (flip, text))), mend


def _frames(frames: float, rate: int) -> str:
    count = f"{round(frames):,}" if frames == round(frames) else f"{frames:,.2f}"
    return f"{count} samples ({1000 * frames / rate:.2f} ms)"


def _span(comparison: Comparison, span: tuple[int, int]) -> str:
    first, end = span
    if end - first > 0.9 * comparison.frames:
        return ""
    return f" from {first / comparison.rate:.2f} to {end / comparison.rate:.2f} s"
