"""The page of a song as plain data: what its sentinels, its timeline and its plan say, in words and numbers for people.

`content` gives what `templates/song.html` is filled with. Nothing in it depends on the day, the machine or the order of
jobs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from stemwright.base.clock import clock
from stemwright.base.printable import printable
from stemwright.pages.song_data import player_data, script_data
from stemwright.pages.words import amount, check_in_words, count, stage_name

_KINDS = ("master", "mix", "reference", "version", "bus", "stem")
"""The order in which tracks are shown, by their kinds."""

_TRACKS = {
    "master": "the song as it is released",
    "mix": "the sum before the master chain",
    "reference": "the recording that the song is made to",
    "version": "another version of the song, in its own time",
    "bus": "bus",
    "stem": "stem",
}

_SAMPLES = {
    "FLOAT": "32-bit float",
    "FLOAT_24": "24 bit in float",
    "PCM_16": "16 bit",
    "PCM_24": "24 bit",
    "PCM_32": "32 bit",
}
_CHANNELS = {1: "mono", 2: "stereo"}

_IN_TIME = ("reference", "stem", "bus", "processed", "mix", "master", "printed", "delivered")
"""Stages whose files stand on the song's time, but for those of versions."""

_MOST_PLACES = 12

_MISSED = {
    "silent": "the mix is silent",
    "quiet": "the mix is too quiet, even with the greatest gain",
    "limiter": "the limiter lets no gain make it louder",
}
"""Why the master misses its target, see `stemwright.mixing.master.MasterResult`."""


