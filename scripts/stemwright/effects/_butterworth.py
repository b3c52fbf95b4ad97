"""The base class of the Butterworth filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.biquads import butterworth, filtered, filtered_both_ways
from stemwright.audio.moving_filters import filtered_moving
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Butterworth(Effect):
    """A Butterworth filter, which is maximally flat in its pass band."""

    sum_law = "linear"
    shape: ClassVar[str]
    """`low` or `high`."""

    cutoff_hz: Annotated[
        float,
        Field(
            "Cut-off frequency: 3 dB down (6 dB with zero_phase).", "Hz", ge=10, le=96_000, automatable=True
        ),
    ]
    order: Annotated[int, Field("Order of the filter: a slope of 6 dB per octave for each.", ge=1, le=16)] = 4
    zero_phase: Annotated[
        bool,
        Field(
            "Filter forwards, then backwards: no phase shift and twice the slope, but ringing before the sound."
        ),
    ] = False

    def check(self, context: RenderContext) -> None:
        curve = self.curve_of("cutoff_hz", context)
        highest = curve.range[1]
        if highest >= context.rate / 2:
            raise ValueError(
                f"cutoff_hz must be below half the sample rate, {context.rate / 2:g} (is {highest:g})"
            )
        if self.zero_phase and curve.constant is None:
            raise ValueError("cutoff_hz cannot move with zero_phase: remove zero_phase, or give one number")

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        keys, curves = self.resolved(context)

        def sections_at(cutoff_hz: Any) -> np.ndarray:
            return butterworth(self.order, cutoff_hz, self.shape, context.rate)

        if curves:
            cutoff = curves["cutoff_hz"]
            return filtered_moving(lambda n: sections_at(cutoff.at(n)), blocks, context.channels)
        sections = sections_at(keys.cutoff_hz)
        if not self.zero_phase:
            return filtered(sections, blocks, context.channels)
        ring = int(
            10 * self.order * context.rate / keys.cutoff_hz
        )  # frames until the response has decayed below 1e-12
        return filtered_both_ways(sections, blocks, context.channels, ring)
