"""The three texts of a delivery: manifest.json for programs, SHA256SUMS for checking, README.txt for people.

All are pure functions of plain data. They hold no time, no host and no absolute path, so the same song
gives the same bytes. The README says nothing that the manifest does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from stemwright.delivery.zip_reader import MANIFEST, README, SUMS

SCHEMA_VERSION = 1

_UNITS = {"db": "dB", "dbtp": "dBTP", "hz": "Hz", "lu": "LU", "lufs": "LUFS", "ms": "ms", "seconds": "s"}
_CONTAINERS = {"wav": "WAV", "flac": "FLAC"}
_SUBTYPES = {
    "PCM_16": "16-bit integer",
    "PCM_24": "24-bit integer",
    "PCM_32": "32-bit integer",
    "FLOAT": "32-bit float",
    "DOUBLE": "64-bit float",
}
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
    master: Mapping,
    versions: Mapping[str, str],
) -> dict:
    """What is delivered and how it was made, as plain data for JSON.

    `notes`: what the song says to its client. `timeline`: the content of timeline.json.
    `files`, in the archive's order: `file` (its name there), `role` ("master" or "stem"), `stem` (its name, or
    None), `title` (for people), `sentinel` (as read).
    `mix`, in the order of mixing: `stem`, `gain_db`, `pan`, `effects` (one-key maps), `source` (its kind),
    `instruments` (what it plays on, or its source's kind).
    `master`: `effects`, `gain_db` (that was applied), `limiter` and `target` (maps or None),
    `integrated_lufs` and `true_peak_dbtp` (as measured, None if they cannot be). `versions`: by library.

    In the answer, a stem of the mix has the `file` it is delivered in, or None; the `gain_db` at which it
    makes the mix, 0 where it is delivered, since the file is through its fader and pan already; and the
    `fader_db` and `pan` that were applied.
    """
    delivered = {entry["stem"]: entry["file"] for entry in files}
    stems = [
        {
            "stem": entry["stem"],
            "file": delivered.get(entry["stem"]),
            "gain_db": 0.0 if entry["stem"] in delivered else entry["gain_db"],
            "fader_db": entry["gain_db"],
            "pan": entry["pan"],
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
        "tempo": [{key: change[key] for key in ("bar", "bpm", "meter")} for change in timeline["tempo"]],
        "sections": [
            {key: section[key] for key in ("name", "start", "end", "key")} for section in timeline["sections"]
        ],
        "files": [_file(entry) for entry in files],
        "mix": {"stems": stems},
        "master": _portable(master),
        "versions": dict(sorted(versions.items())),
    }


def sha256sums(digests: Mapping[str, str]) -> str:
    """The text that `sha256sum -c` reads, from sha256 by file name."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def readme(manifest: Mapping) -> str:
    """The manifest for people who make music: what each file is, and how they belong together."""
    parts = [
        _head(manifest),
        _section("Notes", (manifest["notes"] or "").strip().splitlines()),
        _table("Files", _files(manifest)),
        _table("Music", _music(manifest)),
        _section("Using the files", _use(manifest)),
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


def _bars(timeline: Mapping) -> float:
    """The song's length in bars, to a thousandth: a file is rounded to frames, its bars are not."""
    last = next(beat for beat in reversed(timeline["beats"]) if beat["beat"] == 1)
    change = [change for change in timeline["tempo"] if change["bar"] <= last["bar"]][-1]
    quarter = 60 * timeline["sample_rate"] / Fraction(change["bpm"])
    rest = (timeline["frames"] - last["frame"]) / (4 * Fraction(change["meter"]) * quarter)
    return round(float(last["bar"] - 1 + rest), 3)


def _portable(value):
    """The same data, with any absolute path in it cut down to its last name."""
    if isinstance(value, Mapping):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    if isinstance(value, str) and _ABSOLUTE.match(value):
        return re.split(r"[/\\]", value)[-1]
    return value


# The README's parts


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
    texts = [(MANIFEST, "all that is said here, for programs"), (README, "this text"), (SUMS, "checksums")]
    return [(file["name"], file["title"]) for file in manifest["files"]] + texts


def _music(manifest: Mapping) -> list[tuple[str, str]]:
    rows = [("Length", f"{_clock(manifest['seconds'])}, {manifest['bars']:g} bars")]
    tempo = manifest["tempo"]
    unit = "BPM" if all(change["meter"].endswith("/4") for change in tempo) else "quarter notes a minute"
    for change in tempo:
        since = f" from bar {change['bar']}" if len(tempo) > 1 else ""
        rows.append(("Tempo", f"{float(Fraction(change['bpm'])):g} {unit} in {change['meter']}{since}"))
    if manifest["key"]:
        rows.append(("Key", manifest["key"]))
    for section in manifest["sections"]:
        start, end = (_clock(section[edge]["seconds"], 3) for edge in ("start", "end"))
        key = f", {section['key']}" if section["key"] else ""
        rows.append(("Section", f"{section['name']}: {start} to {end}, from {_place(section['start'])}{key}"))
    return rows


def _use(manifest: Mapping) -> list[str]:
    files, stems = manifest["files"], manifest["mix"]["stems"]
    lines = [f"Format: {form}." for form in dict.fromkeys(map(_format, files))]
    if len({file["seconds"] for file in files}) == 1:
        lines.append("All files start together at time zero and are equally long.")
    else:
        lines.append("All files start together at time zero.")
        lines += [f"{file['name']} lasts {_clock(file['seconds'], 3)}." for file in files]
    missing = [
        f"{stem['stem']} ({_words(stem['source'])}, at {stem['gain_db']:g} dB)"
        for stem in stems
        if not stem["file"]
    ]
    if len(missing) < len(stems):
        rest = ", but for what is not delivered" if missing else ", to within the rounding of their format"
        lines.append(f"The stems, played together at unity (all faders at 0 dB), give the mix{rest}.")
    if missing:
        lines.append(f"In the mix but not delivered: {', '.join(missing)}.")
    return lines


def _channel_strip(stem: Mapping) -> tuple[str, ...]:
    pan = stem["pan"]
    side = f", pan {abs(pan):.0%} {'right' if pan > 0 else 'left'}" if pan else ""
    source, instruments = stem["source"], stem["instruments"]
    plays = f" ({', '.join(instruments)})" if instruments != [source] else ""
    made = [f"source {_words(source)}{plays}", *map(_effect, stem["effects"])]
    return stem["stem"], f"{', '.join(made)}; fader {stem['fader_db']:g} dB{side}"


def _master(master: Mapping) -> list[str]:
    steps = list(map(_effect, master["effects"]))
    if master["gain_db"]:
        steps.append(f"gain {master['gain_db']:+.2f} dB")
    if master["limiter"] is not None:
        steps.append(_effect({"limiter": master["limiter"]}))
    lines = [f"The master is the mix after: {', '.join(steps) or 'nothing, it is unchanged'}."]
    measured = [
        f"{what} {f'{value:.2f} {unit}' if value is not None else 'not measurable'}"
        for what, value, unit in (
            ("integrated loudness", master["integrated_lufs"], "LUFS"),
            ("true peak", master["true_peak_dbtp"], "dBTP"),
        )
    ]
    lines.append(f"As measured: {', '.join(measured)}.")
    if master["target"]:
        lines.append(f"Aimed at: {_settings(master['target'])}.")
    return lines


# Words


def _format(file: Mapping) -> str:
    ending = file["name"].rpartition(".")[2].lower()
    channels = {1: "mono", 2: "stereo"}.get(file["channels"], f"{file['channels']} channels")
    sample = _SUBTYPES.get(file["subtype"], file["subtype"])
    return f"{_CONTAINERS.get(ending, ending)}, {file['sample_rate'] / 1000:g} kHz, {channels}, {sample}"


def _effect(entry: Mapping) -> str:
    ((kind, keys),) = entry.items()
    settings = _settings(keys)
    return f"{_words(kind)} ({settings})" if settings else _words(kind)


def _settings(keys: Mapping) -> str:
    return ", ".join(_setting(key, value) for key, value in keys.items() if value is not None)


def _setting(key: str, value: object) -> str:
    name, _, unit = key.rpartition("_")
    if unit not in _UNITS:
        name, unit = key, ""
    if isinstance(value, bool):
        text = "on" if value else "off"
    elif isinstance(value, int | float):
        text = f"{value:.6g}"
    elif isinstance(value, Mapping):
        text = f"({_settings(value)})"
    elif isinstance(value, list | tuple):
        text = " ".join(map(str, value))
    else:
        text = str(value)
    return f"{_words(name)} {text} {_UNITS.get(unit, '')}".strip()


def _words(name: str) -> str:
    return name.replace("_", " ")


def _place(place: Mapping) -> str:
    beat = Fraction(place["beat"])
    return f"bar {place['bar']}" + (f" beat {float(beat):g}" if beat != 1 else "")


def _clock(seconds: float, digits: int = 0) -> str:
    """Minutes and seconds, m:ss, rounded to so many digits."""
    minutes, rest = divmod(round(seconds * 10**digits), 60 * 10**digits)
    return f"{minutes}:{rest // 10**digits:02d}" + (f".{rest % 10**digits:0{digits}d}" if digits else "")
