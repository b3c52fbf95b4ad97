"""The index of all songs, albums and datasets, `RESULTS/index.html`: what is on disk of each, with links.

It is written by the run itself, at its end, and is no target. All that it tells is read from records: which files have
passed, which were refused, what was measured of the master. So the same records give the same bytes, and a song that
was edited since stands there as it was built.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stemwright.base.clock import clock
from stemwright.base.files import atomic_write, read_json
from stemwright.base.printable import printable
from stemwright.pages.render import render
from stemwright.pages.words import amount
from stemwright.records.paths import (
    COLLECTIONS,
    SENTINEL,
    SONG_PAGE,
    artifact_of,
    home_of,
    ledgers_in,
    refused_page_of,
    sentinel_of,
    song_files,
)
from stemwright.records.refusals import last_refusal
from stemwright.records.sentinel import has_kind, has_sound_sentinel, warning_count

_TITLES = '<script type="application/json" id="titles">'
_STATES = {"refused": "refused", "part": "in part", "none": "not built", "verified": "verified"}
"""What a song can be, with the word for it, and in the order of the table: first, what needs a person."""

_SIGNS = {"refused": "fail", "part": "skip-check", "none": "skip-check", "verified": "pass"}


@dataclass(frozen=True)
class Listed:
    """A song, an album or a dataset that is to be in the index.

    Attributes
    ----------
    name : str
        Its name, as in `songs/NAME.yaml` or `albums/NAME.yaml`.
    title : str
        Its title; empty if this run has not read its YAML: then it is that of the index before.
    artifacts : sequence of str
        The paths of all its artifacts; empty if this run has not planned them: then what is on disk counts.
    kind : str
        `song`, `album` or `dataset`.
    """

    name: str
    title: str = ""
    artifacts: Sequence[str] = ()
    kind: str = "song"


def write_index(results: str, listed: Sequence[Listed]) -> str:
    """Write the index of all songs, albums and datasets, atomically. Not for dry runs: it is a file.

    Parameters
    ----------
    results : str
        The output root, such as `build`.
    listed : sequence of Listed
        The songs, albums and datasets of this run. Others are added if they have a folder in `results` and their YAML
        exists.

    Returns
    -------
    str
        The path of the index.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    top = Path(results)
    path = top / "index.html"
    homes = {**_on_disk(top), **{_home(top, each): each for each in listed}}
    titles = _titles_in(path) | {_key(home, top): each.title for home, each in homes.items() if each.title}
    rows = [_row(each, home, titles.get(_key(home, top), ""), top) for home, each in sorted(homes.items())]
    kept = {key: titles[key] for home in homes if (key := _key(home, top)) in titles}
    text = render("index.html", {"rows": rows, "figures": _figures(rows), "states": _STATES, "titles": kept})
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8")
    return str(path)


def _home(results: Path, each: Listed) -> Path:
    return results / home_of(each.kind, each.name)


def _key(home: Path, results: Path) -> str:
    return home.relative_to(results).as_posix()


def _on_disk(results: Path) -> dict[Path, Listed]:
    """Songs, albums and datasets that have a folder, whose YAML is still there."""
    listed = [Listed(name) for name in song_files()]
    for folder, kind in COLLECTIONS.items():
        listed += [Listed(path.stem, kind=kind) for path in Path(folder).glob("*.yaml")]
    return {home: each for each in listed if (home := _home(results, each)).is_dir()}


def _titles_in(index: Path) -> dict[str, str]:
    """The titles in the index of the run before; none if there is none, or it is not ours."""
    try:
        text = index.read_text(encoding="utf-8").partition(_TITLES)[2]
        found, _ = json.JSONDecoder().raw_decode(text)
    except (OSError, ValueError, RecursionError):
        return {}
    titles = found.items() if isinstance(found, dict) else ()
    return {name: title for name, title in titles if isinstance(title, str)}


def _figures(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How many there are of each state, and how many warnings."""
    states = [row["state"] for row in rows]
    figures = {"Songs and albums": len(rows)} | {
        name.capitalize(): states.count(state) for state, name in _STATES.items() if state in states
    }
    figures["Warnings"] = sum(row["warnings"] for row in rows)
    return [{"name": name, "value": f"{value:,}"} for name, value in figures.items()]


def _row(each: Listed, home: Path, title: str, top: Path) -> dict[str, Any]:
    """What the index tells of a song, an album or a dataset."""
    refused = list(_refused(each, home, top))
    passed = [Path(sentinel_of(path)) for path in each.artifacts] or sorted(home.rglob(f"*{SENTINEL}"))
    passed = [path for path in passed if path.is_file()]
    archives = sorted(home.glob("*.zip"))
    packed = [path for path in archives if Path(sentinel_of(str(path))).is_file()]
    sound = _record(
        next((path for path in passed if has_kind(path, "disc" if each.kind == "album" else "master")), None)
    )
    is_whole = len(passed) == len(each.artifacts) if each.artifacts else bool(packed and sound)
    state = "refused" if refused else "verified" if is_whole else "part" if passed else "none"
    form, page = sound.get("format") or {}, home / SONG_PAGE
    lufs, dbtp = _measured(sound, "loudness"), _measured(sound, "true_peak")
    seconds = form["frames"] / form["sample_rate"] if form else None
    return {
        "name": each.name,
        "title": printable(title),
        "kind": "" if each.kind == "song" else each.kind,
        "state": state,
        "refused": refused,
        "rank": list(_STATES).index(state),
        "sign": _SIGNS[state],
        "note": f"{len(passed):,} of {len(each.artifacts):,} files"
        if state == "part" and each.artifacts
        else "",
        "warnings": sum(map(warning_count, passed)),
        "lufs": lufs,
        "dbtp": dbtp,
        "seconds": seconds,
        "loudness": amount(lufs, "LUFS"),
        "true_peak": amount(dbtp, "dBTP"),
        "length": "" if seconds is None else clock(seconds),
        "page": _link(page, top) if page.is_file() else "",
        "archives": [(path.name, _link(path, top)) for path in packed],
    }


def _refused(each: Listed, home: Path, top: Path) -> Iterator[dict[str, Any]]:
    """The files of a song that were refused and have not passed since, with what failed."""
    for ledger in sorted(ledgers_in(home)):
        record = last_refusal(ledger)
        artifact = str(record.get("artifact", ""))
        if each.artifacts and artifact not in each.artifacts:
            continue
        if not Path(artifact).is_file() or Path(sentinel_of(artifact)).exists():
            continue
        page = Path(refused_page_of(str(ledger)))
        yield {
            "file": str(Path(artifact).relative_to(home))
            if Path(artifact).is_relative_to(home)
            else artifact,
            "checks": [check["id"] for check in record["checks"] if check["status"] == "fail"],
            "page": _link(page, top) if page.is_file() else "",
        }


def _record(sentinel: Path | None) -> dict[str, Any]:
    """The content of a sentinel; empty if there is none, or it is damaged."""
    try:
        is_sound = sentinel is not None and has_sound_sentinel(artifact_of(str(sentinel)))
        return read_json(sentinel) if is_sound and sentinel else {}
    except OSError:
        return {}


def _measured(record: dict[str, Any], check: str) -> float | None:
    """What a check has measured, if it is a number."""
    found = [each["measured"] for each in record.get("checks", ()) if each["id"] == check]
    return float(found[0]) if found and isinstance(found[0], (int, float)) else None


def _link(path: Path, top: Path) -> str:
    """The address of a file, from the index."""
    return quote(path.relative_to(top).as_posix())
