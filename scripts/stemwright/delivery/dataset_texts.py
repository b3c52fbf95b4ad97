"""The texts of a dataset: its tracks, its index as mirdata reads it, its splits, its checksums, and its README.

Source of the index: the code of mirdata 1.0 (`mirdata/validate.py`): each entry has a path below the home of the data,
and its MD5. Pure functions of plain data, without time, host name or path, so that the same dataset gives the same
bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_BLOCK = 1 << 20


ALL = "all"
"""The one split of a dataset that has no splits."""

_CONTENT = {
    "mix": "the mix",
    "master": "the master",
    "stem": "a stem",
    "jams": "all annotations as JAMS",
    "midi": "the notes as they sound, at the tempo of the song",
    "beats": "time, position in the bar",
    "downbeats": "time",
    "sections": "start, end, label",
    "chords": "start, end, label in the syntax of Harte, with tabs between",
    "keys": "start, end, key",
    "tempo": "start, end, beats per minute",
    "notes": "onset, duration, pitch (MIDI), velocity, layer, piece of the kit",
    "track": "what the track is, its parameters, and the checksums of its files",
}
_OTHERS = {
    "index": "all files with their MD5, as mirdata reads it",
    "splits": "the tracks of each split",
    "sums": "the SHA-256 of all files, for sha256sum -c",
}
"""What each file has, by its role."""


def digests(path: str | os.PathLike) -> dict[str, Any]:
    """The size of a file in bytes, its MD5 and its SHA-256. It is read once."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    size = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            md5.update(block)
            sha256.update(block)
    return {"bytes": size, "md5": md5.hexdigest(), "sha256": sha256.hexdigest()}


def index(version: str, tracks: Sequence[Mapping[str, Any]], splits: Mapping[str, str]) -> dict[str, Any]:
    """The index of a dataset.

    A song with stems is a multitrack, and each of these a track, `TRACK-STEM`. A song without stems is a track.

    Parameters
    ----------
    version
        The version of the dataset.
    tracks
        What `tracks/TRACK.json` says of each song, and `itself`, its own path and MD5.
    splits
        The path and the MD5 of `splits.json`, as `path` and `md5`.

    Returns
    -------
    dict
        Plain data for JSON.
    """
    alone, parts, songs = dict[str, Any](), dict[str, Any](), dict[str, Any]()
    for track in tracks:
        its: dict[str, Any] = {"metadata": _entry(track["itself"])}
        stems: dict[str, dict[str, Any]] = {
            file["stem"]: {"audio": _entry(file)} for file in track["files"] if file["role"] == "stem"
        }
        for file in track["files"]:
            if file["role"] == "notes" and file["stem"] in stems:
                stems[file["stem"]]["notes"] = _entry(file)
            elif file["role"] == "notes":
                its[f"notes_{file['stem']}"] = _entry(file)
            elif file["role"] != "stem":
                its[file["role"]] = _entry(file)
        names = {stem: f"{track['track']}-{stem}" for stem in stems}
        if stems:
            songs[track["track"]] = {"tracks": list(names.values()), **its}
            parts |= {names[stem]: entry for stem, entry in stems.items()}
        else:
            alone[track["track"]] = its
    return {
        "version": version,
        "tracks": {**alone, **parts},
        **({"multitracks": songs} if songs else {}),
        "metadata": {"splits": _entry(splits)},
    }


def _entry(file: Mapping[str, Any]) -> list[str]:
    return [file["path"], file["md5"]]


def splits_of(tracks: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The tracks of each split; all of them in one that is called `all`, if there are no splits."""
    found: dict[str, list[str]] = {}
    for track in tracks:
        found.setdefault(track.get("split", ALL), []).append(track["track"])
    return dict(sorted(found.items()))


def readme(params: Mapping[str, Any], tracks: Sequence[Mapping[str, Any]]) -> str:
    """The README of a dataset, as Markdown.

    Parameters
    ----------
    params
        `title`, `version`, `license`, `description`, and the names of the `files` index, splits and sums.
    tracks
        What the JSON of each track says, and `itself`, as for `index`.

    Returns
    -------
    str
    """
    files = [file for track in tracks for file in track["files"]]
    by_split = splits_of(tracks)
    minutes = sum(track["seconds"] for track in tracks) / 60
    size = sum(file["bytes"] for file in files) / 1e6
    title = f"{params['title']} {params['version']}"
    stems = sum(file["role"] == "stem" for file in files)
    counts = [
        f"{len(tracks):,} tracks",
        *([f"{stems:,} stems"] if stems else []),
        f"{minutes:,.1f} minutes",
        f"{size:,.1f} MB",
    ]
    if list(by_split) != [ALL]:
        counts.append("splits: " + ", ".join(f"{name} {len(ids):,}" for name, ids in by_split.items()))
    shown = {
        (file["role"], _pattern(file["path"], track["track"], file.get("stem", "")))
        for track in tracks
        for file in (*track["files"], {**track["itself"], "role": "track"})
    }
    paths = [
        (path, what) for role, what in _CONTENT.items() for found, path in sorted(shown) if found == role
    ]
    paths += [(params["files"][role], what) for role, what in _OTHERS.items()]
    parts = [
        f"# {title}",
        (params["description"] or "").strip(),
        "; ".join(counts) + ".",
        f"Licence: {params['license'] or 'none is given: ask who made it'}.",
        "Times are in seconds from the start of the audio. Lines that begin with # name columns.",
        "| file | content |\n| --- | --- |\n" + "\n".join(f"| `{path}` | {what} |" for path, what in paths),
        "The audio is synthetic, and the annotations are what it was rendered from. Made with Stemwright.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _pattern(path: str, track: str, stem: str) -> str:
    """The path of a file with TRACK and STEM instead of their names."""
    top, *parts = path.split("/")
    shown = [f"TRACK{part.removeprefix(track)}" if _is_of(track, part) else part for part in parts]
    if stem:
        shown[-1] = f"STEM.{path.rpartition('.')[2]}"
    return "/".join([top, *shown])


def _is_of(track: str, part: str) -> bool:
    return part == track or part.startswith((f"{track}.", f"{track}_"))
