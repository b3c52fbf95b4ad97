"""Places in a song: its bars and sections in frames, and passages in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from stemwright.base.clock import clock
from stemwright.comparison.result import Where

EARLY_S = 0.025
"""A sound that begins so shortly before a bar belongs to that bar."""


@dataclass(frozen=True)
class Section:
    """A section: `name`, and its first frame and the one after its last."""

    name: str
    start: int
    end: int


class Places:
    """The bars of a song, or its seconds where it has no timeline or counts no bars.

    Attributes
    ----------
    numbers : list of int
        The number of each bar; of each second, counted from 0, where there are no bars.
    edges : numpy.ndarray
        The first frame of each bar, and the one after the last bar.
    sections : list of Section
        The sections.
    has_bars : bool
        Whether there are bars.
    """

    def __init__(self, timeline: Mapping[str, Any] | None, rate: int, frames: int):
        self.rate, self.frames = rate, frames
        scale = rate / timeline["sample_rate"] if timeline else 1.0
        starts = _bar_starts(timeline, scale) if timeline else {}
        self.has_bars = bool(starts)
        if not starts:
            starts = {second: second * rate for second in range(-(-frames // rate))}
        self.numbers = list(starts)
        self.edges = np.array([*starts.values(), max(frames, *starts.values())])
        self.edges[0] = 0
        self.sections = [
            Section(each["name"], round(each["start_frame"] * scale), round(each["end_frame"] * scale))
            for each in (timeline or {}).get("sections", ())
        ]

    def bars_of(self, starts: np.ndarray) -> np.ndarray:
        """The index of the bar in which sounds at these frames are heard to begin."""
        found = np.searchsorted(self.edges, starts + round(EARLY_S * self.rate), side="right") - 1
        return np.clip(found, 0, len(self.numbers) - 1)

    def section_of(self, bar: int) -> int | None:
        """The index of the section in which a bar, by its index, begins."""
        at = int(self.edges[bar])
        return next((i for i, each in enumerate(self.sections) if each.start <= at < each.end), None)

    def passages(self, bars: Iterable[int], sounding: Iterable[int]) -> list[Where]:
        """The passages that bars (by their indices) make up; one, if they are all bars in which something sounds."""
        chosen = sorted(bars)
        if not chosen:
            return []
        is_whole = set(chosen) >= set(sounding)
        runs = [chosen] if is_whole else runs_of(chosen)
        return [self._passage(run, is_whole) for run in runs]

    def _passage(self, run: Sequence[int], is_whole: bool) -> Where:
        start, end = int(self.edges[run[0]]), int(self.edges[run[-1] + 1])
        bars = (self.numbers[run[0]], self.numbers[run[-1]]) if self.has_bars else None
        held = {self.section_of(bar) for bar in run}
        names = [] if is_whole else [s.name for i, s in enumerate(self.sections) if i in held]
        return Where(
            start,
            end,
            start / self.rate,
            end / self.rate,
            bars,
            tuple(dict.fromkeys(names)),
            is_whole,
            "" if is_whole else self.words(run, ()),
        )

    def words(self, bars: Iterable[int], sounding: Iterable[int]) -> str:
        """Bars, by their indices, in words that follow what was done there: `in chorus`, `from bar 9`.

        Parameters
        ----------
        bars : iterable of int
            The indices.
        sounding : iterable of int
            Those of all bars in which the track sounds: if it is all of these, no words are needed.

        Returns
        -------
        str
        """
        chosen, heard = sorted(bars), set(sounding)
        if not chosen or (heard and set(chosen) >= heard):
            return ""
        if names := self._section_names(set(chosen), heard):
            return f"in {listed(names)}"
        if heard and chosen == list(range(chosen[0], max(heard) + 1)) and len(chosen) > 1:
            return f"from {self._bar(chosen[0])}"
        return f"in {self._bars(chosen)}"

    def _section_names(self, chosen: set[int], heard: set[int]) -> list[str]:
        """Names of sections, if all bars of these names in which it sounds, and no others, are chosen."""
        owners: dict[str, set[int]] = {}
        for bar in range(len(self.numbers)):
            if (section := self.section_of(bar)) is not None and (not heard or bar in heard | chosen):
                owners.setdefault(self.sections[section].name, set()).add(bar)
        names = [name for name, owned in owners.items() if owned & chosen]
        covered = set[int]().union(*(owners[name] for name in names))
        return names if covered == chosen and len(names) <= 3 and all(names) else []

    def _bar(self, bar: int) -> str:
        if self.has_bars:
            return f"bar {self.numbers[bar]}"
        return clock(float(self.edges[bar]) / self.rate)

    def _bars(self, chosen: Sequence[int]) -> str:
        runs = runs_of(chosen)
        if not self.has_bars:
            ends = [(self.edges[run[0]], self.edges[run[-1] + 1]) for run in runs]
            return listed([f"{clock(a / self.rate)}–{clock(b / self.rate)}" for a, b in ends])
        texts = [
            f"{self.numbers[run[0]]}–{self.numbers[run[-1]]}" if len(run) > 1 else str(self.numbers[run[0]])
            for run in runs
        ]
        return f"{'bar' if len(chosen) == 1 else 'bars'} {listed(texts)}"


def _bar_starts(timeline: Mapping[str, Any], scale: float) -> dict[int, int]:
    starts: dict[int, int] = {}
    for beat in timeline.get("beats", ()):
        starts.setdefault(beat["bar"], round(beat["frame"] * scale))
    return starts


def runs_of(numbers: Sequence[int]) -> list[list[int]]:
    """Ascending numbers in runs of neighbours."""
    groups = groupby(enumerate(numbers), key=lambda each: each[1] - each[0])
    return [[number for _, number in group] for _, group in groups]


def listed(texts: Sequence[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(texts[:-1])} and {texts[-1]}" if len(texts) > 1 else "".join(texts)
