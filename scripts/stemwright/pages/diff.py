"""The page of a comparison: what has changed in a song, bar by bar, with each changed file before and after."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

from stemwright.base.clock import clock
from stemwright.base.files import atomic_write
from stemwright.comparison import Comparison, TrackComparison
from stemwright.comparison.places import runs_of
from stemwright.comparison.report import count, describe, level
from stemwright.pages.render import render
from stemwright.pages.track import Source, write_track
from stemwright.pages.words import typeset

_FLOOR_DBFS, _TOP_DBFS = -90.0, -10.0
"""Differences that are drawn as none, and as full."""

_MOST_CELLS = 160  # of a row
_LISTENED = ("master", "mix")  # first


def write_page(folder: str, comparison: Comparison, manifest: Mapping[str, Any], then: str) -> None:
    """Write a page, `index.html`, and beside it the tracks that it plays.

    Parameters
    ----------
    folder : str
        Where. It must be empty.
    comparison : Comparison
        What has changed. Its files are read.
    manifest : mapping
        Of the song as it is now.
    then : str
        What it is compared with, for people.
    """
    changed = [each for each in comparison.tracks if each.status == "changed"]
    changed.sort(key=lambda track: track.role not in _LISTENED)  # what one listens to first, A and B
    sources = [each for number, track in enumerate(changed) for each in _write_sides(folder, number, track)]
    numbers = {(track.role, track.name): number for number, track in enumerate(changed)}
    known = sorted({bar for track in comparison.tracks for bar, _ in track.by_bar})
    bars = known[:: max(1, math.ceil(len(known) / _MOST_CELLS))]  # the first of each cell
    has_bars = bool(manifest["tempo"])
    content = {
        "title": manifest["title"],
        "then": then,
        "count": count(comparison),
        "is_identical": comparison.is_identical,
        "summary": [typeset(line) for line in comparison.summary],
        "unit": "bar" if has_bars else "second",
        "span": _span(known[0], known[-1], has_bars) if known else "",
        "tracks": [
            {
                "name": track.name,
                "role": track.role,
                "status": track.status,
                "words": typeset(describe(track)),
                "level": typeset(level(track)),
                "cells": _cells(track, bars),
                "where": _where(track, has_bars),
                "number": numbers.get((track.role, track.name)),
            }
            for track in comparison.tracks
        ],
        "player": {
            "seconds": manifest["seconds"],
            "sections": [
                {"name": each["name"], "start": each["start"]["seconds"], "end": each["end"]["seconds"]}
                for each in manifest["sections"]
            ],
            "equal": {change.kind for track in changed for change in track.changes} != {"level"},
            "strips": [],
            "sources": sources,
        },
    }
    with atomic_write(os.path.join(folder, "index.html")) as part:
        part.write_text(render("diff.html", content), encoding="utf-8")


def _write_sides(folder: str, number: int, track: TrackComparison) -> Iterator[dict[str, str]]:
    """Write the two tracks of a file that has changed; the sources that they are for the player."""
    for side, path in (("before", track.old_path), ("after", track.new_path)):
        name = f"{number}-{side}"
        place = os.path.join(folder, "tracks", name)
        write_track(
            f"{place}.js", f"{place}.audio.js", name, [Source(path, track.role, track.name, "")], None
        )
        yield {"id": name, "name": f"{track.name} {side}"}


def _cells(track: TrackComparison, bars: list[int]) -> list[int]:
    """How strongly each cell of a track's row is drawn, 0 to 100."""
    cells = [0] * len(bars)
    place = 0
    for bar, found in sorted(track.by_bar):
        while place + 1 < len(bars) and bars[place + 1] <= bar:
            place += 1
        if found is not None and found > _FLOOR_DBFS:
            share = (found - _FLOOR_DBFS) / (_TOP_DBFS - _FLOOR_DBFS)
            cells[place] = max(cells[place], round(10 + 90 * min(1.0, share)))
    return cells


def _where(track: TrackComparison, has_bars: bool) -> str:
    """In which bars it differs, for those who do not see the drawing."""
    bars = [bar for bar, found in sorted(track.by_bar) if found is not None and found > _FLOOR_DBFS]
    if not bars:
        return "differs nowhere" if track.by_bar else "not compared"
    spans = (_span(run[0], run[-1], has_bars) for run in runs_of(bars))
    return "differs in " + ", ".join(spans)


def _span(first: int, last: int, has_bars: bool) -> str:
    """Bars in words; seconds, counted from 0, where the song has no bars."""
    if not has_bars:
        return f"{clock(first)}–{clock(last + 1)}"
    return f"bars {first}–{last}" if first < last else f"bar {first}"
