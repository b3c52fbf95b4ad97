"""The texts of an album's archive: manifest.json for programs, README.txt for people.

Pure functions of plain data, without time, host name or path, so that the same album gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stemwright.delivery.manifest import MANIFEST, README, SCHEMA_VERSION, SUMS, VERIFY

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
    texts = (
        (MANIFEST, "all that is said here, for programs"),
        (README, "this text"),
        (VERIFY, "a program that checks all of it (Python 3.8 or later)"),
        (SUMS, "checksums"),
    )
    loudness = manifest["loudness"]
    return (
        "\n\n".join(
            [
                "\n".join([title, "=" * len(title)]),
                "\n".join(
                    [
                        "These are the masters of an album in order, each as a file, and all as one for a CD.",
                        f"To check that all is here and as it was made: python3 {VERIFY}, or: sha256sum -c {SUMS}",
                    ],
                ),
                *([manifest["notes"].strip()] if manifest["notes"] else []),
                _section("Tracks", _table([_row(track) for track in tracks])),
                _section("Files", _table([*((file["name"], file["title"]) for file in files), *texts])),
                _section(
                    "The disc",
                    [
                        f"{disc} has all tracks in order, 44.1 kHz, 16 bits. {cue} says where they begin: burn "
                        "the disc from it.",
                        "Each track begins on a sector (1/75 s). Tracks without a gap follow without a break.",
                    ],
                ),
                _section(
                    "Loudness",
                    [
                        f"The album {_level(loudness['album_lufs'])}, its loudest track "
                        f"{_level(loudness['loudest_lufs'])}; "
                        f"from the quietest to the loudest {_level(loudness['spread_lu'], 'LU')}.",
                        "The tracks are at the levels that they have beside each other.",
                    ],
                ),
            ]
        )
        + "\n"
    )


def _file(name: str, role: str, title: str, sentinel: Mapping) -> dict[str, Any]:
    audio = sentinel["format"]
    found = {"name": name, "role": role, "title": title, "sha256": sentinel["sha256"]}
    if audio is None:
        return found
    form = {key: audio[key] for key in ("sample_rate", "channels", "subtype", "frames")}
    return {**found, **form, "seconds": audio["frames"] / audio["sample_rate"]}


def _measured(sentinel: Mapping, name: str) -> float | None:
    return next((check["measured"] for check in sentinel["checks"] if check["id"] == name), None)


def _row(track: Mapping) -> tuple[str, ...]:
    by = track["artist"] or ""
    return (
        f"{track['number']:02d}",
        _clock(track["start_s"]),
        track["title"],
        by,
        track["isrc"] or "",
        _level(track["loudness_lufs"]),
    )


def _level(value: float | None, unit: str = "LUFS") -> str:
    return "not measurable" if value is None else f"{value:.1f} {unit}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, "-" * len(title), *lines])


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