def content(
    params: Mapping[str, Any],
    timeline: Mapping[str, Any],
    records: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """What the page of a song says.

    Parameters
    ----------
    params : mapping
        What the job is given, see `stemwright.plan.stages.report`.
    timeline : mapping
        The content of `timeline.json`.
    records : mapping of str to mapping
        The sentinel of each artifact, by the artifact's path below the song's folder.
    settings : mapping
        The content of `master.json`: what the master chain settled on.

    Returns
    -------
    dict
        The variables of the template; `data` is what its scripts need.
    """
    tracks = [_track(each) for each in params["tracks"]]
    shown = sorted(tracks, key=lambda track: _KINDS.index(track["kind"]))
    artifacts = [
        {**each, "what": stage_name(each["stage"]), **_judged(records[each["file"]])}
        for each in params["artifacts"]
    ]
    return {
        "title": params["title"] or params["song"],
        "artist": params["artist"],
        "song": params["song"],
        "state": _state(artifacts),
        "figures": list(_figures(params, timeline, artifacts)),
        "remarks": [
            {**check, "file": each["file"], "what": each["what"], "places": _places(each, check, records)}
            for each in artifacts
            for check in each["checks"]
            if check["status"] in ("warn", "fail")
        ],
        "sections": _sections(params, timeline),
        "tracks": shown,
        "artifacts": artifacts,
        "nulls": list(_nulls(params, artifacts)),
        "master": _master(settings),
        "deliveries": [_delivery(each, records) for each in params["deliveries"]],
        "player": player_data(params, timeline, tracks),
        "data": script_data(params, timeline, settings, shown),
    }


# What was judged


def _judged(record: Mapping[str, Any]) -> dict[str, Any]:
    """The checks of an artifact, in words."""
    checks = [check_in_words(check) | {"places": check.get("places", ())} for check in record["checks"]]
    return {"sha256": record["sha256"], "checks": checks}


def _places(
    artifact: Mapping[str, Any], check: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Where in the song a check has found something: the first places in s, and in words."""
    if artifact["stage"] not in _IN_TIME or artifact["version"] or not check["places"]:
        return []
    rate = records[artifact["file"]]["format"]["sample_rate"]
    found = (first / rate for first, _ in check["places"][:_MOST_PLACES])
    return [{"seconds": round(at, 4), "text": clock(at, 1)} for at in found]


def _state(artifacts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What all verdicts come to."""
    found = [check["status"] for each in artifacts for check in each["checks"]]
    failed, warned, skipped = (found.count(status) for status in ("fail", "warn", "skip"))
    judged = f"{count(len(found) - skipped, 'check')} of {count(len(artifacts), 'file')}"
    if failed:
        return {"status": "fail", "text": f"{count(failed, 'check')} failed", "note": judged}
    if warned:
        return {"status": "warn", "text": count(warned, "warning"), "note": judged}
    return {"status": "pass", "text": "All passed", "note": judged}


def _find(artifacts: Sequence[Mapping[str, Any]], stage: str, check: str) -> Mapping[str, Any] | None:
    """A check of the artifact of a stage that has only one."""
    for each in artifacts:
        if each["stage"] == stage:
            return next((found for found in each["checks"] if found["id"] == check), None)
    return None


def _figures(
    params: Mapping[str, Any], timeline: Mapping[str, Any], artifacts: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, str]]:
    """The figures at the top: name, value and note of each."""
    for name, check in (("Loudness", "loudness"), ("True peak", "true_peak")):
        found = _find(artifacts, "master", check)
        if found and found["measured"]:
            is_target = name == "Loudness" and params["target"]
            note = f"{'target' if is_target else 'limit'} {found['limit']}" if found["limit"] else "no target"
            yield {"name": name, "value": found["measured"], "note": note, "status": found["status"]}
    tempo = timeline["tempo"] if params["has_tempo"] else []
    bars = len({beat["bar"] for beat in timeline["beats"]}) if tempo else 0
    sections = len(timeline["sections"])
    notes = [count(bars, "bar")] * bool(bars) + [count(sections, "section")] * bool(sections)
    yield {
        "name": "Length",
        "value": clock(timeline["seconds"]),
        "note": ", ".join(notes),
        "status": "",
    }
    if tempo:
        tempi = [Fraction(t) for each in tempo for t in (each["bpm"], *_ramp_end(each))]
        low, high = (amount(round(float(t), 2)) for t in (min(tempi), max(tempi)))
        meters = list(dict.fromkeys(each["meter"] for each in tempo))
        units = {each.get("unit", "1/4") for each in tempo}
        unit = f", counted in {', '.join(sorted(units))}" if units != {"1/4"} else ""
        yield {
            "name": "Tempo",
            "value": f"{low} bpm" if low == high else f"{low}–{high} bpm",
            "note": ", ".join(meters[:4]) + (" …" if len(meters) > 4 else "") + unit,
            "status": "",
        }
    keys = list(dict.fromkeys(each["key"] for each in timeline["sections"] if each["key"]))
    if key := timeline["key"] or (keys[0] if keys else ""):
        others = [other for other in keys if other != key]
        yield {
            "name": "Key",
            "value": key,
            "note": f"also {', '.join(others)}" if others else "",
            "status": "",
        }
    main = params["deliveries"][0]["files"]
    if main:
        samples, sound = _form(main[0])
        yield {"name": "Delivered as", "value": samples, "note": sound, "status": ""}


def _ramp_end(passage: Mapping[str, Any]) -> list[str]:
    return [passage["ramp"]["to"]] if "ramp" in passage else []


def _nulls(params: Mapping[str, Any], artifacts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """What the null tests say, a sentence for each stage, at its worst."""
    subjects = {
        "bus": "Each bus is the sum of what comes into it",
        "mix": "The mix is the sum of its stems and buses",
        "delivered": "Each delivered file is what it was made from",
        "archive": "The delivered stems sum to the mix",
    }
    for stage, subject in subjects.items():
        found = [(each["file"], c) for each in artifacts if each["stage"] == stage for c in each["checks"]]
        checks = [(file, check) for file, check in found if check["id"] == "null"]
        if not checks:
            continue
        judged = [(file, check) for file, check in checks if check["status"] != "skip"]
        if not judged:
            yield {"status": "skip", "text": subject, "note": checks[0][1]["reason"]}
            continue
        file, worst = max(judged, key=lambda each: (each[1]["status"] != "pass", _level(each[1])))
        where = f" in {file}" if len(judged) > 1 else ""
        yield {
            "status": worst["status"],
            "text": f"{subject}{'' if worst['status'] == 'pass' else ': it does not hold'}",
            "note": f"the difference is {worst['measured']}{where}; allowed {worst['limit']}",
        }


def _level(check: Mapping[str, str]) -> float:
    """The level that a check has measured in dB."""
    text = check["measured"].split(" ")[0].replace("−", "-").replace("∞", "inf")
    return float(text) if text else float("inf")


def _master(settings: Mapping[str, Any]) -> str:
    """What the master chain settled on, in a sentence."""
    gain, limiter = settings.get("gain_db"), settings.get("limiter")
    found = []
    if gain is not None:
        found.append(f"The master chain {'raised' if gain >= 0 else 'lowered'} the mix by {abs(gain):.2f} dB")
    if limiter:
        unit = "dBTP" if limiter["true_peak"] else "dBFS"
        found.append(f"the ceiling of its limiter is {amount(round(limiter['ceiling_db'], 2), unit)}")
    if missed := settings.get("missed"):
        found.append(f"the target is missed: {_MISSED[missed]}")
    return "; ".join(found)


# When it is


def _sections(params: Mapping[str, Any], timeline: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections as a table: title, start, length, key and chords."""
    rate = timeline["sample_rate"]
    return [
        {
            "title": title,
            "start": clock(section["start_frame"] / rate),
            "bar": section["start"]["bar"] if params["has_tempo"] else None,
            "length": clock((section["end_frame"] - section["start_frame"]) / rate, 1),
            "key": section["key"] or "",
            "chords": " ".join(chord["symbol"] for chord in section["chords"]),
        }
        for title, section in zip(params["titles"], timeline["sections"], strict=True)
    ]


# What can be heard and seen


def _track(track: Mapping[str, Any]) -> dict[str, Any]:
    """A track with its name and kind in words; `views`: how many stages of it there are."""
    kind = track["kind"]
    label = {"version": f"Version {track['name']}"}.get(kind, track["name"] or kind.capitalize())
    return {**track, "label": label, "what": _TRACKS[kind], "views": 2 if track.get("has_effects") else 1}


# What is delivered


def _delivery(delivery: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A delivery: its archive and its files, with links that hold below the page's folder."""
    return {
        "name": delivery["name"],
        "archive": _file(delivery["archive"], records),
        "files": [
            {"title": each["title"], "form": ", ".join(_form(each)), **_file(each["file"], records)}
            for each in delivery["files"]
        ],
    }


def _form(delivered: Mapping[str, Any]) -> tuple[str, str]:
    """The format of a delivered file in words: how it is stored, and what of."""
    stored = _SAMPLES.get(delivered["sample_format"], "")
    if "bitrate_kbps" in delivered:
        stored = f"{delivered['bitrate_kbps']} kbit/s"
    rate = f"{delivered['sample_rate'] / 1000:g} kHz"
    channels = _CHANNELS.get(delivered["channels"], f"{delivered['channels']} channels")
    return ", ".join(filter(None, (delivered["container"], stored))), f"{rate}, {channels}"


def _file(file: str, records: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    name = printable(file.rpartition("/")[2])
    return {"file": file, "label": name, "link": link(file), "sha256": records[file]["sha256"]}


def link(file: str) -> str:
    """The address of a file below the song's folder, from the page's folder."""
    return f"../{quote(file)}"
