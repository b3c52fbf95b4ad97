"""Cue sheets: the tracks of a disc image, as burning programs and players read them.

Source: CDRWIN User's Guide, appendix A. A text is in quotes and cannot hold one, since nothing escapes it: `"` becomes
`'`. Texts are UTF-8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stemwright.audio.disc import SECTORS_PER_SECOND

_LINE = re.compile(r' *([A-Z]+) (?:"([^"]*)"|([^\s"]+))(?: (\S+))?')


@dataclass(frozen=True)
class CueTrack:
    """A track: its texts ("" for none), and its sectors: `mark` is INDEX 01, `pause` INDEX 00, None for none."""

    title: str
    performer: str
    isrc: str
    mark: int
    pause: int | None


@dataclass(frozen=True)
class CueSheet:
    """A disc in one audio file: its texts ("" for none), its EAN of 13 digits, and its tracks in order."""

    file: str
    title: str
    performer: str
    catalog: str
    tracks: tuple[CueTrack, ...]


def write_cue(sheet: CueSheet) -> str:
    """The text of a cue sheet, with a line break after each line."""
    lines = [f"CATALOG {sheet.catalog}"] if sheet.catalog else []
    lines += _texts(sheet.performer, sheet.title)
    lines.append(f"FILE {_quoted(sheet.file)} WAVE")
    for number, track in enumerate(sheet.tracks, 1):
        lines.append(f"  TRACK {number:02d} AUDIO")
        lines += [f"    {line}" for line in _texts(track.performer, track.title)]
        lines += [f"    ISRC {track.isrc}"] if track.isrc else []
        lines += [f"    INDEX 00 {_time(track.pause)}"] if track.pause is not None else []
        lines.append(f"    INDEX 01 {_time(track.mark)}")
    return "".join(f"{line}\n" for line in lines)


def read_cue(text: str) -> CueSheet:
    """What a cue sheet says, of those that `write_cue` can write. Raises ValueError, naming the line, for others."""
    disc: dict[str, str] = {}
    tracks: list[dict[str, str]] = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"line {number} is no command of a cue sheet: {line!r}")
        command, quoted, plain, more = found.groups()
        value = plain if quoted is None else quoted
        if command == "TRACK":
            if (plain, more) != (f"{len(tracks) + 1:02d}", "AUDIO"):
                raise ValueError(f"line {number} is not track {len(tracks) + 1:02d} of audio: {line!r}")
            tracks.append({})
            continue
        place = tracks[-1] if tracks else disc
        name, value = (f"INDEX {plain}", more) if command == "INDEX" else (command, value)
        if name in place:
            raise ValueError(f"line {number} repeats {name}")
        place[name] = value or ""
    try:
        return CueSheet(
            disc["FILE"],
            disc.get("TITLE", ""),
            disc.get("PERFORMER", ""),
            disc.get("CATALOG", ""),
            tuple(
                CueTrack(
                    track.get("TITLE", ""),
                    track.get("PERFORMER", ""),
                    track.get("ISRC", ""),
                    _sector(track["INDEX 01"]),
                    _sector(track["INDEX 00"]) if "INDEX 00" in track else None,
                )
                for track in tracks
            ),
        )
    except KeyError as error:
        raise ValueError(f"a {error.args[0]} is missing") from None


def _texts(performer: str, title: str) -> list[str]:
    texts = {"PERFORMER": performer, "TITLE": title}
    return [f"{command} {_quoted(text)}" for command, text in texts.items() if text]


def _quoted(text: str) -> str:
    return '"' + plain(text) + '"'


def plain(text: str) -> str:
    """A text as a cue sheet can hold it."""
    return text.replace('"', "'")


def _time(sector: int) -> str:
    """Minutes, seconds and sectors, as `MM:SS:FF`."""
    seconds, rest = divmod(sector, SECTORS_PER_SECOND)
    return f"{seconds // 60:02d}:{seconds % 60:02d}:{rest:02d}"


def _sector(text: str) -> int:
    found = re.fullmatch(r"(\d{2,}):([0-5]\d):([0-6]\d|7[0-4])", text)
    if not found:
        raise ValueError(f"{text!r} is no time of a cue sheet")
    minutes, seconds, rest = map(int, found.groups())
    return (60 * minutes + seconds) * SECTORS_PER_SECOND + rest


def sheet_from_dict(data: dict) -> CueSheet:
    """A sheet from plain data, as `dataclasses.asdict` gives it."""
    return CueSheet(**{**data, "tracks": tuple(CueTrack(**track) for track in data["tracks"])})
