"""What ACX asks of an audiobook's files besides their levels: format, channels, length, and room tone at the ends."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from mutagen.mp3 import BitrateMode
from mutagen.mp3 import Open as OpenMp3

from stemwright.audio import AudioFile
from stemwright.gates import Check
from stemwright.gates._base import Status
from stemwright.inspection import remedies
from stemwright.inspection.finding import Finding
from stemwright.inspection.sounds import Sound

_RATE, _KBITS, _LONGEST_S = 44_100, 192, 120 * 60
_HEAD_S, _TAIL_S = (0.5, 1.0), (1.0, 5.0)
_STEP_S, _FLOOR_STEPS = 0.01, 10
_SPEECH = 10**1.2  # 12 dB over the quietest 0.1 s,
_LEAST = 1e-6  # and at least -60 dBFS
_CLAUSE = "ACX audio submission requirements, "


def judge_acx(sound: Sound) -> list[Finding]:
    """Judge a file as ACX does, but for its levels, which are gates.

    Parameters
    ----------
    sound : Sound
        The file.

    Returns
    -------
    list of Finding
        `acx.format`, `acx.rate`, `acx.channels`, `acx.length`, `acx.head` and `acx.tail`.
    """
    encode = _encoded(sound, "")
    is_cbr, found = _bit_rate(sound)
    head, tail = _room_tone(sound)
    findings = [
        _finding(
            sound,
            "format",
            is_cbr,
            found,
            "",
            "MP3, constant 192 kbit/s or more",
            encode,
            "each file: format",
        ),
        _finding(
            sound,
            "rate",
            sound.rate == _RATE,
            sound.rate,
            "Hz",
            f"= {_RATE:,}",
            encode,
            "each file: 44.1 kHz",
        ),
        _finding(
            sound,
            "channels",
            sound.channels == 1,
            sound.channels,
            "channels",
            "mono (stereo only if all files of the book are)",
            encode,
            "your audiobook: all mono or all stereo, mono recommended",
            "warn",
        ),
        _finding(
            sound,
            "length",
            sound.seconds <= _LONGEST_S,
            round(sound.seconds / 60, 2),
            "min",
            "<= 120",
            "",
            "each file: no longer than 120 minutes",
        ),
    ]
    ends = (("tail", tail, _TAIL_S), ("head", head, _HEAD_S))  # first the tail: a head moves all else
    wrongs = {
        name: _ends(name, seconds, low, high, sound)
        for name, seconds, (low, high) in ends
        if seconds is not None and not low - _STEP_S <= seconds <= high + _STEP_S
    }
    command = _encoded(sound, ",".join(wrongs.values())) if wrongs else ""  # one that mends both
    for name, seconds, (low, high) in reversed(ends):
        wrong = name in wrongs
        measured = None if seconds is None else round(seconds, 2)
        clause = f"each file: {low:g} to {high:g} s of room tone at its {name}"
        limit = f"{low:g} to {high:g}"
        holds = seconds is not None and not wrong
        mends = command if wrong else ""
        findings.append(_finding(sound, name, holds, measured, "s of room tone", limit, mends, clause))
    return findings


def _finding(
    sound: Sound,
    name: str,
    holds: bool,
    measured: float | int | str | None,
    unit: str,
    limit: str,
    command: str,
    clause: str,
    status: Status = "fail",
) -> Finding:
    remedy = (
        ""
        if holds
        else "see the command"
        if command
        else "split it"
        if name == "length"
        else "record it again"
    )
    verdict: Status = "pass" if holds else status
    check = Check(f"acx.{name}", verdict, measured, unit, limit, remedy=remedy)
    return Finding(check, sound.name, _CLAUSE + clause, "" if holds else command)


def _bit_rate(sound: Sound) -> tuple[bool, str]:
    """(whether it is MP3 of a constant bit rate that suffices, what it is)."""
    if sound.format != "MP3":
        return False, f"{sound.format} {sound.subtype}"
    info = OpenMp3(sound.path).info
    assert info is not None
    constant = info.bitrate_mode in (BitrateMode.CBR, BitrateMode.UNKNOWN)
    kind = "CBR" if constant else "VBR"
    kbits = round(info.bitrate / 1000)
    return constant and kbits >= _KBITS, f"MP3 {kind} {kbits} kbit/s"


def _room_tone(sound: Sound) -> tuple[float | None, float | None]:
    """Seconds before the first and after the last speech; None if there is none.

    Speech is where the RMS of 10 ms is 12 dB over that of the quietest 0.1 s, and over -60 dBFS.
    """
    step = max(1, round(_STEP_S * sound.rate))
    powers, rest = array("d"), np.zeros(0)
    with AudioFile(sound.path, lenient=True) as file:
        for block in file.blocks():
            rest = np.concatenate((rest, np.einsum("fc,fc->f", block, block) / block.shape[1]))
            whole = len(rest) // step * step
            powers.extend(rest[:whole].reshape(-1, step).mean(axis=1))
            rest = rest[whole:]
    found = np.array(powers)
    if len(found) < _FLOOR_STEPS:
        return None, None
    quiet = np.convolve(found, np.ones(_FLOOR_STEPS) / _FLOOR_STEPS, "valid").min()
    speech = np.flatnonzero(found > max(_SPEECH * quiet, _LEAST))
    if not len(speech):
        return None, None
    return float(speech[0]) * _STEP_S, max(0.0, sound.seconds - (float(speech[-1]) + 1) * _STEP_S)


def _ends(name: str, seconds: float, low: float, high: float, sound: Sound) -> str:
    """Filters that cut a head or tail that is too long, or fill one that is too short with silence."""
    wanted = (low + high) / 2 if name == "head" else 2.0
    if name == "head":
        if seconds > high:
            return f"atrim=start={seconds - wanted:.2f},asetpts=N/SR/TB"
        return f"adelay={round(1000 * (wanted - seconds))}:all=1"
    if seconds > high:
        return f"atrim=end={sound.seconds - seconds + wanted:.2f}"
    return f"apad=pad_dur={wanted - seconds:.2f}"


def _encoded(sound: Sound, filters: str) -> str:
    """The command that writes what ACX takes."""
    output = remedies.new_name(remedies.shown_path(sound), "acx", ".mp3")
    return remedies.ffmpeg(sound, filters, output, "-ac 1 -c:a libmp3lame -b:a 192k", _RATE)


def judge_book(sounds: Sequence[Sound]) -> list[Finding]:
    """Whether all files of a book are mono, or all stereo."""
    channels = {sound.channels for sound in sounds}
    status: Status = "pass" if len(channels) < 2 else "fail"
    measured = " and ".join({1: "mono", 2: "stereo"}[count] for count in sorted(channels))
    check = Check(
        "acx.consistent", status, measured, limit="all mono or all stereo", remedy="export all as mono"
    )
    return [Finding(check, "", f"{_CLAUSE}your audiobook: all mono or all stereo")]
