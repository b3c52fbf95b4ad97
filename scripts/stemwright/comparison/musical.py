"""A track in a song whose tempo or structure changed: section by section, in musical time.

Samples can no longer be subtracted. Each section is compared with the one that it was before, by its level: coarse, but
the same at another tempo.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from stemwright.audio import AudioFile
from stemwright.base.decibels import decibels
from stemwright.comparison.places import Places
from stemwright.comparison.result import Change

_LEVEL_DB = 1.5  # a tempo that is a quarter higher has a quarter more notes, which is 1 dB
_SILENT = 1e-7


def compare_sections(old: tuple[str, Mapping[str, Any]], new: tuple[str, Mapping[str, Any]]) -> list[Change]:
    """Compare the levels of the sections that are on both sides.

    Parameters
    ----------
    old, new : (str, mapping)
        A file and the timeline of its song.

    Returns
    -------
    list of Change
        Level, mute and unmute, by sections; empty if each is about as loud as before.
    """
    a_names, b_names = ([each["name"] for each in timeline["sections"]] for _, timeline in (old, new))
    blocks = SequenceMatcher(None, a_names, b_names, autojunk=False).get_matching_blocks()
    pairs = [(a + n, b + n) for a, b, size in blocks for n in range(size)]
    before, after = (_powers(path, timeline) for path, timeline in (old, new))
    if not pairs or not max(before.max(), after.max()):
        return []
    least = _SILENT * max(before.max(), after.max())
    places = Places(new[1], new[1]["sample_rate"], new[1]["frames"])
    groups: dict[tuple[str, float], set[int]] = {}
    heard: set[int] = set()
    for a, b in pairs:
        bars = {bar for bar in range(len(places.numbers)) if places.section_of(bar) == b}
        x, y = float(before[a]), float(after[b])
        if max(x, y) > least:
            heard |= bars
        if x > least and y <= least:
            groups.setdefault(("mute", 0.0), set()).update(bars)
        elif y > least and x <= least:
            groups.setdefault(("unmute", 0.0), set()).update(bars)
        elif x > least and abs(db := decibels((y / x) ** 0.5)) >= _LEVEL_DB:
            same = next((key for key in groups if key[0] == "level" and abs(key[1] - db) < 1), ("level", db))
            groups.setdefault(same, set()).update(bars)
    return [_change(kind, db, bars, heard, places) for (kind, db), bars in groups.items()]


def _powers(path: str, timeline: Mapping[str, Any]) -> np.ndarray:
    """The mean power of each section."""
    powers = []
    with AudioFile(path) as file:
        for section in timeline["sections"]:
            start, end = section["start_frame"], min(section["end_frame"], file.frames)
            energy = sum(float(np.vdot(block, block)) for block in file.blocks(start, max(0, end - start)))
            powers.append(energy / max(1, end - start))
    return np.array(powers or [0.0])


def _change(kind: str, db: float, bars: set[int], heard: set[int], places: Places) -> Change:
    where, words = places.passages(bars, heard), places.words(bars, heard)
    if kind == "level":
        return Change("level", where, round(db, 1), "dB", f"about {db:+.0f} dB {words}".rstrip(), 0.7)
    if kind == "mute":
        return Change("mute", where, None, "", f"muted {words}".rstrip(), 0.9)
    return Change("unmute", where, None, "", f"no longer muted {words}".rstrip(), 0.9)
