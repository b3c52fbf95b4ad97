"""A de-esser: a high shelf that is lowered while the band above its frequency is loud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, fit
from stemwright.audio.biquads import at_rest, butterworth, filter_rows, filtered, nyquist_problem
from stemwright.base.decibels import amplitude
from stemwright.effects._base import GainEffect, paired, with_values
from stemwright.effects._dynamics import compressed, loudest
from stemwright.effects._reach import Reach, ringing, settled
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class DeEsser(GainEffect):
    """A de-esser: lowers the band above a frequency while that band is louder than a threshold."""

    example = "{frequency_hz: 6000, threshold_db: -30, ratio: 4}"
    adds_frequencies = False

    threshold_db: Annotated[
        float,
        Field("Peak level of the band above which it is lowered.", "dBFS", ge=-80, le=0, automatable=True),
    ]
    frequency_hz: Annotated[float, Field("Lower end of the band.", "Hz", ge=1_000, le=20_000)] = 6_000.0
    ratio: Annotated[
        float, Field("Ratio of input to output decibels above the threshold.", ge=1, le=100, automatable=True)
    ] = 4.0
    range_db: Annotated[
        float, Field("The most by which the band is lowered.", "dB", ge=0, le=40, automatable=True)
    ] = 12.0
    attack_ms: Annotated[
        float, Field("Attack time, to 99.8 % of a step.", "ms", ge=0.01, le=1_000, automatable=True)
    ] = 1.0
    release_ms: Annotated[
        float, Field("Release time, to 99.8 % of a step.", "ms", ge=1, le=10_000, automatable=True)
    ] = 80.0

    def check(self, context: RenderContext) -> None:
        if problem := nyquist_problem(self.frequency_hz, context.rate):
            raise ValueError(f"frequency_hz {problem}")

    def reach(self, context: RenderContext) -> Reach:
        band = ringing(butterworth(2, self.frequency_hz, "high", context.rate))
        return Reach(band + settled(self.key_curves(context), context.rate))

    def gains(self, blocks: Stream, context: RenderContext) -> Stream:
        curves = self.key_curves(context)
        whole = fit(blocks, context.frames, context.channels)
        high = butterworth(2, self.frequency_hz, "high", context.rate)
        band = (np.abs(block) for block in filtered(high, whole, context.channels))
        unlimited = compressed(loudest(band), 1, context, curves)
        for gains, _, range_db in with_values(unlimited, curves["range_db"]):
            yield np.maximum(gains, amplitude(-range_db))

    def apply(self, blocks: Stream, gains: Stream, context: RenderContext) -> Stream:
        """The input through a Butterworth high shelf of second order that has the gain g at its upper end.

        Its analogue prototype (g s² + √(2g) s + 1) / (s² + √2 s + 1), whose magnitude is √((1 + g² ω⁴) / (1 + ω⁴)), is
        1 − (1 − g) H − (1 − √g) B with the high-pass H and the band-pass B, which do not change. At g = 1 the input is
        unchanged.
        """
        (low,), (high,) = (
            butterworth(2, self.frequency_hz, shape, context.rate) for shape in ("low", "high")
        )
        middle = high.copy()
        middle[:3] = high[3:] - low[:3] - high[:3]  # the three add up to 1
        sections = [high[None], middle[None]]
        states = [at_rest(section, context.channels) for section in sections]
        for block, gain in paired(blocks, gains):
            bands = [np.array(block.T, order="C") for _ in sections]
            for section, rows, state in zip(sections, bands, states, strict=True):
                filter_rows(section, rows, state)
            upper, around = (rows.T for rows in bands)
            yield block - (1 - gain) * upper - (1 - np.sqrt(gain)) * around
