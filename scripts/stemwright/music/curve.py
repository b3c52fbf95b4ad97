"""Curves: how a number moves through a song, frame by frame.

A curve goes through points, and a wave may be added to it. Between two points it is a straight line in time (`linear`)
or changes by equal ratios in equal times (`exponential`: v0 (v1 / v0)^x), or it keeps the value of the first (`step`).
A step moves to its value in a raised cosine that begins on its frame and lasts 5 ms, so that it does not click; less if
the next point comes sooner. A value at a frame depends on nothing but the
frame: it is the same whatever the sizes of blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from stemwright.music.lfo import Wave, rise


@dataclass(frozen=True)
class Curve:
    """A number that moves, or stays. Its frames, but those of its points, are counted from frame `origin` of the song.

    `points` are (frame, value, curve) with rising frames, `curve` being how the point is reached from the one before:
    `linear`, `exponential` or `step`. Before the first point the curve has its value, after the last the last one's.
    `edge` is the length of a step in frames, and `wave` what is added.
    """

    points: tuple[tuple[int, float, str], ...]
    edge: int = 0
    wave: Wave | None = None
    origin: int = 0

    @classmethod
    def of(cls, value: float) -> Curve:
        """A curve that stays."""
        return cls(((0, float(value), "linear"),))

    @property
    def constant(self) -> float | None:
        """Its value if it never moves, else None."""
        first = self.points[0][1]
        is_still = self.wave is None and all(value == first for _, value, _ in self.points)
        return first if is_still else None

    @property
    def range(self) -> tuple[float, float]:
        """What it may reach, wherever the wave is at a point.

        Returns
        -------
        lowest, highest : float
        """
        values = [value for _, value, _ in self.points]
        depth = abs(self.wave.depth) if self.wave else 0.0
        return min(values) - depth, max(values) + depth

    def values(self, start: int, frames: int) -> np.ndarray:
        """Its values at consecutive frames.

        Parameters
        ----------
        start : int
            The first frame, counted from the start of the song.
        frames : int
            How many.

        Returns
        -------
        numpy.ndarray
            Shape (frames,), float64.
        """
        return self.at(np.arange(start, start + frames))

    def at(self, n: np.ndarray) -> np.ndarray:
        """Its values at frames in ascending order, shape (count,), float64."""
        values = self._at_points(n + self.origin)
        return values + self.wave.at(n) if self.wave else values

    def _at_points(self, n: np.ndarray) -> np.ndarray:
        """Its values, without the wave, at frames of the song."""
        values = np.full(len(n), self.points[0][1])
        edges = [*np.searchsorted(n, [frame for frame, _, _ in self.points]), len(n)]
        for index, (low, high) in enumerate(pairwise(edges)):
            if high > low:
                values[low:high] = self._after(index, n[low:high])
        return values

    def _after(self, index: int, n: np.ndarray) -> np.ndarray:
        """Its values, without the wave, at frames from one point on, before the next."""
        frame, value, kind = self.points[index]
        last = index == len(self.points) - 1
        following = None if last else self.points[index + 1]
        if following is None or following[2] == "step" or following[1] == value:
            values = np.full(len(n), value)
        else:
            x = (n - frame) / (following[0] - frame)
            between = _exponential if following[2] == "exponential" else _linear
            values = np.clip(
                between(value, following[1], x), min(value, following[1]), max(value, following[1])
            )
        before = self.points[max(index - 1, 0)][1]
        if kind == "step" and before != value:
            edge = self.edge if following is None else min(self.edge, following[0] - frame)
            begun = n < frame + edge
            blend = rise((n[begun] - frame + 0.5) / max(edge, 1))
            values[begun] = before * (1 - blend) + values[begun] * blend
        return values

    def through(self, passages: Iterable[tuple[int, int, int]]) -> Curve:
        """The curve as it is in passages of the song put one after another; from one to the next it steps.

        Parameters
        ----------
        passages : iterable of (int, int, int)
            Of each the frames from its start to its end (exclusive), and the frame at which its start stands then.

        Returns
        -------
        Curve
        """
        if len(self.points) == 1:
            return self
        still, points = replace(self, wave=None), list[tuple[int, float, str]]()
        for start, end, at in passages:
            inner = [point for point in self.points if start < point[0] < end]
            after = next((kind for frame, _, kind in self.points if frame >= end), "step")
            first, last = still.at(np.array([start, end - 1])).tolist()
            points.append((at, first, "step"))
            points += [(frame - start + at, value, kind) for frame, value, kind in inner]
            if after != "step" and points[-1][0] < end - 1 - start + at:
                points.append((end - 1 - start + at, last, after))
        return replace(self, points=tuple(points))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, from which `from_dict` restores the curve."""
        wave = self.wave.to_dict() if self.wave else None
        return {"points": [list(point) for point in self.points], "edge": self.edge, "wave": wave}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Curve:
        """The curve that `to_dict` described."""
        points = tuple((frame, value, kind) for frame, value, kind in data["points"])
        return cls(points, data["edge"], Wave.from_dict(data["wave"]) if data["wave"] else None)


def _linear(first: float, last: float, x: np.ndarray) -> np.ndarray:
    return first + (last - first) * x


def _exponential(first: float, last: float, x: np.ndarray) -> np.ndarray:
    return first * (last / first) ** x
