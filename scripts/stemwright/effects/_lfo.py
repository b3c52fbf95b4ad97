"""The base of effects that a low-frequency oscillator moves, and its wave: exact in songs that change their tempo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np

from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, parse_duration
from stemwright.validation.fields import Field

Sweep = Annotated[Literal["sine", "triangle"], Field("Both begin in the middle and rise.")]
"""The shapes of an LFO that moves a pitch or a frequency, which must not jump."""

Spread = Annotated[
    float, Field("How much later in the cycle the right channel is: 0.5 is the opposite.", ge=0, le=1)
]
Feedback = Annotated[float, Field("Level of its output that is fed back into it.", ge=-0.95, le=0.95)]
Mix = Annotated[float, Field("Dry/wet mix: 0 is the direct sound only, 1 the effect only.", ge=0, le=1)]

_EDGE_S = 0.005  # the jumps of square and saw
_FASTEST_HZ = 100


@dataclass(frozen=True)
class Modulated(Effect):
    """Base of an effect that an LFO moves, which counts from the start of the song. Give either length or rate_hz."""

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
    def needs_timeline(self) -> bool:
        return super().needs_timeline or (self.length is not None and parse_duration(self.length).is_musical)

    def check(self, context: RenderContext) -> None:
        if self.length and not parse_duration(self.length):
            raise ValueError(f"length must be more than 0 (is {self.length})")
        fastest = float(max(speed for _, _, speed in self._spans(context)) * context.rate)
        if fastest > _FASTEST_HZ:
            raise ValueError(
                f"length must give at most {_FASTEST_HZ} cycles a second (is {self.length}: {fastest:g})"
            )

    def wave(self, n: np.ndarray, context: RenderContext, offset: float = 0.0) -> np.ndarray:
        """The LFO at frames.

        Parameters
        ----------
        n : numpy.ndarray
            Frames in ascending order, shape (count,).
        context : RenderContext
            The render context.
        offset : float
            How much later in the cycle it is, such as 0.25.

        Returns
        -------
        numpy.ndarray
            Values from -1 to 1, shape (count,).
        """
        values = np.empty(len(n))
        spans = list(self._spans(context))
        edges = [0, *np.searchsorted(n, [float(start) for start, _, _ in spans[1:]]), len(n)]
        for (start, phase, speed), low, high in zip(spans, edges[:-1], edges[1:], strict=True):
            cycles = (n[low:high] - float(start)) * float(speed) + (float(phase) + offset)
            edge = min(_EDGE_S * context.rate * float(speed), 0.25)
            values[low:high] = _shape(self.shape, cycles % 1.0, edge)
        return values

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


def _shape(shape: str, x: np.ndarray, edge: float) -> np.ndarray:
    """A shape at phases from 0 to 1; its jumps last `edge` cycles."""
    if shape == "sine":
        return np.sin(2 * np.pi * x)
    if shape == "triangle":
        return 4 * np.abs((x - 0.25) % 1.0 - 0.5) - 1
    if shape == "square":
        return np.where(x < 0.5, 1, -1) * (2 * _rise(x % 0.5 / edge) - 1)
    blend = _rise(x / edge)
    return (1 - blend) + blend * (2 * x - 1)


def _rise(x: np.ndarray) -> np.ndarray:
    """A raised cosine from 0 at x = 0 to 1 at x = 1, and 1 after that."""
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(x, 1.0))
