"""What ACX asks of an audiobook's files besides their levels: format, channels, length, and room tone at the ends."""

from __future__ import annotations

from collections.abc import Sequence

from mutagen.mp3 import BitrateMode
from mutagen.mp3 import Open as OpenMp3

from stemwright.gates import Check
from stemwright.gates._base import Status
from stemwright.inspection import remedies
from stemwright.inspection.finding import Finding
from stemwright.inspection.sounds import Sound
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS

_RATE, _KBITS, _LONGEST_S = 44_100, 192, 120 * 60
_CLAUSE = "ACX audio submission requirements, "
_ROOM_TONE = "room_tone."


def judge_acx(sound: Sound, judged: Sequence[Finding]) -> list[Finding]:
    """Judge a file as ACX does.

    Parameters
    ----------
    sound : Sound
        The file.
    judged : sequence of Finding
        What the gates say of it.

    Returns
    -------
    list of Finding
        The same, `room_tone.head` and `room_tone.tail` as `acx.head` and `acx.tail` with a command that mends them; and
        `acx.format`, `acx.rate`, `acx.channels` and `acx.length`.
    """
    room_tone = {
        each.check.id.removeprefix(_ROOM_TONE): each.check
        for each in judged
        if each.check.id.startswith(_ROOM_TONE)
    }
    encode = _encoded(sound, "")
    is_cbr, found = _bit_rate(sound)
    findings = [
        *(each for each in judged if not each.check.id.startswith(_ROOM_TONE)),
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
    target = LOUDNESS_TARGETS["acx"]
    ends = (  # first the tail: a head moves all else
        ("tail", room_tone["tail"], target.min_tail_s or 0.0, target.max_tail_s or 0.0),
        ("head", room_tone["head"], target.min_head_s or 0.0, target.max_head_s or 0.0),
    )
    wrongs = {
        name: _ends(name, check.measured, low, high, sound)
        for name, check, low, high in ends
        if check.status != "pass" and isinstance(check.measured, float)
    }
    command = _encoded(sound, ",".join(wrongs.values())) if wrongs else ""  # one that mends both
    for name, check, low, high in reversed(ends):
        clause = f"each file: {low:g} to {high:g} s of room tone at its {name}"
        holds, mends = check.status == "pass", command if name in wrongs else ""
        limit = f"{low:g} to {high:g}"
        findings.append(_finding(sound, name, holds, check.measured, "s of room tone", limit, mends, clause))
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
