"""Curves: how a number moves through a song, frame by frame.

A curve goes through points, and a wave may be added to it. Between two points it is a straight line in time (`linear`)
or changes by equal ratios in equal times (`exponential`: v0 (v1 / v0)^x), or it keeps the value of the first (`step`).
A step moves to its value in a raised cosine that begins on its frame and lasts 5 ms, so that it does not click; less if
the next point comes sooner. So do the edges of square and saw waves. A value at a frame depends on nothing but the
frame: it is the same whatever the sizes of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

EDGE_S = 0.005
"""How long a step takes, in seconds."""

SHAPES = ("sine", "triangle", "square", "saw")


@dataclass(frozen=True)
class Wave:
    """A low-frequency oscillation around 0: `depth` times a shape between -1 and 1.

    `sine` and `triangle` begin at 0 and rise, `square` begins at 1, `saw` rises from -1 to 1. `spans` has, for each
    stretch of constant speed, the frame where it begins, its phase there and its speed in cycles per frame, exact; in
    songs that change their tempo there are several. `edge` is the length of a step in frames, at least 1.
    """

    shape: str
    depth: float
    spans: tuple[tuple[Fraction, Fraction, Fraction], ...]
    edge: int

    def at(self, n: np.ndarray) -> np.ndarray:
        """Its values at frames.

        Parameters
        ----------
        n : numpy.ndarray
            Frames in ascending order, shape (count,), int64.

        Returns
        -------
        numpy.ndarray
            Shape (count,), float64.
        """
        values = np.empty(len(n))
        bounds = [int(-(-start // 1)) for start, _, _ in self.spans[1:]]  # the first frames in each span
        edges = [0, *np.searchsorted(n, bounds), len(n)]
        for (start, phase, speed), (low, high) in zip(self.spans, pairwise(edges), strict=True):
            if high > low:
                cycles = (n[low:high] - float(start)) * float(speed) + float(phase)
                values[low:high] = self._shape(cycles % 1.0, min(self.edge * float(speed), 0.25))
        return values * self.depth

    def _shape(self, x: np.ndarray, edge: float) -> np.ndarray:
        """The shape at phases from 0 to 1; its jumps last `edge` cycles."""
        if self.shape == "sine":
            return np.sin(2 * np.pi * x)
        if self.shape == "triangle":
            return 4 * np.abs((x - 0.25) % 1.0 - 0.5) - 1
        if self.shape == "square":
            first = x < 0.5
            return np.where(first, 1, -1) * (2 * _rise(np.where(first, x, x - 0.5) / edge) - 1)
        blend = _rise(x / edge)
        return (1 - blend) + blend * (2 * x - 1)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; fractions are text."""
        spans = [[str(part) for part in span] for span in self.spans]
        return {"shape": self.shape, "depth": self.depth, "spans": spans, "edge": self.edge}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Wave:
        """The wave that `to_dict` described."""
        spans = tuple((Fraction(a), Fraction(b), Fraction(c)) for a, b, c in data["spans"])
        return cls(data["shape"], data["depth"], spans, data["edge"])


@dataclass(frozen=True)
class Curve:
    """A number that moves, or stays.

    `points` are (frame, value, curve) with rising frames, `curve` being how the point is reached from the one before:
    `linear`, `exponential` or `step`. Before the first point the curve has its value, after the last the last one's.
    `edge` is the length of a step in frames, and `wave` what is added.
    """

    points: tuple[tuple[int, float, str], ...]
    edge: int = 0
    wave: Wave | None = None

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
        """Its lowest and its highest value: what it may reach, wherever the wave is at a point."""
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
        values = np.full(len(n), self.points[0][1])
        edges = [*np.searchsorted(n, [frame for frame, _, _ in self.points]), len(n)]
        for index, (low, high) in enumerate(pairwise(edges)):
            if high > low:
                values[low:high] = self._after(index, n[low:high])
        return values + self.wave.at(n) if self.wave else values

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
        if kind == "step" and index:
            edge = self.edge if following is None else min(self.edge, following[0] - frame)
            begun = n < frame + edge
            blend = _rise((n[begun] - frame + 0.5) / max(edge, 1))
            values[begun] = self.points[index - 1][1] * (1 - blend) + values[begun] * blend
        return values

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


def _rise(x: np.ndarray) -> np.ndarray:
    """A raised cosine from 0 at x = 0 to 1 at x = 1, and 1 after that."""
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(x, 1.0))
