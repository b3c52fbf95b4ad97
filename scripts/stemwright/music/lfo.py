"""Low-frequency oscillators: their keys, and the wave that they mean in a song.

The phase counts from the start of the song, exactly, over every change of tempo and meter. In a ramp of tempo its speed
moves as the tempo does; while time is held, it goes on at the tempo of the place.
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
class WaveSpan:
    """A stretch of a wave: the frame where it begins, its phase there, and its speed there in cycles per frame.

    In a ramp of tempo the speed moves with n, the frames since: it is `speed` + `growth` n in one that is linear in
    time, and `speed` exp(`growth` n) in one that is linear in beats (`is_exponential`).
    """

    start: Fraction
    phase: Fraction
    speed: Fraction
    growth: Fraction = Fraction(0)
    is_exponential: bool = False

    def at(self, n: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray | float]:
        """The phase in cycles, and the speed, at frames.

        Parameters
        ----------
        n : numpy.ndarray
            Frames, shape (count,).
        offsets : numpy.ndarray
            How much later in the cycle it is, shape (count,).

        Returns
        -------
        cycles : numpy.ndarray
            Shape (count,).
        speed : numpy.ndarray or float
            In cycles per frame; a number if it does not move.
        """
        x, speed, growth = n - float(self.start), float(self.speed), float(self.growth)
        phase = float(self.phase) + offsets
        if not growth:
            return x * speed + phase, speed
        if self.is_exponential:
            return speed * np.expm1(growth * x) / growth + phase, speed * np.exp(growth * x)
        return (speed + growth * x / 2) * x + phase, speed + growth * x

    def to_list(self) -> list:
        """Plain data; fractions are text."""
        ramp = [str(self.growth), self.is_exponential] if self.growth else []
        return [str(self.start), str(self.phase), str(self.speed), *ramp]

    @classmethod
    def from_list(cls, data: list) -> WaveSpan:
        """The span that `to_list` described."""
        start, phase, speed, *ramp = data
        growth, is_exponential = ramp or ("0", False)
        return cls(Fraction(start), Fraction(phase), Fraction(speed), Fraction(growth), is_exponential)


@dataclass(frozen=True)
class Wave:
    """A low-frequency oscillation around 0: `depth` times a shape between -1 and 1.

    `sine` and `triangle` begin at 0 and rise, `square` begins at 1, `saw` rises from -1 to 1. `spans` has, for each
    stretch of the song, the frame where it begins, its phase there and its speed in cycles per frame, exact; in
    songs that change their tempo there are several. `edge` is the length of a step in frames, at least 1. Frames, but
    those of spans, are counted from frame `origin` of the song.
    """

    shape: str
    depth: float
    spans: tuple[WaveSpan, ...]
    edge: int
    origin: int = 0

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
        n = n + self.origin
        values, offsets = np.empty(len(n)), np.broadcast_to(offset, len(n))
        bounds = [int(-(-span.start // 1)) for span in self.spans[1:]]  # the first frames in each span
        edges = [0, *np.searchsorted(n, bounds), len(n)]
        for span, (low, high) in zip(self.spans, pairwise(edges), strict=True):
            if high > low:
                cycles, speed = span.at(n[low:high], offsets[low:high])
                values[low:high] = self._shape(cycles % 1.0, np.minimum(self.edge * speed, 0.25))
        return values * self.depth

    def _shape(self, x: np.ndarray, edge: np.ndarray | float) -> np.ndarray:
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
        spans = [span.to_list() for span in self.spans]
        return {"shape": self.shape, "depth": self.depth, "spans": spans, "edge": self.edge}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Wave:
        """The wave that `to_dict` described."""
        spans = tuple(WaveSpan.from_list(span) for span in data["spans"])
        return cls(data["shape"], data["depth"], spans, data["edge"])


@dataclass(frozen=True)
class Oscillator(Configurable):
    """The keys of a low-frequency oscillator, which counts from the start of the song."""

    length: (
        Annotated[
            str,
            Field(
                "Length of a cycle (1/4, 1/8t, 2 bars, 1.5 s); it follows changes of tempo and meter, and ramps.",
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
        spans = list(self._spans(context))
        if parse_duration(self.length or "0 s").seconds and any(span.growth for span in spans):
            return f"must be either musical or in seconds in a song with ramps of tempo (is {self.length})"
        fastest = float(max(span.speed for span in spans) * context.rate)
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
        edge = round_half_up(Fraction(EDGE_S) * context.rate)
        return Wave(self.shape, depth, tuple(self._spans(context)), edge, context.origin)

    def _spans(self, context: RenderContext) -> Iterator[WaveSpan]:
        """The spans of the wave, in order; all exact, but for what is irrational in a ramp."""
        phase = Fraction(self.phase)
        length = (
            parse_duration(self.length) if self.length else Duration(seconds=1 / Fraction(self.rate_hz or 0))
        )
        if not length.is_musical:
            yield WaveSpan(Fraction(0), phase, 1 / (length.seconds * context.rate))
            return
        tempo, rate = context.required_timeline().tempo, context.rate
        phase -= tempo.seconds(tempo.pickup) / tempo.length_seconds(length, Fraction(0))  # it begins at bar 1
        for passage in tempo.passages():
            quarters = tempo.meters.length(length, passage.start)
            holds = dict(passage.holds)
            starts = sorted({passage.start, *holds})
            for at, following in zip(starts, [*starts[1:], passage.end], strict=True):
                second, bpm = tempo.seconds(at), tempo.bpm(at)
                cycle = quarters * 60 / bpm + length.seconds
                if at in holds:
                    yield WaveSpan(second * rate, phase % 1, 1 / (cycle * rate))
                    phase, second = phase + holds[at] / cycle, second + holds[at]
                growth, is_exponential = Fraction(0), passage.curve == "beats"
                if passage.end is not None and passage.to != passage.bpm:
                    over = 60 * (passage.end - passage.start)
                    growth = (passage.to - passage.bpm) / over / rate
                    if not is_exponential:
                        growth *= (passage.to + passage.bpm) / (120 * quarters * rate)
                yield WaveSpan(second * rate, phase % 1, 1 / (cycle * rate), growth, is_exponential)
                if following is not None:
                    phase += (
                        (following - at) / quarters if growth else (tempo.seconds(following) - second) / cycle
                    )


def rise(x: np.ndarray) -> np.ndarray:
    """A raised cosine from 0 at x = 0 to 1 at x = 1, and 1 after that."""
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(x, 1.0))
