"""Two sides of a song: which tracks are equal, what was changed in the others, and what only follows from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.comparison.causes import changes as causes_in_words
from stemwright.comparison.difference import Difference
from stemwright.comparison.musical import compare_sections
from stemwright.comparison.pair import DITHERED, Format, Pair
from stemwright.comparison.places import Places
from stemwright.comparison.result import Change, Comparison, TrackComparison
from stemwright.comparison.sides import ORDER, Side, Track
from stemwright.comparison.structure import song_changes
from stemwright.comparison.summary import summarise
from stemwright.measure import measure
from stemwright.measure.loudness import Loudness

_LOUDER_LU = 0.5


def compare(old: Side, new: Side) -> Comparison:
    """Compare a song as it was with the song as it is.

    Parameters
    ----------
    old, new : Side
        The two sides.

    Returns
    -------
    Comparison

    Raises
    ------
    AudioFileError
        If a file whose checksum differs cannot be read.
    """
    pairs, added, removed = _matched(old, new)
    formats = {
        track.path: Format.of(track.path)
        for pair in pairs
        for track in pair
        if pair[0].sha256 != pair[1].sha256
    }
    changes = song_changes(
        old.timeline,
        new.timeline,
        [(formats[a.path], formats[b.path]) for a, b in pairs if a.path in formats and b.path in formats],
    )
    moves = any(change.kind in ("tempo", "structure") for change in changes)
    other = [
        *(TrackComparison(each.role, each.name, "added", new_path=each.path) for each in added),
        *(TrackComparison(each.role, each.name, "removed", old_path=each.path) for each in removed),
    ]
    found: list[TrackComparison] = []
    timelines = old.timeline, new.timeline
    for a, b in sorted(pairs, key=lambda pair: ORDER.index(pair[1].role)):
        found.append(_compared(a, b, formats, timelines, moves, [*other, *found]))
    tracks = [*found, *other]
    order = {(track.role, track.name): at for at, track in enumerate(new.tracks)}
    tracks.sort(key=lambda each: (ORDER.index(each.role), order.get((each.role, each.name), len(order))))
    return Comparison(tracks, changes, summarise(tracks, changes))


def _matched(old: Side, new: Side) -> tuple[list[tuple[Track, Track]], list[Track], list[Track]]:
    """(pairs of old and new, what was added, what was removed): by name, then by content."""
    before = {(track.role, track.name): track for track in old.tracks}
    pairs = [(before.pop(key), t) for t in new.tracks if (key := (t.role, t.name)) in before]
    paired = {(t.role, t.name) for _, t in pairs}
    added = [t for t in new.tracks if (t.role, t.name) not in paired]
    for track in list(added):
        same = [other for other in before.values() if other.role == track.role and _is_same(other, track)]
        if same:
            pairs.append((before.pop((same[0].role, same[0].name)), track))
            added.remove(track)
    return pairs, added, list(before.values())


def _is_same(old: Track, new: Track) -> bool:
    """Whether two files hold the same sound: equal samples, or equal but for dither, which depends on the name."""
    if old.sha256 == new.sha256:
        return True
    a, b = Format.of(old.path), Format.of(new.path)
    if (a.rate, a.channels, a.frames, a.subtype) != (b.rate, b.channels, b.frames, b.subtype):
        return False
    most = 0.0 if a.subtype in ("FLOAT", "DOUBLE") else DITHERED * a.step
    return all(np.abs(x - y).max() <= most for x, y in Pair(a, b).blocks())


def _compared(
    old: Track,
    new: Track,
    formats: Mapping[str, Format],
    timelines: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    moves: bool,
    before: Sequence[TrackComparison],
) -> TrackComparison:
    equal = TrackComparison(
        new.role,
        new.name,
        "renamed" if old.name != new.name else "identical",
        "bytes" if old.sha256 == new.sha256 else "samples",
        old.path,
        new.path,
        old.name,
    )
    if old.sha256 == new.sha256 or old.name != new.name:
        return equal
    changed = replace(equal, status="changed", proof="")
    a, b = formats[old.path], formats[new.path]
    if a.rate != b.rate:
        return replace(changed, follows=("format",))
    before_it, timeline = timelines
    if moves and before_it and timeline:
        if _is_same(old, new):
            return equal
        own = compare_sections((old.path, before_it), (new.path, timeline)) if new.role == "stem" else ()
        return replace(changed, changes=own, follows=("song",))
    pair = Pair(a, b)
    same_source = None
    if old.before_effects and new.before_effects:
        same_source = old.before_effects == new.before_effects
    found = Difference(pair, Places(timeline, pair.rate, pair.frames), same_source)
    if not found.mask.any():
        return equal
    follows = _causes(new, found, before)
    if new.role == "master":
        changes = (
            _of_master(old, new, before)
            if follows
            else [_master(each) for each in causes_in_words(found)[:1]]
        )
    else:
        changes = [] if follows else causes_in_words(found)
    dbfs, db = _residual(found)
    return replace(
        changed,
        changes=changes,
        follows=follows,
        residual_dbfs=dbfs,
        residual_db=db,
        by_bar=_by_bar(found),
    )


def _causes(track: Track, found: Difference, before: Sequence[TrackComparison]) -> tuple[str, ...]:
    """The names of the tracks before it whose changes are all that changed this one; empty if it has its own.

    What comes into a bus may not be known: then it follows if all of its difference is in bars in which others differ.
    """
    if track.role == "stem":
        return ()
    own = ORDER.index(track.role)
    upstream = [
        t for t in before if ORDER.index(t.role) < own and t.status in ("changed", "added", "removed")
    ]
    if track.role == "bus":
        if track.made_of is not None:
            names = {*track.made_of, *(t.name for t in before if t.status == "removed")}
            upstream = [t for t in before if t.name in names and t.status not in ("identical", "renamed")]
        is_everywhere = any(t.status != "changed" for t in upstream)
        bars = {bar for t in upstream for bar, level in t.by_bar if level is not None}
        if not is_everywhere and not {found.places.numbers[bar] for bar in found.differing} <= bars:
            return ()
    return tuple(t.name for t in upstream if t.changes or t.status != "changed")


def _master(change: Change) -> Change:
    return replace(change, kind="master", words=f"{change.words} (master chain or target)")


def _of_master(old: Track, new: Track, before: Sequence[TrackComparison]) -> list[Change]:
    """Another loudness of a master whose mix changed, if it is neither held nor that of the mix.

    Without the mix, nobody can tell.
    """
    mixes = [track for track in before if track.role == "mix"]
    change = _louder(old.path, new.path)
    if (
        not mixes
        or abs(change) < _LOUDER_LU
        or abs(change - _louder(mixes[0].old_path, mixes[0].new_path)) < _LOUDER_LU
    ):
        return []
    return [Change("master", (), round(change, 2), "LU", f"{change:+.1f} LU (master chain or target)", 0.7)]


def _louder(old: str, new: str) -> float:
    """How much louder a file is than another, in LU; 0 if that cannot be measured."""
    meters = Loudness(), Loudness()
    for path, meter in zip((old, new), meters, strict=True):
        measure(path, [meter])
    before, after = (meter.integrated for meter in meters)
    return after - before if before is not None and after is not None else 0.0


def _residual(found: Difference) -> tuple[float, float]:
    """The RMS level of the difference where it is, in dBFS, and relative to the old sound there."""
    segments = found.segments
    chosen = segments.differs
    energy = float(segments.difference[chosen].sum())
    count = float(chosen.sum()) * segments.size * found.pair.channels
    level = decibels((energy / count) ** 0.5)
    relative = decibels((energy / max(float(segments.old[chosen].sum()), 1e-30)) ** 0.5)
    return round(level, 1), round(min(relative, 99.0), 1)


def _by_bar(found: Difference) -> list[tuple[int, float | None]]:
    counts = np.bincount(found.bars, minlength=len(found.energy)) * found.segments.size * found.pair.channels
    return [
        (number, round(decibels((energy / count) ** 0.5), 1) if energy > 0 and count else None)
        for number, energy, count in zip(found.places.numbers, found.energy, counts, strict=True)
    ]
