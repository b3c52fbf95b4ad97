"""The base class of the Butterworth filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.biquads import butterworth, filtered, filtered_both_ways, nyquist_problem
from stemwright.audio.moving_filters import filtered_moving
from stemwright.effects._base import Effect
from stemwright.effects._reach import Reach, ringing
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

Cutoff = Annotated[
    float,
    Field("Cut-off frequency: 3 dB down (6 dB with zero_phase).", "Hz", ge=10, le=96_000, automatable=True),
]
Order = Annotated[int, Field("Order of the filter: a slope of 6 dB per octave for each.", ge=1, le=16)]


@dataclass(frozen=True)
class Butterworth(Effect):
    """A Butterworth filter, which is maximally flat in its pass band."""

    sum_law = "linear"
    shape: ClassVar[str]
    """`low` or `high`."""

    cutoff_hz: Cutoff
    order: Order = 4
    zero_phase: Annotated[
        bool,
        Field(
            "Filter forwards, then backwards: no phase shift and twice the slope, but ringing before the sound."
        ),
    ] = False

    def check(self, context: RenderContext) -> None:
        curve = self.curve_of("cutoff_hz", context)
        if problem := nyquist_problem(curve.range[1], context.rate):
            raise ValueError(f"cutoff_hz {problem}")
        if self.zero_phase and curve.constant is None:
            raise ValueError("cutoff_hz cannot move with zero_phase: remove zero_phase, or give one number")

    def reach(self, context: RenderContext) -> Reach:
        ends = self.curve_of("cutoff_hz", context).range
        frames = max(ringing(butterworth(self.order, end, self.shape, context.rate)) for end in ends)
        return Reach(frames, frames if self.zero_phase else 0)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        cutoff = self.curve_of("cutoff_hz", context)

        def sections_at(cutoff_hz: np.ndarray | float) -> np.ndarray:
            return butterworth(self.order, cutoff_hz, self.shape, context.rate)

        if cutoff.constant is None:
            return filtered_moving(lambda n: sections_at(cutoff.at(n)), blocks, context.channels)
        sections = sections_at(cutoff.constant)
        if not self.zero_phase:
            return filtered(sections, blocks, context.channels)
        ring = int(
            10 * self.order * context.rate / cutoff.constant
        )  # frames until the response has decayed below 1e-12
        return filtered_both_ways(sections, blocks, context.channels, ring)
