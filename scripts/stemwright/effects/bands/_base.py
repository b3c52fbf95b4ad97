"""The base class of the bands of an equaliser, and the keys that several of them have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Annotated, Any, ClassVar

import numpy as np

from stemwright.audio.biquads import butterworth
from stemwright.effects._butterworth import Cutoff, Order
from stemwright.music.component import Component
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

Gain = Annotated[float, Field("Boost, or cut if it is negative.", "dB", ge=-40, le=40, automatable=True)]
Q = Annotated[
    float,
    Field(
        "Steepness of its slope; above 0.71 it overshoots before and after it.",
        ge=0.1,
        le=4,
        automatable=True,
    ),
]


@dataclass(frozen=True)
class Band(Component):
    """Base of a band: a frozen dataclass of its keys."""

    frequency_hz: Annotated[float, Field("Its frequency.", "Hz", ge=10, le=96_000, automatable=True)]

    def sections(self, rate: int, passes: int) -> np.ndarray:
        """Its filter for one of `passes` equal ones that have its gain together: rows b0 b1 b2 a0 a1 a2."""
        raise NotImplementedError

    def extremes(self, context: RenderContext, passes: int) -> np.ndarray:
        """Its filters at the ends of what its keys move through, in a row: at one of them it rings longest."""
        names, ranges = zip(
            *((name, curve.range) for name, curve in self.key_curves(context).items()), strict=True
        )
        ends = (dict(zip(names, values, strict=True)) for values in set(product(*ranges)))
        return np.concatenate([replace(self, **values).sections(context.rate, passes) for values in ends])

    def sections_at(self, n: np.ndarray, context: RenderContext, passes: int) -> np.ndarray:
        """The same of a band that moves.

        Parameters
        ----------
        n : numpy.ndarray
            Frames, shape (count,).
        context : RenderContext
            The render context.
        passes : int
            How often the band is run through.

        Returns
        -------
        numpy.ndarray
            Shape (count, sections, 6).
        """
        curves = self.key_curves(context)
        values: dict[str, Any] = {
            name: curve.at(n) if curve.constant is None else curve.constant for name, curve in curves.items()
        }
        sections = replace(self, **values).sections(context.rate, passes)
        return np.broadcast_to(sections, (len(n), *sections.shape[-2:]))


@dataclass(frozen=True)
class Butterworth(Band):
    """Base of the low-pass and the high-pass."""

    shape: ClassVar[str]
    """`low` or `high`."""

    frequency_hz: Cutoff
    order: Order = 2

    def sections(self, rate: int, passes: int) -> np.ndarray:
        return butterworth(self.order, self.frequency_hz, self.shape, rate)
