"""A parametric equaliser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.biquads import decay_frames, filtered, filtered_both_ways, nyquist_problem
from stemwright.audio.moving_filters import filtered_moving
from stemwright.effects._base import Effect
from stemwright.effects._reach import Reach, ringing
from stemwright.effects.bands import Band, make
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Field

_PACKAGE = "stemwright.effects.bands"


@dataclass(frozen=True)
class Eq(Effect):
    """A parametric equaliser: bands in any number. Each is a kind and its keys.

    With zero_phase, peaks and shelves keep their gain; low-passes and high-passes have twice their slope.
    """

    example = """
      bands:
        - highpass: {frequency_hz: 80, order: 4}
        - peak: {frequency_hz: 400, gain_db: -3, q: 1.2}
        - high_shelf: {frequency_hz: 8000, gain_db: 2.5}"""
    adds_frequencies = False
    sum_law = "linear"

    bands: Annotated[
        list[Annotated[dict, Choice(_PACKAGE)]],
        Field("The bands, such as peak: {frequency_hz: 400, gain_db: -3}.", min_length=1),
    ]
    zero_phase: Annotated[
        bool, Field("Filter forwards, then backwards: no phase shift, but ringing before the sound.")
    ] = False

    def modules(self) -> list[str]:
        return [registry.module_name(_PACKAGE, kind) for band in self.bands for kind in band]

    @property
    def needs_timeline(self) -> bool:
        return any(band.needs_timeline for _, band in self._bands())

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from super().problems(context)
        for place, band in self._bands():
            found = list(band.problems(context))
            yield from (((*place, *where), message) for where, message in found)
            highest = 0.0 if found else band.curve_of("frequency_hz", context).range[1]
            if problem := nyquist_problem(highest, context.rate):
                yield (*place, "frequency_hz"), problem
            if not found and self.zero_phase and _moves(band, context):
                yield place, "cannot move with zero_phase: remove zero_phase, or give numbers"

    def reach(self, context: RenderContext) -> Reach:
        passes = 2 if self.zero_phase else 1
        frames = ringing(np.concatenate([band.extremes(context, passes) for _, band in self._bands()]))
        return Reach(frames, frames if self.zero_phase else 0)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        passes = 2 if self.zero_phase else 1

        def sections_at(n: np.ndarray) -> np.ndarray:
            return np.concatenate([band.sections_at(n, context, passes) for _, band in self._bands()], axis=1)

        if any(_moves(band, context) for _, band in self._bands()):
            return filtered_moving(sections_at, blocks, context.channels)
        sections = sections_at(np.zeros(1))[0]
        if self.zero_phase:
            return filtered_both_ways(sections, blocks, context.channels, decay_frames(sections))
        return filtered(sections, blocks, context.channels)

    def _bands(self) -> list[tuple[tuple, Band]]:
        """Each band, with its place in the keys."""
        return [
            (("bands", index, kind), make({kind: keys}))
            for index, band in enumerate(self.bands)
            for kind, keys in band.items()
        ]


def _moves(band: Band, context: RenderContext) -> bool:
    return any(curve.constant is None for curve in band.key_curves(context).values())
