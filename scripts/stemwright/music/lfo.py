"""Low-frequency oscillators: their keys, and the wave that they mean in a song.

The phase counts from the start of the song, exactly, over every change of tempo and meter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np

from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_duration, round_half_up
from stemwright.validation.fields import Configurable, Field

_FASTEST_HZ = 100

EDGE_S = 0.005
"""How long a step takes, in seconds."""


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

    def at(self, n: np.ndarray, offset: np.ndarray | float = 0.0) -> np.ndarray:
        """Its values at frames.

        Parameters
        ----------
        n : numpy.ndarray
            Frames in ascending order, shape (count,).
        offset : numpy.ndarray or float
            How much later in the cycle it is, such as 0.25; a number, or one for each frame.

        Returns
        -------
        numpy.ndarray
            Shape (count,), float64.
        """
        values, offsets = np.empty(len(n)), np.broadcast_to(offset, len(n))
        bounds = [int(-(-start // 1)) for start, _, _ in self.spans[1:]]  # the first frames in each span
        edges = [0, *np.searchsorted(n, bounds), len(n)]
        for (start, phase, speed), (low, high) in zip(self.spans, pairwise(edges), strict=True):
            if high > low:
                cycles = (n[low:high] - float(start)) * float(speed) + (float(phase) + offsets[low:high])
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
            return np.where(first, 1, -1) * (2 * rise(np.where(first, x, x - 0.5) / edge) - 1)
        blend = rise(x / edge)
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
class Oscillator(Configurable):
    """The keys of a low-frequency oscillator, which counts from the start of the song."""

    length: (
        Annotated[
            str,
            Field(
                "Length of a cycle (1/4, 1/8t, 2 bars, 1.5 s); it follows changes of tempo and meter.",
                parse=parse_duration,
            ),
        ]
        | None
    ) = None
    rate_hz: Annotated[float, Field("Cycles per second.", "Hz", gt=0, le=_FASTEST_HZ)] | None = None
    shape: Annotated[
        Literal["sine", "triangle", "square", "saw"],
        Field(
            "Sine and triangle begin in the middle and rise, square begins at the top, saw rises from the bottom. "
            "Jumps take 5 ms."
        ),
    ] = "sine"
    phase: Annotated[float, Field("The part of a cycle at which it begins.", ge=0, le=1)] = 0.0

    def __post_init__(self) -> None:
        if (self.length is None) == (self.rate_hz is None):
            raise ValueError("needs one of length and rate_hz")

    @property
    def is_musical(self) -> bool:
        """Whether its speed depends on tempo or meter."""
        return self.length is not None and parse_duration(self.length).is_musical

    def speed_problem(self, context: RenderContext) -> str:
        """The message for a length that gives no speed, or one that is too high, or ""."""
        if self.length and not parse_duration(self.length):
            return f"must be more than 0 (is {self.length})"
        fastest = float(max(speed for _, _, speed in self._spans(context)) * context.rate)
        if fastest <= _FASTEST_HZ:
            return ""
        return f"must give at most {_FASTEST_HZ} cycles a second (is {self.length}: {fastest:g})"

    def wave(self, context: RenderContext, depth: float = 1.0) -> Wave:
        """The wave in a song.

        Parameters
        ----------
        context : RenderContext
            With the timeline, if `is_musical`.
        depth : float
            How far it goes to both sides.

        Returns
        -------
        Wave
        """
        return Wave(
            self.shape, depth, tuple(self._spans(context)), round_half_up(Fraction(EDGE_S) * context.rate)
        )

    def _spans(self, context: RenderContext) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
        """The frame where each stretch of constant speed begins, its phase there, its cycles per frame; all exact."""
        phase = Fraction(self.phase)
        length = (
            parse_duration(self.length) if self.length else Duration(seconds=1 / Fraction(self.rate_hz or 0))
        )
        if not length.is_musical:
            yield Fraction(0), phase, 1 / (length.seconds * context.rate)
            return
        tempo = context.required_timeline().tempo
        starts = [tempo.seconds(tempo.bar_line(change.bar)) for change in tempo.changes]
        for change, (start, end) in zip(tempo.changes, pairwise([*starts, starts[-1]]), strict=True):
            meter = change.time_signature
            quarters = (
                length.bars * meter.bar_quarters + length.beats * meter.beat_quarters + 4 * length.notes
            )
            cycle = quarters * 60 / change.bpm + length.seconds
            yield start * context.rate, phase % 1, 1 / (cycle * context.rate)
            phase += (end - start) / cycle


def rise(x: np.ndarray) -> np.ndarray:
    """A raised cosine from 0 at x = 0 to 1 at x = 1, and 1 after that."""
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(x, 1.0))
