"""A parametric equaliser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.biquads import decay_frames, filtered, filtered_both_ways
from stemwright.effects import bands
from stemwright.effects._base import Effect
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

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from super().problems(context)
        for index, band in enumerate(self.bands):
            for kind, keys in band.items():
                if keys["frequency_hz"] >= context.rate / 2:
                    message = f"must be below half the sample rate, {context.rate / 2:g} (is {keys['frequency_hz']:g})"
                    yield ("bands", index, kind, "frequency_hz"), message

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        passes = 2 if self.zero_phase else 1
        sections = np.concatenate([bands.make(band).sections(context.rate, passes) for band in self.bands])
        if self.zero_phase:
            return filtered_both_ways(sections, blocks, context.channels, decay_frames(sections))
        return filtered(sections, blocks, context.channels)
