"""A reverb (pedalboard's, which is Freeverb)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, copies
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect, added, scaled
from stemwright.effects._reach import Reach, echoing
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import round_half_up
from stemwright.validation.fields import Field

_HEADROOM = 2.0**16

_FEEDBACK = 0.7, 0.28
"""The feedback of Freeverb's combs in the smallest room, and how much more it is in the largest (tuning.h)."""

_LONGEST_COMB_S = (1617 + 23) / 44_100
_ALL_PASSES_S = tuple((frames + 23) / 44_100 for frames in (556, 441, 341, 225))
_ALL_PASS_FEEDBACK = 0.5
"""The lengths of its longest comb and of its all-passes, with the spread of its channels (tuning.h)."""


@dataclass(frozen=True)
class Reverb(Effect):
    """A reverb: the sound of a room."""

    example = "{room_size: 0.7, wet_level: 0.2, dry_level: 0.45}"
    adds_frequencies = False
    sum_law = "linear"

    room_size: Annotated[float, Field("Size of the room.", ge=0, le=1, automatable=True)] = 0.5
    damping: Annotated[float, Field("How fast high frequencies decay.", ge=0, le=1, automatable=True)] = 0.5
    wet_level: Annotated[float, Field("Level of the reverb.", ge=0, le=1, automatable=True)] = 0.33
    dry_level: Annotated[
        float,
        Field(
            "Level of the direct sound: 0.5 leaves it unchanged, 1 is 6 dB more.",
            ge=0,
            le=1,
            automatable=True,
        ),
    ] = 0.4
    width: Annotated[float, Field("Stereo width of the reverb.", ge=0, le=1, automatable=True)] = 1.0

    pre_delay_ms: Annotated[
        float, Field("Delay of the reverb, not of the direct sound.", "ms", ge=0, le=1_000)
    ] = 0.0

    def reach(self, context: RenderContext) -> Reach:
        largest = self.curve_of("room_size", context).range[1]
        combs = echoing(_FEEDBACK[0] + _FEEDBACK[1] * largest, _LONGEST_COMB_S * context.rate)
        passes = echoing(_ALL_PASS_FEEDBACK, sum(_ALL_PASSES_S) * context.rate)
        return Reach(round(self.pre_delay_ms / 1_000 * context.rate) + combs + passes)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        curves = self.key_curves(context)
        pre_delay = round_half_up(Fraction(self.pre_delay_ms) * context.rate / 1000)
        if not pre_delay:
            yield from _run(curves, blocks, context)
            return
        heard, direct = copies(blocks)
        delayed = chain([np.zeros((pre_delay, context.channels))], heard)
        wet = _run(curves | {"dry_level": Curve.of(0)}, delayed, context)
        doubled = (2 * block for block in direct)  # as pedalboard scales its direct sound
        yield from added(scaled(doubled, curves["dry_level"]), wet)


def _run(curves: Mapping[str, Curve], blocks: Stream, context: RenderContext) -> Stream:
    """Run the plugin at a level that is higher by 2^16, which binary numbers hold exactly.

    JUCE rounds what circulates in its filters to multiples of about 1e-8, against denormals. At this level, these
    errors lie below those of 32-bit floats.
    """
    import pedalboard

    louder = (block * _HEADROOM for block in blocks)
    for block in _pedalboard.run_plugin(pedalboard.Reverb(), louder, context, curves):
        yield block / _HEADROOM
