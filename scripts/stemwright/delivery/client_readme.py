"""README.txt of a delivery: the manifest, for people, and nothing that is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from stemwright.base.printable import printable_lines
from stemwright.delivery.handoff_names import FOLDER, STAGE
from stemwright.delivery.manifest import CHAPTERS, MANIFEST
from stemwright.delivery.plain_text import HOW_TO_CHECK, TEXTS, titled, titled_table

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
    "ALAC": "Apple Lossless",
    "MPEG_LAYER_III": "MPEG layer III",
    "OPUS": "Opus",
    "VORBIS": "Vorbis",
}
_MOST_POINTS = 4  # that are listed of an automation
_LONGEST_LINE = 79  # under a title


def readme(manifest: Mapping) -> str:
    """The README of a delivery, from its manifest: what each file is, and how the files belong together."""
    parts = [
        _head(manifest),
        titled("Notes", (manifest["notes"] or "").strip().splitlines()),
        titled_table("Files", _files(manifest)),
        titled_table("Music", _music(manifest)),
        titled("Using the files", _usage(manifest)),
        titled_table("The mix", [_channel_strip(stem) for stem in manifest["mix"]["stems"]]),
        titled("The master", _master(manifest["master"])),
        titled("What it was made from", _origin(manifest)),
    ]
    return printable_lines("\n\n".join(part for part in parts if part) + "\n")


def _head(manifest: Mapping) -> str:
    title = manifest["title"] + (f", by {manifest['artist']}" if manifest["artist"] else "")
    return "\n".join(
        [
            title,
            "=" * min(len(title), _LONGEST_LINE),
            _nature(manifest),
            HOW_TO_CHECK,
        ]
    )


def _nature(manifest: Mapping) -> str:
    """What the stems are and what they add up to; without stems, what there is instead."""
    mix = manifest["mix"]
    parts, total, files = _parts(manifest), mix["delivered_stems_give"], mix["sum_files"]
    if not any(stem["file"] for stem in parts):
        kinds = [
            "its versions" if entry.get("version") else f"the {entry['role']}" for entry in manifest["files"]
        ]
        others = " and ".join(dict.fromkeys(kinds))
        return f"There are no stems here, only {others}."
    made = "mastered" if total == "master" else "not mastered (pre-master)"
    whole = f"the {total}, {' and '.join(files) or 'which is not in this archive'}"
    is_exact = all(file["roundings"] is not None for file in manifest["files"] if file["stem"])
    rest = f"to within {'the rounding of' if is_exact else 'what is lost by'} their format"
    if not all(stem["file"] for stem in parts):
        rest = "but for what is not delivered"
    return f"The stems are {made}: played together at unity (all faders at 0 dB), they give {whole}, {rest}."


def _parts(manifest: Mapping) -> list[Mapping]:
    """The stems and buses that add up to the mix or the master."""
    return [stem for stem in manifest["mix"]["stems"] if stem["is_part"]]


def _origin(manifest: Mapping) -> list[str]:
    count = len(manifest["made_from"]["inputs"])
    inputs = f"the {count} input files" if count > 1 else "the one input file" if count else "no input files"
    commit = manifest["made_from"].get("commit")
    return [
        f"{MANIFEST} has the digests of the song and of {inputs}, and the versions of all programs.",
        *([f"The songs are those of commit {commit}."] if commit else []),
    ]


def _files(manifest: Mapping) -> list[tuple[str, str]]:
    marks = [(CHAPTERS, "where each chapter begins, for podcast tools")] if manifest.get("chapters") else []
    handoff = [(file["name"], _handed_off(file["name"])) for file in manifest.get("handoff", ())]
    return [(file["name"], file["title"]) for file in manifest["files"]] + handoff + marks + [*TEXTS]


def _handed_off(name: str) -> str:
    """What a file for a DAW or a stage is."""
    if name.startswith(f"{FOLDER}/{STAGE}/"):
        return "for the stage: it begins with a count-in"
    endings = {
        ".mid": "tempo, sections and notes, as MIDI",
        ".rpp": "a project for REAPER",
        ".dawproject": "a project for Bitwig, Studio One and Cubase",
        "_labels.txt": "sections and chords, for Audacity",
        "_tempo.csv": "the tempo map: each beat and each change",
    }
    return next(
        (text for ending, text in endings.items() if name.endswith(ending)),
        "a click track, which begins with a count-in",
    )


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
    files = manifest["files"]
    lines = [f"Format: {form}." for form in dict.fromkeys(map(_format_audio, files))]
    length = next((file["seconds"] for file in files if not file.get("version")), files[0]["seconds"])
    cut = [file for file in files if file["seconds"] != length]
    others = ["the versions of another length"] if cut else []
    others += ["those of the hand-off"] if manifest.get("handoff") else []
    every = f"All files but {' and '.join(others)}" if others else "All files"
    lines.append(f"{every} start together at time zero and are equally long.")
    lines += [f"{file['name']} lasts {_format_seconds(file['seconds'], 3)}." for file in cut]
    lines += [
        f"{file['name']} was turned down by {file['turned_down_db']:.2f} dB, so that its codec does not lift it over "
        "its ceiling."
        for file in files
        if "turned_down_db" in file
    ]
    parts, total = _parts(manifest), manifest["mix"]["delivered_stems_give"]
    before = " before the master chain" if total == "master" else ""
    missing = [
        f"{stem['stem']} ({_spaced(stem['source'])}, {_level('at', stem['gain_db'])}{before})"
        for stem in parts
        if not stem["file"]
    ]
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
    if master["trim_db"]:
        steps.append(f"gain {master['trim_db']:+.2f} dB")
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
    container = file["name"].rpartition(".")[2].upper()
    channels = {1: "mono", 2: "stereo"}.get(file["channels"], f"{file['channels']} channels")
    sample = _SUBTYPES.get(file["subtype"], file["subtype"])
    return f"{container}, {file['sample_rate'] / 1000:g} kHz, {channels}, {sample}"


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
