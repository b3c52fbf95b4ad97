"""Causes in what is played: other times, another pitch, hits or notes that came or went, another sound."""

from __future__ import annotations

import numpy as np

from stemwright.comparison.difference import Difference, Finding
from stemwright.comparison.events import bars_changed, find_events
from stemwright.comparison.openings import read_opening
from stemwright.comparison.processing import later

# The limits were tried on random edits: bench/diff_edits.py.
_SHIFTED_S, _SHIFTED = 0.0015, 0.12  # what counts as moved, and the least share of onsets that are
_SPREAD, _NEAR, _UNMATCHED = 0.35, 0.7, 0.3  # all move about as far, and nearly all are on both sides
_SAME_SOUND, _SAME_PITCH = 0.85, 0.92  # the likeness of spectra
_MOVED, _MOVED_BY = 0.55, 0.1  # the least likeness at another pitch, and how much more than at the same
_MOSTLY = 0.9


def moved_events(found: Difference) -> list[Finding]:
    """Single sounds that come earlier or later, as with another swing."""
    shifts, unmatched = found.sounds.shifts(found.within, found.segment_s)
    if not len(shifts) or found.sounds.pitches.similarity < _SAME_SOUND or found.same_source:
        return []
    opening = read_opening(found.pair, found.segments)
    if found.goes_on and not (opening and opening.clean_s):
        return []  # other sounds, whose attacks differ
    moved = np.abs(shifts) > _SHIFTED_S
    if moved.mean() < _SHIFTED or moved.sum() < 2 or unmatched > max(2, _UNMATCHED * len(shifts)):
        return []
    middle = float(np.median(shifts[moved]))
    near = np.abs(shifts[moved] - middle) < _SPREAD * abs(middle)
    if near.mean() < _NEAR or abs(middle) < _SHIFTED_S:
        return []
    bars = found.differing
    whom = "" if moved.mean() > 0.9 else "some hits "
    return [
        Finding("timing", bars, middle * 1_000, "ms", f"{whom}{later(middle * 1_000)}", float(near.mean()))
    ]


def repitched(found: Difference) -> list[Finding]:
    """Higher or lower by so many semitones: all of it, or some notes."""
    pitches = found.sounds.pitches
    move, alike = pitches.move
    if not move or alike < _MOVED or alike - pitches.similarity < _MOVED_BY or found.same_source:
        return []
    text = f"{move:+d} {'semitone' if abs(move) == 1 else 'semitones'}"
    if not found.is_of_all:
        return [Finding("notes", found.differing, float(move), "semitones", f"some notes {text}", alike)]
    return [Finding("pitch", found.differing, float(move), "semitones", text, alike)]


def came_and_went(found: Difference) -> list[Finding]:
    """Hits or notes that came or went, and others in their place."""
    events = find_events(found.segments)
    if not len(events.at) or found.same_source:
        return []
    clean = events.came | events.went
    if not clean[0] or found.goes_on:
        return []
    bars = found.bars[events.at]
    starts = found.places.edges[:-1] / found.segments.size
    chosen = frozenset(bars_changed(found.segments, events, bars, starts, found.segment_s)) & found.differing
    there = np.isin(bars, list(chosen))
    came, went = bool((events.came & there).any()), bool((events.went & there).any())
    if not clean[there].mean() >= _MOSTLY:
        came, went = bool(events.came[0]), bool(events.went[0])
    what = "added and removed" if came and went else "added" if came else "removed"
    text = f"hits or notes {what}"
    causes = [Finding("hits", chosen, None, "", text, 0.9)]
    if rest := found.differing - chosen:
        causes.append(Finding("sound", rest, None, "", "the same hits sound a little different", 0.6))
    return causes


def other(found: Difference) -> list[Finding]:
    """What is left: other processing of the same sound, other notes in some bars, or another sound."""
    alike = found.sounds.pitches.similarity
    if found.same_source or (found.same_source is None and alike >= _SAME_PITCH):
        return [Finding("effect", found.differing, None, "", "processed otherwise", 0.6)]
    if found.differing < found.sounding:
        return [Finding("notes", found.differing, None, "", "other notes", 0.8)]
    return [Finding("sound", found.differing, None, "", "another sound", 0.7)]
