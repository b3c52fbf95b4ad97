"""Drop-outs: digital silence within sound, as a lost audio buffer leaves it, told from rests by how sound ends there.

A lost buffer cuts running sound anywhere in its waveforms. A rest is made: sound fades before it, is cut where its
waveforms cross zero, or consists of short events, such as clicks, that all end in the same way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stemwright.base.decibels import amplitude
from stemwright.measure._base import Meter

_LOCAL_S = 0.02
"""The sound at an edge is compared with its peak over this time."""

_EDGES_S, _FADED, _SOFT = (0.00025, 0.001), (0.02, 0.12), (0.06, 0.2)
"""The last 0.25 and 1 ms of a sound that ends, and the shares of its peak that they have in a raised-cosine fade and in
a linear one, each over 5 ms. A sine from 32 Hz up that is cut at its zero crossing exceeds them."""

_CROSSING, _NEAR = 0.03, 0.15
"""At a zero crossing the waveform, continued in a straight line, is zero within this share of the peak, or changes its
sign between two frames, of which the one that is there is this small."""

_SHORTEST_REST_S = 0.02
"""What ends in crossings on both sides is a rest only from here on: a hole in a tone may do so by chance."""

_PERIOD_S, _ALIKE = 0.05, 0.75
"""The longest part of a waveform that is taken for a period, and the least correlation of two periods."""

_EVENT_S = 1.0
"""The longest sound between two rests that is taken for an event."""

_ENDING_S, _ATTACK_S, _RISE, _STARTS = 0.005, 0.001, 2.5, 0.7
"""An event begins with an attack if its first ms has this share of the peak near it, and is this factor above the last
5 ms of the event before."""

_SIDE_S, _LOUDER = 0.01, 1.5
"""It also does if the RMS of its first 10 ms is this factor above that of the last 10 ms of the event before."""

_TWIN_S, _MIN_TWINS, _TWINS = 0.001, 3, 0.75
"""Events that are cut recur if there are so many, and this share of them are as long as another, within a ms."""

_MAX_FOUND = 100
_DROPOUT, _CUT, _FADE, _REST = "drop-out", "cut", "fade", "rest"


@dataclass
class _Gap:
    """A run of zeros, and the sound on its sides: `before` and `after` have equal lengths; `after` is still filled.

    `island` is the number of frames since the run before, None for the first; `next` the first frame of the next run.
    """

    first: int
    end: int
    island: int | None
    before: np.ndarray
    after: np.ndarray
    filled: int = 0
    next: int | None = None

    @property
    def frames(self) -> int:
        return self.end - self.first

    def fill(self, block: np.ndarray) -> None:
        """Add to the sound after it what is still missing."""
        part = block[: len(self.after) - self.filled]
        self.after[self.filled : self.filled + len(part)] = part
        self.filled += len(part)


class Dropouts(Meter):
    """Runs of exact zeros on all channels that cut running sound.

    `least_ms` is the shortest run that counts; the RMS of the loudest channel over `window_ms` must reach `level_dbfs`
    on both sides. A run is a rest, and no drop-out, if
    - the sound before it fades;
    - the waveforms cross zero on both sides, and it lasts 20 ms or more;
    - the sound before it is a click of 50 ms at most, shorter than it, that fades or ends at a crossing;
    - the sound on both sides is the same waveform, as in a pulse, to which zeros belong;
    - it begins and ends on the grid (`on_grid(frame)`, if there is one);
    - the sound before it is an event of a second at most after another rest, and this run is longer than it, or the
      next event begins with an attack or on the grid.
    But if most events in the file fade, one that ends as a click, a pulse or an event does, or softly in a low tone
    that goes on with a step, is cut, unless such events recur, equally long.

    `count`: the number of drop-outs; `found`: the first hundred as (frame, frames).
    """

    def __init__(
        self,
        least_ms: float,
        window_ms: float,
        level_dbfs: float,
        on_grid: Callable[[int], bool] = lambda frame: False,
    ):
        self.least_ms, self.window_ms, self.level_dbfs = least_ms, window_ms, level_dbfs
        self.on_grid = on_grid

    def start(self, rate: int, channels: int) -> None:
        self.rate, self._at = rate, 0
        self._min_frames, self._window = (
            self._frames(ms / 1000, least=1) for ms in (self.least_ms, self.window_ms)
        )
        self._kept = max(self._window, self._frames(_PERIOD_S))
        self._min_energy = amplitude(self.level_dbfs) ** 2 * self._window  # a sum of squares
        self._before = np.zeros((self._kept, channels))
        self._open_run: tuple[int, np.ndarray] | None = None  # its first frame, and the sound before it
        self._gaps: deque[_Gap] = deque()  # those that are not judged yet
        self._end: int | None = None  # of the last run
        self._after_rest = True  # whether the sound before the next gap to be judged follows a rest
        self._counts = dict.fromkeys((_DROPOUT, _CUT, _FADE, _REST), 0)
        self._cut_lengths: list[int] = []  # of the first hundred events that are cut, in frames
        self._places: dict[str, list[tuple[int, int]]] = {kind: [] for kind in self._counts}

    def _frames(self, seconds: float, least: int = 4) -> int:
        return max(least, round(seconds * self.rate))

    def feed(self, block: np.ndarray) -> None:
        for gap in self._gaps:
            gap.fill(block)
        for start, end in self._runs(block):
            first, before = self._open_run or (self._at + start, self._sound_before(block, start))
            self._open_run = (first, before) if end == len(block) else None
            if self._open_run is None and self._at + end - first >= self._min_frames:
                self._add(first, self._at + end, before)
                self._gaps[-1].fill(block[end:])
        while len(self._gaps) > 1 and self._gaps[0].filled == self._kept:
            self._judge(self._gaps.popleft())
        self._before = np.concatenate((self._before, block[-self._kept :]))[-self._kept :]
        self._at += len(block)

    def _runs(self, block: np.ndarray) -> Iterator[tuple[int, int]]:
        """(start, end) of the runs of zeros in a block that may count: long ones, and those at the block's edges."""
        # Every long run contains a frame of this stride; most blocks have no silent frame among them.
        if self._open_run is None and block[-1].any() and block[:: self._min_frames].any(axis=1).all():
            return
        silent = np.zeros(len(block) + 2, bool)
        silent[1:-1] = ~block.any(axis=1)
        edges = np.flatnonzero(silent[1:] != silent[:-1])
        if self._open_run is not None and not silent[1]:
            yield 0, 0
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= self._min_frames or start == 0 or end == len(block):
                yield start, end

    def _sound_before(self, block: np.ndarray, start: int) -> np.ndarray:
        before = block[max(0, start - self._kept) : start]
        return np.concatenate((self._before[len(before) :], before))

    def _add(self, first: int, end: int, before: np.ndarray) -> None:
        if self._gaps:
            self._gaps[-1].next = first
        island = None if self._end is None else first - self._end
        self._gaps.append(_Gap(first, end, island, before, np.zeros_like(before)))
        self._end = end

    @property
    def count(self) -> int:
        """The number of drop-outs."""
        return sum(self._counts[kind] for kind in self._refused())

    @property
    def found(self) -> list[tuple[int, int]]:
        """(frame, frames) of each drop-out up to the hundredth, in order."""
        return sorted(place for kind in self._refused() for place in self._places[kind])[:_MAX_FOUND]

    def _refused(self) -> tuple[str, ...]:
        """The kinds of gaps that are drop-outs."""
        while self._gaps:
            gap = self._gaps.popleft()
            if gap.next is None and self._open_run is not None:
                gap.next = self._open_run[0]
            self._judge(gap)
        are_rests = 2 * self._counts[_CUT] >= self._counts[_FADE] or self._cuts_recur()
        return (_DROPOUT,) if are_rests else (_DROPOUT, _CUT)

    def _cuts_recur(self) -> bool:
        near = np.diff(np.sort(self._cut_lengths)) <= self._frames(_TWIN_S)
        twins = np.count_nonzero(np.append(near, False) | np.append(False, near))
        return bool(twins >= max(_MIN_TWINS, _TWINS * len(self._cut_lengths)))

    def _judge(self, gap: _Gap) -> None:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            kind = self._kind(gap)
        self._after_rest = kind is not _DROPOUT
        self._counts[kind] += 1
        if kind is _CUT and gap.island is not None and len(self._cut_lengths) < _MAX_FOUND:
            self._cut_lengths.append(gap.island)
        self._places[kind] += [(gap.first, gap.frames)][: _MAX_FOUND - len(self._places[kind])]

    def _kind(self, gap: _Gap) -> str:
        # All comparisons are written so that NaN is neither silence nor a rest.
        if any(
            np.square(side).sum(axis=0).max() < self._min_energy
            for side in (gap.before[-self._window :], gap.after[: self._window])
        ):
            return _FADE if gap.first else _REST
        if self.on_grid(gap.first) and self.on_grid(gap.end):
            return _REST
        ends, begins = self._edge(gap.before[::-1]), self._edge(gap.after)
        is_long = gap.frames >= self._frames(_SHORTEST_REST_S)
        if ends == "faded":
            return _FADE
        if ends == "soft" and begins != "step":
            return _FADE if is_long else _REST  # a short one may belong to a waveform
        if ends == "soft" and is_long:
            return _CUT
        if is_long and "step" not in (ends, begins):
            return _REST
        island = gap.first if gap.island is None else gap.island
        following = (self._at if gap.next is None else gap.next) - gap.end
        if self._is_periodic(gap, island, following):
            return _CUT
        # What the file begins with is an event only if the one after it ends too.
        is_event = self._after_rest and (gap.island is not None or gap.next is not None)
        longest = max(island, following) if gap.island is None else island
        if is_event and ends != "step" and longest <= min(gap.frames, self._frames(_PERIOD_S)):
            return _CUT
        is_event = is_event and longest <= self._frames(_EVENT_S)
        if is_event and (longest <= gap.frames or self._is_attacked(gap) or self.on_grid(gap.end)):
            return _CUT
        return _DROPOUT

    def _edge(self, sound: np.ndarray) -> str:
        """How sound begins next to zeros, or ends if reversed: `faded`, `soft`, at a `crossing`, or in a `step`."""
        peak = np.abs(sound[: self._frames(_LOCAL_S)]).max()
        near = [sound[: self._frames(seconds)] for seconds in _EDGES_S]
        levels = np.array([np.abs(part).max() for part in near]) / peak
        if (levels <= _SOFT).all():
            # A low tone at its crossing may be as soft, but has no other within a ms.
            swings = np.count_nonzero(np.diff(np.signbit(near[-1]), axis=0), axis=0).max() > 1
            return "faded" if swings or (levels <= _FADED).all() else "soft"
        first, following = sound[0], 2 * sound[0] - sound[1]
        crosses = (np.abs(first) <= _NEAR * peak) & (first * following <= 0)
        return "crossing" if (crosses | (np.abs(following) <= _CROSSING * peak)).all() else "step"

    def _is_periodic(self, gap: _Gap, before: int, after: int) -> bool:
        """Whether the sound on both sides, of so many frames, is the same waveform, inverted or not."""
        shorter = min(before, after)
        if max(before, after) > self._frames(_PERIOD_S):
            return False
        # One that is cut short lacks its beginning where a sound begins, its end where it ends.
        one, other = gap.before[len(gap.before) - before :], gap.after[:after]
        one, other = (one, other[-shorter:]) if before == shorter else (one[:shorter], other)
        return bool(abs(np.vdot(one, other)) >= _ALIKE * np.sqrt(np.vdot(one, one) * np.vdot(other, other)))

    def _is_attacked(self, gap: _Gap) -> bool:
        """Whether the sound after begins at once with its peak, far above the end of the sound before, or is louder."""
        side = self._frames(_SIDE_S)
        if np.square(gap.after[:side]).sum() >= _LOUDER**2 * np.square(gap.before[-side:]).sum():
            return True
        end = np.abs(gap.before[-self._frames(_ENDING_S) :]).max()
        start = np.abs(gap.after[: self._frames(_ATTACK_S)]).max()
        return bool(start >= max(_RISE * end, _STARTS * np.abs(gap.after[: self._frames(_LOCAL_S)]).max()))
