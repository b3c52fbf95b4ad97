"""The difference of one pair: where it is, by bars, and what is heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stemwright.comparison.pair import Pair, Segments
from stemwright.comparison.places import Places
from stemwright.comparison.result import Kind
from stemwright.comparison.sounds import Sounds, listen

RAMP = 2
"""Segments at the ends of a passage in which a fader may still move."""

_QUIET = 1e-7  # of the loudest bar: a bar in which nothing sounds
_NOTABLE, _NOTABLE_OF_SOUND = 1e-3, 1e-2  # of the greatest difference of a bar, or of the sound in the bar
_TAIL_RISE, _TAIL_SPAN, _TAIL = (
    4.0,
    8,
    0.9,
)  # 6 dB above the last 160 ms; the share in the first half of a bar
_AUDIBLE, _GOES_ON, _SOON_S = 1e-6, 0.98, 0.75
_ALL = 0.75


@dataclass(frozen=True)
class Finding:
    """A cause before it is put into words: `kind`, the bars by their indices, `amount` and `unit`, and what is said."""

    kind: Kind
    bars: frozenset[int]
    amount: float | None
    unit: str
    text: str
    confidence: float


class Difference:
    """The differences of one pair.

    Parameters
    ----------
    pair : Pair
        The two files, at one rate and of one length.
    places : Places
        The bars of the song.
    same_source : bool, optional
        Whether the sound before its effects is known to be equal (True) or to differ (False).
    """

    def __init__(self, pair: Pair, places: Places, same_source: bool | None = None):
        self.pair, self.places, self.same_source = pair, places, same_source
        self.segments: Segments = pair.measure()
        starts = np.arange(len(self.segments.peaks)) * self.segments.size
        self.bars = places.bars_of(starts)
        self.energy = self._by_bar(self.segments.difference)
        self.sound = np.maximum(self._by_bar(self.segments.old), self._by_bar(self.segments.new))

    def _by_bar(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.bars, values, minlength=len(self.places.numbers))

    @property
    def segment_s(self) -> float:
        """The length of a segment in s."""
        return self.segments.size / self.pair.rate

    @cached_property
    def sounding(self) -> frozenset[int]:
        """The bars in which there is sound, before or after."""
        return frozenset(np.flatnonzero(self.sound > _QUIET * self.sound.max(initial=0)).tolist())

    @cached_property
    def differing(self) -> frozenset[int]:
        """The bars in which they differ, without those in which only the end of a difference rings on."""
        notable = (self.energy > _NOTABLE * self.energy.max(initial=0)) | (
            self.energy > _NOTABLE_OF_SOUND * self.sound
        )
        notable &= self.energy > 0
        found = set(np.flatnonzero(notable).tolist())
        begins = {bar for bar in found if not self._rings_on(bar) and not self._is_end(bar, bar - 1 in found)}
        return frozenset(begins or found or self.bars[self.mask].tolist())

    def _rings_on(self, bar: int) -> bool:
        """Whether the difference in a bar never rises above what it was shortly before: it began in an earlier bar."""
        difference = self.segments.difference
        inside = np.flatnonzero(self.bars == bar)
        if not len(inside) or inside[0] == 0:
            return False
        before = np.concatenate((np.zeros(_TAIL_SPAN), difference))[
            inside[:, np.newaxis] + np.arange(_TAIL_SPAN)
        ]
        floor = 1e-3 * difference.max()
        rises = difference[inside] > np.maximum(_TAIL_RISE * before.max(axis=1), floor)
        share = difference[inside[: max(1, len(inside) // 2)]].sum() / max(difference[inside].sum(), 1e-30)
        return not rises.any() and share > _TAIL

    def _is_end(self, bar: int, follows: bool) -> bool:
        """Whether only the beginning of a bar differs, as where a mute ends with a ramp."""
        inside = np.flatnonzero(self.bars == bar)
        return follows and not self.mask[inside[2 * RAMP :]].any()

    @cached_property
    def mask(self) -> np.ndarray:
        """The segments that differ."""
        return self.segments.differs

    @cached_property
    def inside(self) -> np.ndarray:
        """The segments inside of passages that differ: at their ends a fader may still move."""
        edge = np.ones(2 * RAMP + 1)
        return np.convolve(np.pad(self.within, RAMP, mode="edge"), edge, "valid") >= len(edge)

    @cached_property
    def sounds(self) -> Sounds:
        """What is heard of them."""
        return listen(self.pair, self.segments)

    @cached_property
    def within(self) -> np.ndarray:
        """The segments of the bars that differ."""
        chosen = np.zeros(len(self.places.numbers), bool)
        chosen[list(self.differing)] = True
        return chosen[self.bars]

    @cached_property
    def is_of_all(self) -> bool:
        """Whether nearly all that sounds in the bars that differ is different: not some notes or hits alone."""
        heard = self.within & (self.segments.old > _AUDIBLE * self.segments.old.max())
        return bool(heard.any() and self.mask[heard].mean() >= _ALL)

    @cached_property
    def goes_on(self) -> bool:
        """Whether, once there is a difference, there is one wherever there is sound, and it begins soon."""
        old = self.segments.old
        sounding = np.flatnonzero(old > _AUDIBLE * old.max())
        first = int(np.flatnonzero(self.mask)[0])
        after = sounding[sounding >= first]
        is_soon = bool(len(after)) and (first - sounding[0]) * self.segment_s < _SOON_S
        return bool(is_soon and self.mask[after].mean() > _GOES_ON)
