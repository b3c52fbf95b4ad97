"""The texts of a delivery: manifest.json for programs, SHA256SUMS for checking, README.txt for people, chapters.txt.

All are pure functions of plain data. They contain no time, host name or absolute path, so that the same song gives the
same bytes. The README contains nothing that is not in the manifest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from stemwright.delivery.formats import NAMES

SCHEMA_VERSION = 1

MANIFEST, README, SUMS, CHAPTERS = "manifest.json", "README.txt", "SHA256SUMS", "chapters.txt"
"""The members of a delivery that are not audio."""

_UNITS = {
    "db": "dB",
    "dbtp": "dBTP",
    "hz": "Hz",
    "lu": "LU",
    "lufs": "LUFS",
    "ms": "ms",
    "seconds": "s",
}
_SUBTYPES = {
    "PCM_16": "16-bit integer",
    "PCM_24": "24-bit integer",
    "PCM_32": "32-bit integer",
    "FLOAT": "32-bit float",
    "DOUBLE": "64-bit float",
}
_MOST_POINTS = 4  # that are listed of an automation
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[/\\]")


def manifest(
    *,
    song: str,
    title: str | None,
    artist: str | None,
    notes: str | None,
    timeline: Mapping,
    files: Sequence[Mapping],
    mix: Sequence[Mapping],
    total: str,
    master: Mapping,
    versions: Mapping[str, str],
    chapters: Sequence[tuple[float, str]] = (),
    has_tempo: bool = True,
) -> dict:
    """Describe what is delivered and how it was made.

    Parameters
    ----------
    song, title, artist : str or None
        The song's name, and its title and artist, if given.
    notes : str or None
        The song's notes to the client.
    timeline : mapping
        The content of timeline.json.
    files : sequence of mapping
        Each delivered file, in the archive's order: `file` (its name in the archive), `role` ("master" or "stem"),
        `stem` (its name, or None), `title` (for people), `sentinel` (as read).
    mix : sequence of mapping
        Each stem and bus, by name: `stem`, `gain_db`, `pan` and `mute` (as written), `level` (what `gain_db` was found
        for, if it was), `output`, `sends` (by bus),
        `effects` (one-key maps), `source` (its kind; `bus`), `instruments` (those it plays, or its source's kind), and
        `is_part`: whether it is one of those that add up to `total`.
    total : str
        What the delivered stems add up to: `mix` or `master`.
    master : mapping
        `effects`, `gain_db` (as applied), `limiter` and `target` (mappings or None), `integrated_lufs` and
        `true_peak_dbtp` (as measured, None if they cannot be).
    versions : mapping
        Versions by library.
    chapters : sequence of (float, str)
        The start of each chapter in s, and its title.
    has_tempo : bool
        Whether the song has a tempo.

    Returns
    -------
    dict
        Plain data for JSON. A stem or bus of the mix has the `file` in which it is delivered, or None; the `gain_db`
        with which it enters the mix, 0 if it is delivered, since the file already includes fader and pan; the
        `fader_db`, `pan` and `mute` that were applied; and where it goes.
    """
    delivered = {entry["stem"]: entry["file"] for entry in files}
    stems = [
        {
            "stem": entry["stem"],
            "file": delivered.get(entry["stem"]),
            "gain_db": 0.0 if entry["stem"] in delivered else entry["gain_db"],
            "fader_db": entry["gain_db"],
            **({"level": entry["level"]} if "level" in entry else {}),
            "pan": entry["pan"],
            "mute": entry["mute"],
            "output": entry["output"],
            "sends": entry["sends"],
            "is_part": entry["is_part"],
            "source": entry["source"],
            "instruments": entry["instruments"],
            "effects": _portable(entry["effects"]),
        }
        for entry in mix
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "song": song,
        "title": title or song,
        "artist": artist,
        "notes": notes,
        "seconds": timeline["seconds"],
        "bars": _bars(timeline),
        "key": timeline["key"],
        **({"pickup": timeline["pickup"]} if "pickup" in timeline else {}),
        "tempo": [_without_frame(change) for change in timeline["tempo"]] if has_tempo else [],
        **({"holds": [_without_frame(hold) for hold in timeline["holds"]]} if "holds" in timeline else {}),
        "sections": [
            {key: section[key] for key in ("name", "start", "end", "key")} for section in timeline["sections"]
        ],
        **({"chapters": [{"seconds": at, "title": title} for at, title in chapters]} if chapters else {}),
        "files": [_file(entry) for entry in files],
        "mix": {"stems": stems, "delivered_stems_give": total},
        "master": _portable(master),
        "versions": dict(sorted(versions.items())),
    }


def chapters(marks: Sequence[tuple[float, str]]) -> str:
    """Chapters in the simple form that mp4chaps and Podlove read.

    Parameters
    ----------
    marks : sequence of (float, str)
        The start of each in s, and its title.

    Returns
    -------
    str
        A line for each, such as `00:01:02.500 Verse`.
    """
    lines = []
    for seconds, title in marks:
        minutes, rest = divmod(round(seconds * 1000), 60_000)
        lines.append(f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d} {title}\n")
    return "".join(lines)


def sha256sums(digests: Mapping[str, str]) -> str:
    """The text that `sha256sum -c` reads, for a mapping of file names to their sha256."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def readme(manifest: Mapping) -> str:
    """The README of a delivery, from its manifest: what each file is, and how the files belong together."""
    parts = [
        _head(manifest),
        _section("Notes", (manifest["notes"] or "").strip().splitlines()),
        _table("Files", _files(manifest)),
        _table("Music", _music(manifest)),
        _section("Using the files", _usage(manifest)),
        _table("The mix", [_channel_strip(stem) for stem in manifest["mix"]["stems"]]),
        _section("The master", _master(manifest["master"])),
        _section("Is it all there?", [f"{SUMS} has a checksum of every file. To check: sha256sum -c {SUMS}"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _file(entry: Mapping) -> dict:
    audio = entry["sentinel"]["format"]
    return {
        "name": entry["file"],
        "role": entry["role"],
        "stem": entry["stem"],
        "title": entry["title"],
        "sha256": entry["sentinel"]["sha256"],
        **{key: audio[key] for key in ("sample_rate", "channels", "subtype", "frames")},
        "seconds": audio["frames"] / audio["sample_rate"],
    }


def _without_frame(entry: Mapping) -> dict:
    """An entry of the timeline without its frame, which is of the sample rate inside the build."""
    return {key: value for key, value in entry.items() if key != "frame"}


def _bars(timeline: Mapping) -> float:
    """The song's length in bars, without its tail: to a thousandth, since the file's length is rounded to frames."""
    if "bars" in timeline:
        return timeline["bars"]
    last = next(beat for beat in reversed(timeline["beats"]) if beat["beat"] == 1)
    change = [change for change in timeline["tempo"] if change["bar"] <= last["bar"]][-1]
    quarter = 60 * timeline["sample_rate"] / Fraction(change["bpm"])
    end = timeline["frames"] - timeline.get("tail_frames", 0)
    rest = (end - last["frame"]) / (4 * Fraction(change["meter"]) * quarter)
    return round(float(last["bar"] - 1 + rest), 3)


def _portable(value: Any) -> Any:
    """The same plain data, with every absolute path in it shortened to its last component."""
    if isinstance(value, Mapping):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    if isinstance(value, str) and _ABSOLUTE.match(value):
        return re.split(r"[/\\]", value)[-1]
    return value


# The parts of the README


def _head(manifest: Mapping) -> str:
    title = manifest["title"] + (f", by {manifest['artist']}" if manifest["artist"] else "")
    return f"{title}\n{'=' * len(title)}"


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, "-" * len(title), *lines]) if lines else ""


def _table(title: str, rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return _section(title, [line.rstrip() for line in lines])


def _files(manifest: Mapping) -> list[tuple[str, str]]:
    marks = [(CHAPTERS, "where each chapter begins, for podcast tools")] if manifest.get("chapters") else []
    texts = [
        *marks,
        (MANIFEST, "all that is said here, for programs"),
        (README, "this text"),
        (SUMS, "checksums"),
    ]
    return [(file["name"], file["title"]) for file in manifest["files"]] + texts


def _music(manifest: Mapping) -> list[tuple[str, str]]:
    bars = f", {manifest['bars']:g} bars" if manifest["tempo"] else ""
    rows = [("Length", f"{_format_seconds(manifest['seconds'])}{bars}")]
    if "pickup" in manifest:
        rows.append(("Pick-up", f"{Fraction(manifest['pickup']) / 4} before bar 1"))
    tempo = manifest["tempo"]
    unit = "BPM" if all(change["meter"].endswith("/4") for change in tempo) else "quarter notes a minute"
    for change in tempo:
        since = f" from {_format_position(change)}" if len(tempo) > 1 else ""
        ramp = f" to {_format_bpm(change['ramp']['to'])}" if "ramp" in change else ""
        bpm = f"{_format_bpm(change['bpm'])}{ramp}"
        mark = f"{change['unit']} = {bpm}" if "unit" in change else f"{bpm} {unit}"
        rows.append(("Tempo", f"{mark} in {change['meter']}{since}"))
    for hold in manifest.get("holds", ()):
        seconds = float(Fraction(hold["held"]))
        rows.append(("Fermata", f"{seconds:.3f} s at {_format_position(hold)}"))
    if manifest["key"]:
        rows.append(("Key", manifest["key"]))
    for section in manifest["sections"]:
        start, end = (_format_seconds(section[edge]["seconds"], 3) for edge in ("start", "end"))
        key = f", {section['key']}" if section["key"] else ""
        rows.append(
            (
                "Section",
                f"{section['name']}: {start} to {end}, from {_format_position(section['start'])}{key}",
            )
        )
    return rows


def _usage(manifest: Mapping) -> list[str]:
    files, stems = manifest["files"], manifest["mix"]["stems"]
    lines = [f"Format: {form}." for form in dict.fromkeys(map(_format_audio, files))]
    if len({file["seconds"] for file in files}) == 1:
        lines.append("All files start together at time zero and are equally long.")
    else:
        lines.append("All files start together at time zero.")
        lines += [f"{file['name']} lasts {_format_seconds(file['seconds'], 3)}." for file in files]
    parts, total = [stem for stem in stems if stem["is_part"]], manifest["mix"]["delivered_stems_give"]
    before = " before the master chain" if total == "master" else ""
    missing = [
        f"{stem['stem']} ({_spaced(stem['source'])}, {_level('at', stem['gain_db'])}{before})"
        for stem in parts
        if not stem["file"]
    ]
    if len(missing) < len(parts):
        rest = ", but for what is not delivered" if missing else ", to within the rounding of their format"
        lines.append(f"The stems, played together at unity (all faders at 0 dB), give the {total}{rest}.")
    if missing:
        lines.append(f"In the {total} but not delivered: {', '.join(missing)}.")
    return lines


def _channel_strip(stem: Mapping) -> tuple[str, ...]:
    pan = stem["pan"]
    side = f", pan {moves}" if (moves := _format_movement(pan, "")) else ""
    if isinstance(pan, int | float) and pan:
        side = f", pan {abs(pan):.0%} {'right' if pan > 0 else 'left'}"
    if stem["mute"]:
        side += ", muted" if stem["mute"] is True else ", muted in parts"
    goes = "" if stem["output"] == "mix" else f"; to {stem['output']}"
    for bus, send in stem["sends"].items():
        goes += f"; send to {bus} {_level('at', send['gain_db'])}"
    found = f" ({_format_level(stem['level'])})" if "level" in stem else ""
    source, instruments = stem["source"], stem["instruments"]
    plays = f" ({', '.join(instruments)})" if instruments != [source] else ""
    made = [f"source {_spaced(source)}{plays}", *map(_format_effect, stem["effects"])]
    return stem["stem"], f"{', '.join(made)}; {_level('fader', stem['fader_db'])}{found}{side}{goes}"


def _format_level(level: Mapping) -> str:
    """What a fader was found for, in words."""
    ((key, value),) = level.items()
    words = {
        "match": "as in {}",
        "like": "as loud as {}",
        "lufs": "for {:g} LUFS",
        "peak_dbfs": "for a peak of {:g} dBFS",
    }
    return words[key].format(value)


def _level(word: str, gain_db: object) -> str:
    """A level in words, such as `fader -3 dB`, or how it moves."""
    return f"{word} {_format_movement(gain_db, 'dB') or f'{gain_db:g} dB'}"


def _master(master: Mapping) -> list[str]:
    steps = list(map(_format_effect, master["effects"]))
    if master["gain_db"]:
        steps.append(f"gain {master['gain_db']:+.2f} dB")
    if master["limiter"] is not None:
        steps.append(_format_effect({"limiter": master["limiter"]}))
    lines = [f"The master is the mix after: {', '.join(steps) or 'nothing, it is unchanged'}."]
    measured = [
        f"{what} {f'{value:.2f} {unit}' if value is not None else 'not measurable'}"
        for what, value, unit in (
            ("integrated loudness", master["integrated_lufs"], "LUFS"),
            ("true peak", master["true_peak_dbtp"], "dBTP"),
        )
    ]
    if master.get("dialogue_lufs") is not None:
        measured.append(f"loudness of dialogue {master['dialogue_lufs']:.2f} LUFS")
    lines.append(f"As measured: {', '.join(measured)}.")
    if master["target"]:
        lines.append(f"Aimed at: {_format_settings(master['target'])}.")
    return lines


# Formatting


def _format_audio(file: Mapping) -> str:
    ending = file["name"].rpartition(".")[2].lower()
    channels = {1: "mono", 2: "stereo"}.get(file["channels"], f"{file['channels']} channels")
    sample = _SUBTYPES.get(file["subtype"], file["subtype"])
    return f"{NAMES.get(ending, ending)}, {file['sample_rate'] / 1000:g} kHz, {channels}, {sample}"


def _format_effect(entry: Mapping) -> str:
    ((kind, keys),) = entry.items()
    settings = _format_settings(keys)
    return f"{_spaced(kind)} ({settings})" if settings else _spaced(kind)


def _format_settings(keys: Mapping) -> str:
    return ", ".join(_format_setting(key, value) for key, value in keys.items() if value is not None)


def _format_setting(key: str, value: object) -> str:
    name, _, unit = key.rpartition("_")
    if unit not in _UNITS:
        name, unit = key, ""
    if moves := _format_movement(value, _UNITS.get(unit, "")):
        return f"{_spaced(name)} {moves}"
    if isinstance(value, bool):
        text = "on" if value else "off"
    elif isinstance(value, int | float):
        text = f"{value:.6g}"
    elif isinstance(value, Mapping):
        text = f"({_format_settings(value)})"
    elif isinstance(value, list | tuple):
        text = " ".join(_format_effect(item) if isinstance(item, Mapping) else str(item) for item in value)
    else:
        text = str(value)
    return f"{_spaced(name)} {text} {_UNITS.get(unit, '')}".strip()


def _format_movement(value: object, unit: str) -> str:
    """An automation in words: its points, and the reach of its LFO; "" for what is none."""
    lfo, points = "", value
    if isinstance(value, Mapping):
        if "lfo" not in value:
            return ""
        lfo = f", and an LFO of ±{value['lfo']['depth']:g} {unit}".rstrip()
        points = value.get("points") or value["value"]
    if isinstance(points, int | float):
        return f"{points:g} {unit}".rstrip() + lfo if lfo else ""
    if not isinstance(points, list) or not all(isinstance(p, Mapping) and "at" in p for p in points):
        return ""
    ways = [f"{point['value']:g} {unit}".rstrip() + f" at {point['at']}" for point in points]
    if len(ways) > _MOST_POINTS:
        ways = [*ways[: _MOST_POINTS - 1], f"{len(ways) - _MOST_POINTS + 1} more points"]
    return f"moving ({', '.join(ways)})" + lfo


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _format_bpm(text: str) -> str:
    return f"{float(Fraction(text)):g}"


def _format_position(place: Mapping) -> str:
    beat = Fraction(place.get("beat", 1))
    return f"bar {place['bar']}" + (f" beat {float(beat):g}" if beat != 1 else "")


def _format_seconds(seconds: float, digits: int = 0) -> str:
    """Minutes and seconds, m:ss, with seconds rounded to `digits` decimals."""
    minutes, rest = divmod(round(seconds * 10**digits), 60 * 10**digits)
    return f"{minutes}:{rest // 10**digits:02d}" + (f".{rest % 10**digits:0{digits}d}" if digits else "")
