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
        found.setdefault(track.get("split", "all"), []).append(track["track"])
    return dict(sorted(found.items()))


def readme(params: Mapping[str, Any], tracks: Sequence[Mapping[str, Any]]) -> str:
    """The README of a dataset, as Markdown.

    Parameters
    ----------
    params
        `name`, `title`, `version`, `license` and `description`.
    tracks
        What `tracks/TRACK.json` says of each song.

    Returns
    -------
    str
    """
    files = [file for track in tracks for file in track["files"]]
    roles = {file["role"] for file in files}
    by_split = splits_of(tracks)
    hours = sum(track["seconds"] for track in tracks) / 3600
    size = sum(file["bytes"] for file in files) / 1e6
    title = f"{params['title']} {params['version']}"
    stems = sum(file["role"] == "stem" for file in files)
    counts = [
        f"{len(tracks):,} tracks",
        *([f"{stems:,} stems"] if stems else []),
        f"{hours:.2f} hours",
        f"{size:,.1f} MB",
    ]
    if list(by_split) != ["all"]:
        counts.append("splits: " + ", ".join(f"{name} {len(ids):,}" for name, ids in by_split.items()))
    paths = [
        ("audio/TRACK/", ", ".join(sorted(roles & {"mix", "master"}) + (["stems/STEM"] if stems else []))),
        ("annotations/TRACK/TRACK.jams", "all annotations as JAMS"),
        ("annotations/TRACK/TRACK.mid", "the notes as they sound, at the song's tempo"),
        ("annotations/TRACK/beats.csv", "time, position in the bar; downbeats.csv: time"),
        ("annotations/TRACK/sections.csv", "start, end, label"),
        ("annotations/TRACK/chords.lab", "start, end, label in the syntax of Harte, with tabs between"),
        ("annotations/TRACK/keys.csv", "start, end, key"),
        ("annotations/TRACK/tempo.csv", "start, end, beats per minute"),
        (
            "annotations/TRACK/notes/STEM.csv",
            "onset, duration, pitch (MIDI), velocity, layer, piece of the kit",
        ),
        ("tracks/TRACK.json", "what the track is, its parameters, and the checksums of its files"),
        ("index.json", "all files with their MD5, as mirdata reads it"),
        ("splits.json", "the tracks of each split"),
        ("SHA256SUMS", "the SHA-256 of all files: sha256sum -c SHA256SUMS"),
    ]
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
