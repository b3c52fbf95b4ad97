"""Where a difference begins: a hit or a note that came, that went, or that is another one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stemwright.comparison.pair import Segments

_RISE = 4.0
_BEFORE, _LENGTH = 4, 4  # segments: what a rise is compared with, and how much of an event is judged
_LEAST = 1e-4
_CLEAN, _OVERLAP = 0.12, 0.35  # a snare and a kick at once have some of their waveform in common
_ALIKE, _AS_LOUD = 0.35, 0.02
_SAME_PLACE_S = 0.045


@dataclass(frozen=True)
class Events:
    """Each place at which a difference begins.

    Attributes
    ----------
    at : numpy.ndarray
        The segment.
    share : numpy.ndarray
        -⟨d, x⟩ / ⟨d, d⟩ of the difference d and the old sound x: 0 if something came, 1 if something went, and near a
        half if one sound took the place of another.
    energy : numpy.ndarray
        Of the difference.
    """

    at: np.ndarray
    share: np.ndarray
    energy: np.ndarray

    @property
    def came(self) -> np.ndarray:
        """A mask of those at which something came and nothing went."""
        return (self.share > -_OVERLAP) & (self.share < _CLEAN)

    @property
    def went(self) -> np.ndarray:
        """A mask of those at which something went and nothing came."""
        return (self.share > 1 - _CLEAN) & (self.share < 1 + _OVERLAP)


def find_events(segments: Segments) -> Events:
    """Find the events of a pair."""
    difference = segments.difference
    through = _through(segments)
    padded = np.concatenate((np.zeros(_BEFORE), difference))
    before = np.lib.stride_tricks.sliding_window_view(padded, _BEFORE)[: len(difference)].max(axis=1)
    rises = difference > np.maximum(_RISE * before, _LEAST * difference.max(initial=0))
    found = np.flatnonzero(rises)
    # Two that follow each other at once are one: its attack.
    found = found[np.diff(found, prepend=-_LENGTH) > 1]
    return _judge(found, difference, through)


def _through(segments: Segments) -> np.ndarray:
    return np.trace(segments.yx, axis1=1, axis2=2) - segments.old


def _judge(at: np.ndarray, difference: np.ndarray, through: np.ndarray) -> Events:
    """What happens from these segments on, by the energy of d, and ⟨d, x⟩, in each segment."""
    windows = np.minimum(at[:, np.newaxis] + np.arange(_LENGTH), len(difference) - 1)
    energy = difference[windows].sum(axis=1)
    return Events(at, -through[windows].sum(axis=1) / np.maximum(energy, 1e-30), energy)


def bars_changed(
    segments: Segments, events: Events, bars: np.ndarray, starts: np.ndarray, segment_s: float
) -> set[int]:
    """The bars in which something came or went, without chance: if a kit strikes no hit twice alike, all later differ.

    What comes or goes does so wherever anything happens at this place of the bar, or most of the time. The first is
    always believed: until then nothing differed.

    Parameters
    ----------
    segments : Segments
        The products of old and new.
    events : Events
        The events; the first is one that came or went.
    bars : numpy.ndarray
        The bar of each event, by its index.
    starts : numpy.ndarray
        The first segment of each bar, not rounded.
    segment_s : float
        The length of a segment in s.

    Returns
    -------
    set of int
        The bars.
    """
    places = (events.at - starts[bars]) * segment_s
    clean = events.came | events.went
    found = {int(bars[0])}
    for first in np.flatnonzero(clean):
        same = np.abs(places - places[first]) < _SAME_PLACE_S
        if first == 0 or 2 * np.count_nonzero(clean & same) > np.count_nonzero(same):
            at = np.rint(starts + places[first] / segment_s).astype(int)
            there = _judge(np.clip(at, 0, len(segments.peaks) - 1), segments.difference, _through(segments))
            nearly = np.abs(there.share - round(float(events.share[first]))) < _ALIKE
            nearly &= there.energy > _AS_LOUD * events.energy[first]
            found |= set(np.flatnonzero(nearly).tolist())
    return found
