"""What the Butterworth filters share."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Annotated, ClassVar

import numpy as np

from stemwright.audio import Spool, Stream
from stemwright.audio.biquads import butterworth, filtered
from stemwright.canvas import Canvas
from stemwright.effects._base import Effect
from stemwright.spec.keys import Key


@dataclass(frozen=True)
class Butterworth(Effect):
    """A filter that is maximally flat in its pass band."""

    shape: ClassVar[str]

    cutoff_hz: Annotated[
        float, Key("Where the response is 3 dB down (6 dB with zero_phase).", "Hz", ge=10, le=96_000)
    ]
    order: Annotated[int, Key("Steepness: 6 dB an octave for each.", ge=1, le=16)] = 4
    zero_phase: Annotated[
        bool,
        Key(
            "Filter forwards, then backwards: no phase shift, twice the steepness, but it rings before the sound."
        ),
    ] = False

    def check(self, canvas: Canvas) -> None:
        if self.cutoff_hz >= canvas.rate / 2:
            raise ValueError(
                f"cutoff_hz must be below half the sample rate, {canvas.rate / 2:g} (is {self.cutoff_hz:g})"
            )

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        sections = butterworth(self.order, self.cutoff_hz, self.shape, canvas.rate)
        if not self.zero_phase:
            yield from filtered(sections, blocks, canvas.channels)
            return
        ring = int(10 * self.order * canvas.rate / self.cutoff_hz)  # by then it has died away below 1e-12
        silence = np.zeros((ring, canvas.channels))
        forward = Spool(canvas.channels, filtered(sections, chain(blocks, [silence]), canvas.channels))
        backward = Spool(canvas.channels, filtered(sections, forward.reversed_blocks(), canvas.channels))
        yield from backward.reversed_blocks()
