"""Whether the files of a delivery go together: one sample rate, start, length, number of channels and sample format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from stemwright.audio import AudioFile
from stemwright.base.decibels import decibels
from stemwright.base.errors import StemwrightError
from stemwright.gates import Check
from stemwright.gates._base import Status
from stemwright.inspection import remedies
from stemwright.inspection.finding import Finding
from stemwright.inspection.roles import Roles
from stemwright.inspection.sounds import Sound
from stemwright.inspection.time_reference import time_reference
from stemwright.measure.likeness import similar_pairs

_CLAUSE = (
    "our own rule, after the P&E Wing's recommendations for deliveries: one start, length, rate and format"
)
_ENDED_DBFS, _FADED_DB = -60.0, -12.0
_END_S = 0.01
_SAME_DB, _DITHERED_DB = -60.0, -40.0
_UNITY = 0.001


def judge_consistency(roles: Roles, is_proved: bool) -> list[Finding]:
    """Compare the formats of all files that belong together.

    Parameters
    ----------
    roles : Roles
        What each file is. The master may have a format of its own: it is only reported.
    is_proved : bool
        Whether the stems add up to the mix as they are. Then another length, start or number of channels is harmless,
        and only reported.

    Returns
    -------
    list of Finding
        `rate`, `start`, `length`, `channels` and `sample_format`: one for each file that differs, or one that passes.
    """
    together = [*([roles.mix] if roles.mix else []), *roles.stems]
    if not together:
        return []
    harmless: Status = "warn" if is_proved else "fail"
    findings = [
        *_compare(together, roles, "rate", lambda s: s.rate, lambda r: f"{r:,} Hz", "Hz", "fail"),
        *_lengths(together, roles, is_proved),
        *_compare(together, roles, "start", _start, lambda n: f"{n:,} frames", "frames", harmless),
        *_compare(together, roles, "channels", lambda s: s.channels, _channels, "", harmless),
        *_compare(roles.stems, roles, "sample_format", lambda s: s.subtype, str, "", "fail"),
    ]
    if roles.master and roles.master.rate != _usual(together, lambda s: s.rate):
        check = Check(
            "rate", "warn", roles.master.rate, "Hz", reason="the master has another rate than the stems"
        )
        findings.append(Finding(check, roles.master.name))
    return findings


def _usual(sounds: Sequence[Sound], key: Callable[[Sound], object]) -> object:
    """The value that most files have; of equally many, that of the first."""
    return Counter(map(key, sounds)).most_common(1)[0][0]


def _compare(
    sounds: Sequence[Sound],
    roles: Roles,
    name: str,
    key: Callable,
    shown: Callable,
    unit: str,
    status: Status,
) -> list[Finding]:
    """A finding for each file that differs from most others, or one that passes."""
    if not sounds:
        return []
    values = {sound.name: key(sound) for sound in sounds}
    usual = Counter(values.values()).most_common(1)[0][0]
    odd = [sound for sound in sounds if values[sound.name] != usual]
    limit = f"as most files: {shown(usual)}"
    if not odd:
        measured = usual if isinstance(usual, int) else shown(usual)
        return [Finding(Check(name, "pass", measured, unit, f"the same in {len(sounds)} files"), "", _CLAUSE)]
    findings = []
    for sound in odd:
        found = values[sound.name]
        command = remedies.resampled(sound, usual) if name == "rate" else ""
        reason = f"{shown(found)}, the others {shown(usual)}"
        remedy = _REMEDIES[name]
        check = Check(name, status, found, unit, limit, reason, remedy)
        findings.append(Finding(check, sound.name, _CLAUSE, command))
    return findings


_REMEDIES = {
    "rate": "export it at the sample rate of the session; converted, it is not sample for sample what it was",
    "start": "export all files from one start: the time stamp (bext) says that this one begins elsewhere",
    "channels": "export it with as many channels as the others",
    "sample_format": "export it in the format of the others; bits that are lost do not come back by converting",
}


def _start(sound: Sound) -> int:
    return time_reference(sound.path)


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")


def _lengths(sounds: Sequence[Sound], roles: Roles, is_proved: bool) -> list[Finding]:
    """As `_compare`, of lengths: of files at the usual rate; a file that has faded out before its end is harmless."""
    rate = _usual(sounds, lambda sound: sound.rate)
    alike = [sound for sound in sounds if sound.rate == rate]
    counts = Counter(sound.frames for sound in alike)
    usual, times = counts.most_common(1)[0]
    if times == 1:  # exports without the silence at their ends
        usual = roles.mix.frames if roles.mix in alike else max(counts)
    odd = [sound for sound in alike if sound.frames != usual]
    if not odd:
        return [
            Finding(Check("length", "pass", usual, "frames", f"the same in {len(alike)} files"), "", _CLAUSE)
        ]
    are_trimmed = len(odd) > 1 and all(_has_ended(sound) for sound in odd)
    findings = []
    for sound in odd:
        frames = sound.frames - usual
        ms = 1000 * abs(frames) / sound.rate
        reason = (
            f"{abs(frames):,} samples ({ms:.1f} ms) {'longer' if frames > 0 else 'shorter'} than the others"
        )
        if is_proved:
            reason += "; harmless, since the stems still add up"
        elif are_trimmed:
            reason += "; as others are, and all have faded out: their ends were trimmed"
        remedy = "export all files over one range, without trimming silence and with one length of tail"
        command = remedies.padded(sound, usual) if frames < 0 else ""
        status: Status = "warn" if is_proved or are_trimmed else "fail"
        check = Check("length", status, sound.frames, "frames", f"as most files: {usual:,}", reason, remedy)
        findings.append(Finding(check, sound.name, _CLAUSE, command))
    return findings


def _has_ended(sound: Sound) -> bool:
    """Whether it fades before its end: its last ms is silent, or 12 dB under the last 10 ms, as by the gate `edges`."""
    count = min(sound.frames, max(1, round(_END_S * sound.rate)))
    try:
        with AudioFile(sound.path, lenient=True) as file:
            near = np.abs(np.concatenate(list(file.blocks(sound.frames - count))))
    except StemwrightError:
        return False  # damaged: see that gate
    last = decibels(float(near[-max(1, count // 10) :].max()))
    return last <= max(_ENDED_DBFS, decibels(float(near.max())) + _FADED_DB)


def judge_copies(stems: Sequence[Sound]) -> tuple[list[Finding], list[tuple[str, str]]]:
    """Find stems that are the same, exactly or at another gain.

    Parameters
    ----------
    stems : sequence of Sound
        The stems.

    Returns
    -------
    findings : list of Finding
        `duplicate`, one for each pair, or one that passes.
    copies : list of (str, str)
        The names of each pair with the same samples.
    """
    groups: dict[tuple, list[Sound]] = {}
    for sound in stems:
        groups.setdefault((sound.rate, sound.frames, sound.channels), []).append(sound)
    findings, copies = [], []
    for group in groups.values():
        if len(group) < 2:
            continue
        try:
            pairs = similar_pairs([sound.path for sound in group], _DITHERED_DB, lenient=True)
        except (ValueError, StemwrightError):
            continue  # samples that are not finite, or damaged: see those gates
        for pair in pairs:
            first, second = group[pair.first].name, group[pair.second].name
            is_same = abs(pair.gain - 1) < _UNITY  # but for dither, perhaps
            if not is_same and pair.residual_db > _SAME_DB:
                continue
            what = (
                "has the same sound as"
                if is_same
                else f"is, at {decibels(abs(pair.gain)):+.2f} dB, the sound of"
            )
            if is_same:
                copies.append((first, second))
            check = Check(
                "duplicate",
                "fail" if is_same else "warn",
                round(pair.residual_db, 1),
                "dB",
                f"> {_SAME_DB:g} left of one minus the other",
                f"it {what} {first}",
                "the same track was exported twice, or under a wrong name: export the one that is missing",
            )
            findings.append(Finding(check, second))
    if not findings and len(stems) > 1:
        findings.append(Finding(Check("duplicate", "pass", 0, "pairs", f"= 0 of {len(stems)} stems")))
    return findings, copies
