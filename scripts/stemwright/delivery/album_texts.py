"""The texts of an album's archive: manifest.json for programs, README.txt for people.

Pure functions of plain data, without time, host name or path, so that the same album gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stemwright.delivery.manifest import SCHEMA_VERSION, audio_format
from stemwright.delivery.plain_text import HOW_TO_CHECK, TEXTS, titled, titled_table

LOUDNESS = {
    "album_loudness.album": "album_lufs",
    "album_loudness.loudest": "loudest_lufs",
    "album_loudness.spread": "spread_lu",
}
"""What is told of the loudness, by the check of the disc that has measured it."""


def album_manifest(params: Mapping, sentinels: Mapping[str, Mapping], disc: str, cue: str) -> dict[str, Any]:
    """Describe an album.

    Parameters
    ----------
    params : mapping
        `album`, `title`, `artist`, `upc`, `notes`, `target`, and `tracks`: for each its `file`, `number`, `song`,
        `title`, `artist`, `isrc`, `gap_s` (before it), `start_s` (on the disc) and `made_from`, the digest of
        what is asked of the jobs that make its master; `versions` by library; perhaps `commit`, that of the songs.
    sentinels : mapping of str to mapping
        The sentinel of each file, by its name in the archive.
    disc, cue : str
        The names of the disc and its cue sheet.

    Returns
    -------
    dict
        Plain data for JSON.
    """
    measured = {check["id"]: check["measured"] for check in sentinels[disc]["checks"]}
    tracks = [
        {**track, "loudness_lufs": _measured(sentinels[track["file"]], "loudness")}
        for track in params["tracks"]
    ]
    roles = {track["file"]: ("track", f"{track['number']}. {track['title']}") for track in tracks}
    roles |= {
        disc: ("disc", "all tracks as one file, for a compact disc"),
        cue: ("cue", "where its tracks begin"),
    }
    return {
        "schema_version": SCHEMA_VERSION,
        **{key: params[key] for key in ("album", "title", "artist", "upc", "notes", "target")},
        "loudness": {key: measured.get(check) for check, key in LOUDNESS.items()},
        "tracks": tracks,
        **({"commit": params["commit"]} if "commit" in params else {}),
        "versions": dict(sorted(params["versions"].items())),
        "files": [_file(name, *roles[name], sentinel) for name, sentinel in sentinels.items()],
    }


def album_readme(manifest: Mapping) -> str:
    """The README of an album, from its manifest."""
    title = manifest["title"] + (f", by {manifest['artist']}" if manifest["artist"] else "")
    tracks, files = manifest["tracks"], manifest["files"]
    disc, cue = (next(f["name"] for f in files if f["role"] == role) for role in ("disc", "cue"))
    loudness = manifest["loudness"]
    parts = [
        f"{title}\n{'=' * len(title)}",
        f"These are the masters of an album in order, each as a file, and all as one for a CD.\n{HOW_TO_CHECK}",
        (manifest["notes"] or "").strip(),
        titled_table("Tracks", [_row(track) for track in tracks]),
        titled_table("Files", [*((file["name"], file["title"]) for file in files), *TEXTS]),
        titled(
            "The disc",
            [
                f"{disc} has all tracks in order, 44.1 kHz, 16 bits. {cue} says where they begin: burn the disc from "
                "it.",
                "Each track begins on a sector (1/75 s). Tracks without a gap follow without a break.",
            ],
        ),
        titled(
            "Loudness",
            [
                f"The album {_level(loudness['album_lufs'])}, its loudest track {_level(loudness['loudest_lufs'])}; "
                f"from the quietest to the loudest {_level(loudness['spread_lu'], 'LU')}.",
                "The tracks are at the levels that they have beside each other.",
            ],
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _file(name: str, role: str, title: str, sentinel: Mapping) -> dict[str, Any]:
    audio = sentinel["format"]
    found = {"name": name, "role": role, "title": title, "sha256": sentinel["sha256"]}
    if audio is None:
        return found
    return {**found, **audio_format(audio)}


def _measured(sentinel: Mapping, name: str) -> float | None:
    return next((check["measured"] for check in sentinel["checks"] if check["id"] == name), None)


def _row(track: Mapping) -> tuple[str, ...]:
    return (
        f"{track['number']:02d}",
        _clock(track["start_s"]),
        track["title"],
        track["artist"] or "",
        track["isrc"] or "",
        _level(track["loudness_lufs"]),
    )


def _level(value: float | None, unit: str = "LUFS") -> str:
    return "not measurable" if value is None else f"{value:.1f} {unit}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
